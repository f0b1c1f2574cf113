#!/usr/bin/python3
"""The peer of 'image-pipeline': torchvision's ImageFolder and ToTensor through a DataLoader.

    image_pipeline.py FOLDER WORKERS

Prints the number of images, the seconds, and the mean pixel.
"""
import sys
import time

import torch
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from torchvision.transforms import ToTensor


def main():
    folder, workers = sys.argv[1], int(sys.argv[2])
    torch.set_num_threads(1)
    loader = DataLoader(ImageFolder(folder, ToTensor()), batch_size=128, num_workers=workers)

    images, total = 0, 0.0
    start = time.perf_counter()
    for batch, _ in loader:
        images += batch.shape[0]
        total += batch.sum(dtype=torch.float64).item()
    seconds = time.perf_counter() - start
    print(images, seconds, total / (images * batch[0].numel()))


main()
