"""Forward and backward of one layer as a convolution and as a matrix product; the table of docs/convolutions.md.

    /usr/bin/python3 benchmarks/peers/convolution_as_product.py
"""
import time

import torch
import torch.nn.functional as F

BATCH = 128
LAYERS = [  # kernel, channels in, channels out, image size, stride
    (1, 512, 2048, 1, 1), (1, 2048, 512, 1, 1), (1, 256, 1024, 2, 1), (1, 1024, 256, 2, 1), (1, 128, 512, 4, 1),
    (1, 64, 256, 8, 1), (1, 256, 64, 16, 1), (1, 128, 512, 16, 1), (1, 1024, 2048, 2, 2), (1, 512, 1024, 4, 2),
    (1, 256, 512, 8, 2), (3, 512, 512, 1, 1), (3, 512, 512, 2, 1), (3, 256, 256, 2, 1), (3, 256, 256, 4, 1),
    (3, 128, 128, 4, 1), (3, 64, 64, 8, 1), (3, 512, 512, 2, 2), (3, 256, 256, 4, 2), (3, 128, 128, 8, 2),
]


def best_milliseconds(run, repeats=4):
    run()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return 1e3 * min(times)


def as_product(x, weight, stride, size):
    kernel = weight.shape[2]
    pixels = F.pad(x.permute(0, 2, 3, 1), (0, 0) + (kernel // 2,) * 4)
    last = (size - 1) * stride + 1
    windows = [pixels[:, i:i + last:stride, j:j + last:stride] for i in range(kernel) for j in range(kernel)]
    rows = windows[0] if kernel == 1 else torch.cat(windows, 3)
    product = F.linear(rows.reshape(-1, rows.shape[3]), weight.permute(0, 2, 3, 1).flatten(1))
    return product.view(x.shape[0], size, size, -1).permute(0, 3, 1, 2)


torch.set_num_threads(2)
print("| type | kernel | in | out | image | stride | convolution ms | product ms | ratio |\n|" + " --- |" * 9)
for dtype in (torch.bfloat16, torch.float32):
    for kernel, channels, out, image, stride in LAYERS:
        size = (image - 1) // stride + 1
        x = torch.randn(BATCH, channels, image, image).to(dtype).to(memory_format=torch.channels_last).requires_grad_()
        weight = (0.05 * torch.randn(out, channels, kernel, kernel)).to(dtype).requires_grad_()
        gradient = torch.randn(BATCH, out, size, size).to(dtype).to(memory_format=torch.channels_last)
        convolution = best_milliseconds(lambda: F.conv2d(x, weight, stride=stride, padding=kernel // 2).backward(gradient))
        product = best_milliseconds(lambda: as_product(x, weight, stride, size).backward(gradient))
        print(f"| {str(dtype)[6:]} | {kernel} | {channels} | {out} | {image} | {stride} | {convolution:.2f} | {product:.2f} "
              f"| {convolution / product:.2f} |", flush=True)
