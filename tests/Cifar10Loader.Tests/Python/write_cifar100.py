"""Writes a CIFAR-100 training set of two images in the python version. Usage: write_cifar100.py DIRECTORY"""
import os
import pickle
import sys

import numpy as np

folder = os.path.join(sys.argv[1], "cifar-100-python")
os.makedirs(folder)
data = np.array([[(7 * image + k) % 256 for k in range(3072)] for image in range(2)], dtype=np.uint8)
with open(os.path.join(folder, "train"), "wb") as file:
    pickle.dump({b"data": data, b"fine_labels": [3, 2], b"coarse_labels": [1, 0]}, file)
names = {"fine_label_names": ["apple", "pear", "wolf", "fox"], "coarse_label_names": ["fruit", "beast"]}
with open(os.path.join(folder, "meta"), "wb") as file:
    pickle.dump(names, file)
