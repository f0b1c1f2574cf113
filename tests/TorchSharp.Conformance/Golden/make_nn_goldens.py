"""Writes nn.json beside itself: what PyTorch's modules and optimizers compute for small inputs.

    /usr/bin/python3 make_nn_goldens.py      (Debian's python3-torch, 1.13.1)

Names are "<case>/<what>".
"""
import torch
from torch import nn

import golden_file

torch.manual_seed(20240229)
goldens = {}


def keep(name, tensor):
    goldens[name] = tensor.detach().clone()


def layer(case, module, *shape):
    """Output and gradients of sum(output * weights) for one input."""
    for name, tensor in module.named_parameters():
        with torch.no_grad():
            tensor.copy_(torch.randn_like(tensor))
        keep(f"{case}/{name}", tensor)
    x = torch.randn(*shape, requires_grad=True)
    keep(f"{case}/input", x)
    output = module(x)
    weights = torch.randn_like(output)
    (output * weights).sum().backward()
    keep(f"{case}/output", output)
    keep(f"{case}/output_weights", weights)
    keep(f"{case}/input_grad", x.grad)
    for name, tensor in module.named_parameters():
        keep(f"{case}/{name}_grad", tensor.grad)
    for name, tensor in module.named_buffers():
        keep(f"{case}/{name}", tensor)


layer("conv", nn.Conv2d(3, 4, 3, stride=2, padding=1), 2, 3, 6, 5)
layer("conv_grouped", nn.Conv2d(4, 6, (3, 1), stride=(1, 2), padding=(1, 0), dilation=(2, 1), groups=2, bias=False),
      2, 4, 7, 5)
layer("conv_reflect", nn.Conv2d(2, 2, 3, padding=1, padding_mode="reflect"), 1, 2, 4, 4)
layer("batch_norm", nn.BatchNorm2d(3, eps=1e-3, momentum=0.3), 4, 3, 2, 2)
layer("batch_norm_eval", nn.BatchNorm2d(3).eval(), 2, 3, 2, 2)
layer("linear", nn.Linear(5, 3), 4, 5)
layer("relu", nn.ReLU(), 3, 4)
layer("max_pool", nn.MaxPool2d(3, stride=2, padding=1), 1, 2, 6, 7)
layer("max_pool_ceil", nn.MaxPool2d(2, ceil_mode=True), 1, 2, 5, 5)
layer("avg_pool", nn.AvgPool2d(3, stride=2, padding=1), 1, 2, 6, 7)
layer("avg_pool_no_pad_count", nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False), 1, 2, 6, 7)
layer("adaptive_pool", nn.AdaptiveAvgPool2d((2, 3)), 1, 2, 5, 7)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(4, 4, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, 4, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(4)

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(y)) + x)


class TinyResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.layer1 = nn.Sequential(Block(), Block())
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(4, 3)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        return self.fc(torch.flatten(self.avgpool(self.layer1(x)), 1))


network = TinyResNet()
for name, tensor in network.state_dict().items():
    if tensor.is_floating_point():
        with torch.no_grad():
            tensor.copy_(tensor + 0.1 * torch.rand_like(tensor))
    keep(f"resnet/state/{name}", tensor)
x = torch.randn(5, 3, 8, 8)
target = torch.tensor([0, 2, 1, 1, 0])
keep("resnet/input", x)
keep("resnet/target", target)
logits = network(x)
loss = nn.functional.cross_entropy(logits, target)
loss.backward()
keep("resnet/logits", logits)
keep("resnet/loss", loss)
for name, tensor in network.named_parameters():
    keep(f"resnet/grad/{name}", tensor.grad)
for name, tensor in network.named_buffers():
    keep(f"resnet/after/{name}", tensor)
network.eval()
keep("resnet/logits_eval", network(x))


def trajectory(case, make_optimizer):
    """Ten steps of a linear regression; the bias is a group with its own learning rate and no weight decay."""
    generator = torch.Generator().manual_seed(7)
    x, y = torch.randn(6, 4, generator=generator), torch.randn(6, 2, generator=generator)
    weight = torch.randn(2, 4, generator=generator).requires_grad_()
    bias = torch.randn(2, generator=generator).requires_grad_()
    for name, tensor in ("x", x), ("y", y), ("weight", weight), ("bias", bias):
        keep(f"optim/{name}", tensor)
    optimizer = make_optimizer([{"params": [weight]}, {"params": [bias], "lr": 0.05, "weight_decay": 0}])
    weights, biases = [], []
    for _ in range(10):
        optimizer.zero_grad()
        nn.functional.mse_loss(nn.functional.linear(x, weight, bias), y).backward()
        optimizer.step()
        weights.append(weight.detach().clone())
        biases.append(bias.detach().clone())
    keep(f"optim/{case}/weight", torch.stack(weights))
    keep(f"optim/{case}/bias", torch.stack(biases))


optim = torch.optim
trajectory("sgd", lambda groups: optim.SGD(groups, lr=0.1, weight_decay=0.01))
trajectory("sgd_momentum", lambda groups: optim.SGD(groups, lr=0.1, momentum=0.9, dampening=0.2, weight_decay=0.01))
trajectory("sgd_nesterov", lambda groups: optim.SGD(groups, lr=0.1, momentum=0.9, weight_decay=0.01, nesterov=True))
trajectory("adam", lambda groups: optim.Adam(groups, lr=0.1, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.01))
trajectory("adam_amsgrad", lambda groups: optim.Adam(groups, lr=0.1, amsgrad=True))
trajectory("adamw", lambda groups: optim.AdamW(groups, lr=0.1, betas=(0.8, 0.95), weight_decay=0.1))

golden_file.write("nn", goldens)
