"""Writes what a plain PyTorch ShuffleNetV1 gives on weights that any program can compute, for GoldenNetworkTests.

    python3 shufflenet_v1.py        (into the folder it is started in; needs torch and numpy)

shufflenet_v1.json    logits of both orders of the shuffle, and a training step, on the formula's weights, images and labels
authors-g8-0.25x.safetensors
                      weights of the authors' order in float16, 4 classes; their logits are in the JSON file

The network is written from the paper (order 'paper') and from the description of its authors' code (order 'authors': shuffle
after the depthwise convolution, channels as [channels of a group, groups], ReLU before the concatenation, a classifier
without bias). All is computed in float64.
"""
import json
import struct
import sys
from pathlib import Path

import torch
from torch import nn

sys.path.append(str(Path(__file__).resolve().parents[2] / "Shared" / "Families"))
import formula

torch.set_num_threads(1)


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


GRADIENTS = ["first_conv.0.weight", "first_conv.1.bias", "features.0.branch_main_1.0.weight", "features.0.branch_main_1.3.weight",
             "features.1.branch_main_1.0.weight", "features.4.branch_main_2.0.weight", "features.9.branch_main_1.4.weight",
             "features.15.branch_main_2.1.bias", "classifier.0.weight", "classifier.0.bias"]


def build(variant, order, classes=10, rounding=torch.float32):
    network = ShuffleNet(*VARIANTS[variant], order, classes)
    return network, formula.fill(network, rounding)


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
    result = {order: {v: formula.evaluate(build(v, order)[0], size[VARIANTS[v][3]]) for v in VARIANTS} for order in ("paper", "authors")}
    result["training"] = formula.train(build("shufflenetv1 g3 0.5x stem=imagenet", "paper")[0], 64, GRADIENTS)
    network, state = build("shufflenetv1 g8 0.25x stem=strided", "authors", classes=4, rounding=torch.float16)
    result["file"] = formula.evaluate(network, 48)
    save("authors-g8-0.25x.safetensors", state)
    formula.write("shufflenet_v1.json", result)
