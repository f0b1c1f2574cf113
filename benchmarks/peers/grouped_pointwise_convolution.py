"""Formulations of ShuffleNet's grouped 1x1 convolution: forward and backward of one layer, as a table in Markdown.

    OMP_NUM_THREADS=2 python3 grouped_pointwise_convolution.py [--batch 128] [--repeats 3] [--only bfloat16|float32]

Every formulation but the last takes and gives images with all channels in one tensor. 'apart' takes and gives one tensor per
group, as the units of the network can when they keep their groups apart from one layer to the next.
"""
import argparse
import time

import torch
import torch.nn.functional as F

import peer

NETWORKS = {"2x g3": (3, 480), "1x g3": (3, 240), "1x g8": (8, 384)}
# What an image of 32 pixels (two stems) and of 224 becomes in the first stage; every further stage halves it.
FIRST_STAGE = {"32 px, Strided": 8, "32 px, Cifar": 16, "224 px, ImageNet": 28}


def rows(images):
    return images.permute(0, 2, 3, 1).reshape(-1, images.shape[1])


def images(rows, like):
    n, _, h, w = like.shape
    return rows.view(n, h, w, -1).permute(0, 3, 1, 2)


def convolution(x, w, groups):
    return F.conv2d(x, w.flatten(0, 1)[:, :, None, None], groups=groups)


def batched(x, w, groups):
    r = rows(x)
    y = torch.bmm(r.view(len(r), groups, -1).transpose(0, 1), w.transpose(1, 2))
    return images(y.transpose(0, 1).reshape(len(r), -1), x)


def dense(x, w, groups):
    return images(F.linear(rows(x), torch.block_diag(*w.unbind())), x)


def split(x, w, groups):
    return torch.cat([images(F.linear(rows(part), v), x) for part, v in zip(x.chunk(groups, 1), w.unbind())], 1)


def apart(xs, w, groups):
    return [images(F.linear(rows(x), v), x) for x, v in zip(xs, w.unbind())]


def median_ms(function, repeats):
    times = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return sorted(times[1:])[(repeats - 1) // 2] * 1e3


def measure(formulation, x, w, groups, repeats):
    """Milliseconds forward, and backward to input and weight."""
    xs = x if isinstance(x, list) else [x]
    with torch.no_grad():
        forward = median_ms(lambda: formulation(x, w, groups), repeats)
    y = formulation(x, w, groups)
    ys = y if isinstance(y, list) else [y]
    gradients = [torch.randn_like(part) for part in ys]
    backward = median_ms(lambda: torch.autograd.grad(ys, [*xs, w], gradients, retain_graph=True), repeats)
    return forward, backward


def main():
    peer.keep_freed_pages()
    parser = argparse.ArgumentParser()
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", choices=["bfloat16", "float32"])
    arguments = parser.parse_args()
    formulations = [("conv NCHW", convolution), ("conv channels-last", convolution), ("batched", batched), ("split", split),
                    ("block-diagonal", dense), ("apart", apart)]
    for name in [arguments.only] if arguments.only else ["bfloat16", "float32"]:
        kind = getattr(torch, name)
        print(f"\n{name}, forward + backward, ms\n")
        print("| network | images | channels | side | " + " | ".join(n for n, _ in formulations) + " |")
        print("| --- | --- | --- | ---: |" + " ---: |" * len(formulations), flush=True)
        for network, (groups, channels) in NETWORKS.items():
            for size, first_side in FIRST_STAGE.items():
                # An image of 224 pixels is twelve times one of 32 with the strided stem.
                batch = arguments.batch // 8 if "224" in size else arguments.batch
                for stage in range(3):
                    outputs, side = channels << stage, first_side >> stage
                    for c, o in ((outputs, outputs // 4), (outputs // 4, outputs)):
                        cells = []
                        for label, formulation in formulations:
                            x = torch.randn(batch, c, side, side).to(kind)
                            w = torch.randn(groups, o // groups, c // groups).to(kind).requires_grad_()
                            if label != "conv NCHW":
                                x = x.contiguous(memory_format=torch.channels_last)
                            if label == "apart":
                                x = [part.contiguous(memory_format=torch.channels_last).requires_grad_() for part in x.chunk(groups, 1)]
                            else:
                                x.requires_grad_()
                            forward, backward = measure(formulation, x, w, groups, arguments.repeats)
                            cells.append(f"{forward:.2f} + {backward:.2f}")
                        print(f"| {network} | {size} | {c} to {o} | {side} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
