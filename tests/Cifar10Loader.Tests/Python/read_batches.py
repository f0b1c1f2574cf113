"""Reads binary CIFAR-10 batches as PyTorch code does, prints what it found, and writes the python version.

Usage: read_batches.py BINARY_DIRECTORY PYTHON_ROOT
Output: class names, then for each split the labels and the SHA-256 of all images as torchvision gives them (H x W x 3).
"""
import hashlib
import os
import pickle
import sys

import numpy as np
import torchvision

binary, root = sys.argv[1:]
folder = os.path.join(root, "cifar-10-batches-py")
os.makedirs(folder)

with open(os.path.join(binary, "batches.meta.txt")) as file:
    names = file.read().split()
with open(os.path.join(folder, "batches.meta"), "wb") as file:
    pickle.dump({"label_names": names, "num_vis": 3072}, file)

for name in ["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"]:
    records = np.fromfile(os.path.join(binary, name + ".bin"), dtype=np.uint8).reshape(-1, 3073)
    with open(os.path.join(folder, name), "wb") as file:
        pickle.dump({"data": records[:, 1:].copy(), "labels": [int(label) for label in records[:, 0]]}, file)


class AnyChecksum(torchvision.datasets.CIFAR10):
    """torchvision's own reader, without the checksums of the published files."""

    train_list = [[name, None] for name, _ in torchvision.datasets.CIFAR10.train_list]
    test_list = [[name, None] for name, _ in torchvision.datasets.CIFAR10.test_list]
    meta = {**torchvision.datasets.CIFAR10.meta, "md5": None}


for train in (True, False):
    dataset = AnyChecksum(root, train=train)
    if train:
        print(" ".join(dataset.classes))
    print(" ".join(str(label) for label in dataset.targets))
    print(hashlib.sha256(np.ascontiguousarray(dataset.data).tobytes()).hexdigest())
