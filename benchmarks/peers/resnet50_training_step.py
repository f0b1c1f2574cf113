"""PyTorch's side of `training-step`: takes one ResNet-50 training step per line on standard input, prints its milliseconds.

    resnet50_training_step.py IMAGE_SIZE BATCH float32|bfloat16 nchw|channels-last THREADS default|keep
"""
import ctypes
import sys
import time

import torch
import torchvision


class CastingConv2d(torch.nn.Conv2d):
    """Computes in the type of its input; the weight stays float32 and is cast in every step."""

    def forward(self, x):
        return self._conv_forward(x, self.weight.to(x.dtype), None)


def main(image_size, batch, precision, layout, threads, pages):
    torch.set_num_threads(int(threads))
    if pages == "keep":
        trim_threshold, mapped_regions_max = -1, -4  # glibc's malloc.h
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(mapped_regions_max, 0)
        libc.mallopt(trim_threshold, 2**31 - 1)

    torch.manual_seed(1)
    model = torchvision.models.resnet50()
    images = torch.randn(int(batch), 3, int(image_size), int(image_size))
    if precision == "bfloat16":
        images = images.bfloat16()
        for module in model.modules():
            if isinstance(module, torch.nn.Conv2d):
                module.__class__ = CastingConv2d
        model.fc.register_forward_pre_hook(lambda _, inputs: (inputs[0].float(),))
    if layout == "channels-last":
        model = model.to(memory_format=torch.channels_last)
        images = images.contiguous(memory_format=torch.channels_last)
    labels = torch.randint(1000, (int(batch),))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4, nesterov=True)

    for _ in sys.stdin:
        start = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        loss = torch.nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
        loss.item()
        print(1000 * (time.perf_counter() - start), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
