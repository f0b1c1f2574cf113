"""Weights and images that any program can compute, and the files of the tests' Golden folders; FormulaWeights.cs has the same
arithmetic. Imported by the scripts of those folders, which say how they are run."""
import json

import numpy as np
import torch

MASK = (1 << 64) - 1


def values(name, count):
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
    scaled = values(name, int(np.prod(shape)))
    if len(shape) == 4:
        scaled = scaled * np.sqrt(6.0 / (shape[0] * shape[2] * shape[3]))
    elif len(shape) == 2:
        scaled = scaled * np.sqrt(1.0 / shape[1])
    elif name.endswith("running_var"):
        scaled = 1 + 0.5 * np.abs(scaled)
    elif name.endswith("weight"):
        scaled = 1 + 0.1 * scaled
    else:
        scaled = 0.1 * scaled
    return torch.from_numpy(scaled.astype(np.float32)).reshape(shape)


def fill(network, rounding=torch.float32):
    """Gives a network the formula's weights, in float64; returns them as the state dictionary that was loaded."""
    state = {name: value if name.endswith("num_batches_tracked") else weights(name, tuple(value.shape)).to(rounding).float()
             for name, value in network.state_dict().items()}
    network.load_state_dict(state)
    network.double()
    return state


def images(size):
    return torch.from_numpy(values("images", 4 * 3 * size * size).astype(np.float32)).double().reshape(4, 3, size, size)


def evaluate(network, size):
    """Logits of evaluation."""
    with torch.no_grad():
        return network.eval()(images(size)).flatten().tolist()


def train(network, size, names):
    """One training step: logits, loss, and the gradients of the parameters named."""
    logits = network.train()(images(size))
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor([3, 7, 0, 9]))
    loss.backward()
    gradients = {name: network.get_parameter(name).grad for name in names}
    return {
        "logits": logits.flatten().tolist(),
        "loss": loss.item(),
        "gradients": {name: {"norm": grad.norm().item(), "first": grad.flatten()[:16].tolist()} for name, grad in gradients.items()},
    }


def write(path, content):
    with open(path, "w", encoding="utf-8") as out:
        json.dump(content, out, indent=1)
        out.write("\n")
