"""Writes the pickles of this folder. Run by hand: python3 make_golden.py (needs numpy)."""
import os
import pickle

import numpy as np


def pixels(image):
    return [(7 * image + k) % 256 for k in range(3072)]


# Two images with the labels 3 and 9, pixel k of image i being (7 i + k) mod 256.
batch = {
    "batch_label": "a batch",
    "labels": [3, 9],
    "data": np.array([pixels(0), pixels(1)], dtype=np.uint8),
    "filenames": ["a.png", "b.png"],
}
for protocol in range(6):
    with open(f"batch_protocol{protocol}.pickle", "wb") as file:
        pickle.dump(batch, file, protocol)


class Call:
    def __init__(self, function, *arguments):
        self.function = function
        self.arguments = arguments

    def __reduce__(self):
        return self.function, self.arguments


with open("calls_system.pickle", "wb") as file:
    pickle.dump({"data": Call(os.system, "touch executed-by-a-pickle"), "labels": [0]}, file, 2)
with open("calls_eval.pickle", "wb") as file:
    pickle.dump({"data": Call(eval, "open('executed-by-a-pickle', 'w').close()"), "labels": [0]}, file, 4)
with open("column_major.pickle", "wb") as file:
    pickle.dump({**batch, "data": np.asfortranarray(batch["data"])}, file, 2)
with open("floats.pickle", "wb") as file:
    pickle.dump({**batch, "data": batch["data"].astype(np.float32)}, file, 2)
