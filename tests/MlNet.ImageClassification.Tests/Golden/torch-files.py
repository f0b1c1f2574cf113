"""Writes the .pth and .pt files beside it: the weights of the tests' network 'tiny8', as PyTorch saves them in various ways.

Written by PyTorch 1.13.1."""

import collections

import torch


class Tiny(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 8, 3, bias=False)
        self.norm = torch.nn.BatchNorm2d(8)
        self.fc = torch.nn.Linear(8, 3)

    def forward(self, x):
        return self.fc(self.norm(self.conv(x)).mean((2, 3)))


def eighths(tensor):
    return ((torch.arange(tensor.numel()) % 15 + 1) / 8).reshape(tensor.shape)


network = Tiny()
weights = collections.OrderedDict((name, eighths(values)) for name, values in network.state_dict().items())
weights["norm.num_batches_tracked"] = torch.tensor(7)
network.load_state_dict(weights)

torch.save(network.state_dict(), "tiny8.pth")

# A checkpoint of a training program: other things beside the weights, DataParallel's names, parameters instead of tensors, other
# types, and views of larger storages in another order.
transposed = weights["fc.weight"].t().contiguous().t()
row = torch.cat([torch.zeros(5), weights["norm.bias"], torch.zeros(3)])[5:13]
nested = collections.OrderedDict(("module." + name, values) for name, values in weights.items())
nested["module.conv.weight"] = torch.nn.Parameter(weights["conv.weight"].double())
nested["module.norm.weight"] = weights["norm.weight"].half()
nested["module.norm.running_var"] = weights["norm.running_var"].bfloat16()
nested["module.fc.weight"] = transposed
nested["module.norm.bias"] = row
torch.save({"epoch": 3, "best": 0.5, "arguments": ["a", None, True], "counts": torch.tensor([1, 2], dtype=torch.int32),
            "state_dict": nested}, "tiny8-checkpoint.pth")

torch.save(network.state_dict(), "tiny8-legacy.pth", _use_new_zipfile_serialization=False)
torch.save(network, "tiny8-module.pth")
torch.jit.script(network).save("tiny8-script.pt")
