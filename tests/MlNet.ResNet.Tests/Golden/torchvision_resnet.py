"""Writes what torchvision's ResNets give on weights that any program can compute, for TorchvisionAgreementTests.

    python3 torchvision_resnet.py        (into the folder it is started in; needs torch, torchvision and numpy)

state-dicts.txt   names and shapes of the state dictionary of every depth, 1000 classes
resnet18.json, resnet50.json
                  logits, loss and gradients on the formula's weights, images and labels, 10 classes

All is computed in float64: in float32 the sign of a value close to zero before a ReLU is a matter of luck, and one such
value moves gradients of a ResNet-50 by a percent.
"""
import sys
from pathlib import Path

import torch
import torchvision

sys.path.append(str(Path(__file__).resolve().parents[2] / "Shared" / "Families"))
import formula

torch.set_num_threads(2)
GRADIENTS = ["conv1.weight", "bn1.weight", "bn1.bias", "layer1.0.conv1.weight", "layer2.0.downsample.0.weight",
             "layer2.0.downsample.1.bias", "layer3.1.conv2.weight", "layer4.1.bn2.weight", "layer4.0.conv1.weight",
             "fc.weight", "fc.bias"]
STATISTICS = ["bn1.running_mean", "bn1.running_var", "layer4.1.bn2.running_mean", "layer4.1.bn2.running_var"]


def reference(depth):
    network = getattr(torchvision.models, f"resnet{depth}")(num_classes=10)
    formula.fill(network)
    evaluated = formula.evaluate(network, 64)
    step = formula.train(network, 64, GRADIENTS)
    return {
        "evalLogits": evaluated,
        "trainLogits": step["logits"],
        "loss": step["loss"],
        "gradients": step["gradients"],
        "statistics": {name: network.get_buffer(name).flatten()[:16].tolist() for name in STATISTICS},
    }


if __name__ == "__main__":
    with open("state-dicts.txt", "w", encoding="utf-8") as out:
        for depth in (18, 34, 50, 101, 152):
            for name, tensor in getattr(torchvision.models, f"resnet{depth}")().state_dict().items():
                out.write(f"resnet{depth} {name} [{','.join(map(str, tensor.shape))}]\n")
    for depth in (18, 50):
        formula.write(f"resnet{depth}.json", reference(depth))
