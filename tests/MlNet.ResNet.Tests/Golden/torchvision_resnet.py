"""Writes what torchvision's ResNets give on weights that any program can compute, for ResidualNetworkTests.

    python3 torchvision_resnet.py        (needs torch, torchvision and numpy)

state-dicts.txt   names and shapes of the state dictionary of every depth, 1000 classes
resnet18.json, resnet50.json
                  logits, loss and gradients on the formula's weights, images and labels, 10 classes

All is computed in float64: in float32 the sign of a value close to zero before a ReLU is a matter of luck, and one such
value moves gradients of a ResNet-50 by a percent.
"""
import json

import numpy as np
import torch
import torchvision

torch.set_num_threads(2)
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
    """Weights of the size that initialisation gives, so that signals neither vanish nor explode."""
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


def build(depth):
    network = getattr(torchvision.models, f"resnet{depth}")(num_classes=10)
    state = network.state_dict()
    network.load_state_dict({k: v if k.endswith("num_batches_tracked") else weights(k, tuple(v.shape)) for k, v in state.items()})
    return network.double()


def reference(depth):
    images = torch.from_numpy(formula("images", 4 * 3 * 64 * 64).astype(np.float32)).double().reshape(4, 3, 64, 64)
    labels = torch.tensor([3, 7, 0, 9])
    network = build(depth).eval()
    with torch.no_grad():
        evaluated = network(images)

    network.train()
    logits = network(images)
    loss = torch.nn.functional.cross_entropy(logits, labels)
    loss.backward()
    names = ["conv1.weight", "bn1.weight", "bn1.bias", "layer1.0.conv1.weight", "layer2.0.downsample.0.weight",
             "layer2.0.downsample.1.bias", "layer3.1.conv2.weight", "layer4.1.bn2.weight", "layer4.0.conv1.weight",
             "fc.weight", "fc.bias"]
    parameters = dict(network.named_parameters())
    buffers = dict(network.named_buffers())
    return {
        "evalLogits": evaluated.flatten().tolist(),
        "trainLogits": logits.flatten().tolist(),
        "loss": loss.item(),
        "gradients": {n: {"norm": parameters[n].grad.norm().item(), "first": parameters[n].grad.flatten()[:16].tolist()} for n in names},
        "statistics": {n: buffers[n].flatten()[:16].tolist() for n in
                       ["bn1.running_mean", "bn1.running_var", "layer4.1.bn2.running_mean", "layer4.1.bn2.running_var"]},
    }


if __name__ == "__main__":
    with open("state-dicts.txt", "w", encoding="utf-8") as out:
        for depth in (18, 34, 50, 101, 152):
            for name, tensor in getattr(torchvision.models, f"resnet{depth}")().state_dict().items():
                out.write(f"resnet{depth} {name} [{','.join(map(str, tensor.shape))}]\n")
    for depth in (18, 50):
        with open(f"resnet{depth}.json", "w", encoding="utf-8") as out:
            json.dump(reference(depth), out, indent=1)
            out.write("\n")
