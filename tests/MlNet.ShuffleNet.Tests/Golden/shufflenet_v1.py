"""Writes what a plain PyTorch ShuffleNetV1 gives on weights that any program can compute, for GoldenNetworkTests.

    python3 shufflenet_v1.py        (needs torch and numpy)

shufflenet_v1.json    logits of both orders of the shuffle, and a training step, on the formula's weights, images and labels
authors-g8-0.25x.safetensors
                      weights of the authors' order in float16, 4 classes; their logits are in the JSON file

The network is written from the paper (order 'paper') and from the description of its authors' code (order 'authors': shuffle
after the depthwise convolution, channels as [channels of a group, groups], ReLU before the concatenation, a classifier
without bias). All is computed in float64.
"""
import json
import struct

import numpy as np
import torch
from torch import nn

torch.set_num_threads(1)
MASK = (1 << 64) - 1


def formula(name, count):
    """Values in [-1, 1) that depend on the name: splitmix64 started at the FNV-1a hash of the name."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x100000001B3) & MASK
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(40)).astype(np.float64) / 2**23 - 1


def weights(name, shape):
    """Weights of the size that keeps signals from vanishing and exploding."""
    values = formula(name, int(np.prod(shape)))
    if len(shape) == 4:
        values = values * np.sqrt(6.0 / (shape[0] * shape[2] * shape[3]))
    elif len(shape) == 2:
        values = values * np.sqrt(1.0 / shape[1])
    elif name.endswith("running_var"):
        values = 1 + 0.5 * np.abs(values)
    elif name.endswith("weight"):
        values = 1 + 0.1 * values
    else:
        values = 0.1 * values
    return torch.from_numpy(values.astype(np.float32)).reshape(shape)


class Unit(nn.Module):
    def __init__(self, before, after, stride, first_groups, groups, order):
        super().__init__()
        middle = after // 4
        self.stride, self.groups, self.order = stride, groups, order
        self.branch_main_1 = nn.Sequential(
            nn.Conv2d(before, middle, 1, groups=first_groups, bias=False), nn.BatchNorm2d(middle), nn.ReLU(),
            nn.Conv2d(middle, middle, 3, stride, 1, groups=middle, bias=False), nn.BatchNorm2d(middle))
        new = after - before if stride == 2 else after
        self.branch_main_2 = nn.Sequential(nn.Conv2d(middle, new, 1, groups=groups, bias=False), nn.BatchNorm2d(new))

    def shuffle(self, x):
        n, c, h, w = x.shape
        first = self.groups if self.order == "paper" else c // self.groups
        return x.view(n, first, c // first, h, w).transpose(1, 2).reshape(n, c, h, w)

    def forward(self, x):
        if self.order == "paper":
            y = self.branch_main_2(self.branch_main_1[3:](self.shuffle(self.branch_main_1[:3](x))))
        else:
            y = self.branch_main_2(self.shuffle(self.branch_main_1(x)))
        if self.stride == 1:
            return torch.relu(x + y)
        pooled = nn.functional.avg_pool2d(x, 3, 2, 1)
        if self.order == "paper":
            return torch.relu(torch.cat([pooled, y], 1))
        return torch.cat([pooled, torch.relu(y)], 1)


class ShuffleNet(nn.Module):
    def __init__(self, groups, stem_channels, stage_channels, stem, order, classes):
        super().__init__()
        stride = 1 if stem == "cifar" else 2
        self.first_conv = nn.Sequential(
            nn.Conv2d(3, stem_channels, 3, stride, 1, bias=False), nn.BatchNorm2d(stem_channels), nn.ReLU())
        self.pool = nn.MaxPool2d(3, 2, 1) if stem == "imagenet" else nn.Identity()
        units, channels = [], stem_channels
        for stage, count in enumerate([4, 8, 4]):
            for index in range(count):
                first = 1 if stage == 0 and index == 0 else groups
                units.append(Unit(channels, stage_channels[stage], 2 if index == 0 else 1, first, groups, order))
                channels = stage_channels[stage]
        self.features = nn.Sequential(*units)
        self.classifier = nn.Sequential(nn.Linear(channels, classes, bias=order == "paper"))

    def forward(self, x):
        return self.classifier(self.features(self.pool(self.first_conv(x))).mean([2, 3]))


VARIANTS = {
    "shufflenetv1 g3 0.5x stem=imagenet": (3, 12, [120, 240, 480], "imagenet"),
    "shufflenetv1 g8 0.5x stem=strided": (8, 16, [192, 384, 768], "strided"),
    "shufflenetv1 g2 1x stem=cifar": (2, 24, [200, 400, 800], "cifar"),
    "shufflenetv1 g1 0.25x stem=strided": (1, 6, [36, 72, 144], "strided"),
    "shufflenetv1 g8 0.25x stem=strided": (8, 8, [96, 192, 384], "strided"),
}


def build(variant, order, classes=10, rounding=torch.float32):
    network = ShuffleNet(*VARIANTS[variant], order, classes)
    state = {name: value if name.endswith("num_batches_tracked") else weights(name, tuple(value.shape)).to(rounding).float()
             for name, value in network.state_dict().items()}
    network.load_state_dict(state)
    return network.double(), state


def images(size):
    return torch.from_numpy(formula("images", 4 * 3 * size * size).astype(np.float32)).double().reshape(4, 3, size, size)


def evaluated(network, size):
    with torch.no_grad():
        return network.eval()(images(size)).flatten().tolist()


def training_step(variant):
    network, _ = build(variant, "paper")
    network.train()
    logits = network(images(64))
    loss = nn.functional.cross_entropy(logits, torch.tensor([3, 7, 0, 9]))
    loss.backward()
    parameters = dict(network.named_parameters())
    names = ["first_conv.0.weight", "first_conv.1.bias", "features.0.branch_main_1.0.weight", "features.0.branch_main_1.3.weight",
             "features.1.branch_main_1.0.weight", "features.4.branch_main_2.0.weight", "features.9.branch_main_1.4.weight",
             "features.15.branch_main_2.1.bias", "classifier.0.weight", "classifier.0.bias"]
    return {
        "logits": logits.flatten().tolist(),
        "loss": loss.item(),
        "gradients": {n: {"norm": parameters[n].grad.norm().item(), "first": parameters[n].grad.flatten()[:16].tolist()} for n in names},
    }


def save(path, state):
    """The safetensors format, written by hand; names in order, as the tensors lie."""
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, value in state.items():
        counter = value.dtype == torch.int64
        part = (value if counter else value.half()).numpy().tobytes()
        header[name] = {"dtype": "I64" if counter else "F16", "shape": list(value.shape), "data_offsets": [len(data), len(data) + len(part)]}
        data += part
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text + data)


if __name__ == "__main__":
    size = {"imagenet": 64, "strided": 48, "cifar": 32}
    result = {order: {v: evaluated(build(v, order)[0], size[VARIANTS[v][3]]) for v in VARIANTS} for order in ("paper", "authors")}
    result["training"] = training_step("shufflenetv1 g3 0.5x stem=imagenet")
    network, state = build("shufflenetv1 g8 0.25x stem=strided", "authors", classes=4, rounding=torch.float16)
    result["file"] = evaluated(network, 48)
    save("authors-g8-0.25x.safetensors", state)
    with open("shufflenet_v1.json", "w", encoding="utf-8") as out:
        json.dump(result, out, indent=1)
        out.write("\n")
