"""PyTorch's side of `shufflenet-step`: takes one ShuffleNetV1 training step per line on standard input, prints its milliseconds.

    shufflenet_training_step.py GROUPS WIDTH imagenet|strided|cifar IMAGE_SIZE BATCH float32|bfloat16 nchw|channels-last THREADS default|keep

The network as its users write it: grouped convolutions, a shuffle by reshape and transpose.
"""
import sys

import torch
import torch.nn.functional as F
from torch import nn

import peer

FIRST_STAGE = {1: 144, 2: 200, 3: 240, 4: 272, 8: 384}


def conv(inputs, outputs, kernel, stride=1, groups=1):
    return peer.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)


class Unit(nn.Module):
    def __init__(self, inputs, outputs, groups, first):
        super().__init__()
        self.stride, self.groups, mid = 2 if inputs != outputs else 1, groups, outputs // 4
        computed = outputs - inputs if self.stride == 2 else outputs
        self.reduce, self.norm1 = conv(inputs, mid, 1, groups=1 if first else groups), nn.BatchNorm2d(mid)
        self.depthwise, self.norm2 = conv(mid, mid, 3, self.stride, mid), nn.BatchNorm2d(mid)
        self.expand, self.norm3 = conv(mid, computed, 1, groups=groups), nn.BatchNorm2d(computed)

    def forward(self, x):
        y = F.relu(self.norm1(self.reduce(x)), inplace=True)
        n, c, h, w = y.shape
        y = y.reshape(n, self.groups, c // self.groups, h, w).transpose(1, 2).reshape(n, c, h, w)
        y = self.norm3(self.expand(self.norm2(self.depthwise(y))))
        if self.stride == 2:
            return F.relu(torch.cat([F.avg_pool2d(x, 3, 2, 1), y], 1), inplace=True)
        return F.relu(x + y, inplace=True)


class ShuffleNet(nn.Module):
    def __init__(self, groups, width, stem):
        super().__init__()
        channels = {0.25: 6, 0.5: 12, 1: 24, 1.5: 24, 2: 48}[width]
        self.conv, self.norm = conv(3, channels, 3, 1 if stem == "cifar" else 2), nn.BatchNorm2d(channels)
        self.pool = nn.MaxPool2d(3, 2, 1) if stem == "imagenet" else nn.Identity()
        units = []
        for stage, count in enumerate([4, 8, 4]):
            outputs = int(FIRST_STAGE[groups] * width) << stage
            for _ in range(count):
                units.append(Unit(channels, outputs, groups, not units))
                channels = outputs
        self.units, self.classifier = nn.Sequential(*units), nn.Linear(channels, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.norm(self.conv(x)), inplace=True))
        return self.classifier(F.adaptive_avg_pool2d(self.units(x), 1).flatten(1).float())


def main(groups, width, stem, image_size, batch, precision, layout, threads, pages):
    torch.set_num_threads(int(threads))
    if pages == "keep":
        peer.keep_freed_pages()
    model = ShuffleNet(int(groups), float(width), stem)
    images = torch.randn(int(batch), 3, int(image_size), int(image_size)).to(getattr(torch, precision))
    peer.serve_training_steps(model, images, torch.randint(10, (int(batch),)), layout)


if __name__ == "__main__":
    main(*sys.argv[1:])
