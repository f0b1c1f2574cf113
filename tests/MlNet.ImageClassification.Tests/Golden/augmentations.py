"""Writes augmentations.txt beside this file: what torchvision 0.14.1 makes of a small image of 7 x 10 pixels (Equalize: 20 x 30).

A line is the name of an operation, its amount and the values of the result, by channel. Operations that take amounts of
any kind are done to floating-point images in [0, 1], whose values are given times 255; the others to bytes.
"""
import os
import torch
from torchvision.transforms import autoaugment, functional, InterpolationMode

HEIGHT, WIDTH = 7, 10


def draw(height, width):
    return torch.tensor(
        [[[(37 * c + 91 * y + 53 * x + 17 * x * y) % 256 for x in range(width)] for y in range(height)] for c in range(3)],
        dtype=torch.uint8)


image = draw(HEIGHT, WIDTH)
colors = image.float() / 255
space = autoaugment.RandAugment()._augmentation_space(31, (HEIGHT, WIDTH))

lines = []


def add(name, amount, result):
    values = result * 255 if result.is_floating_point() else result
    lines.append(f"{name} {amount} " + " ".join(f"{float(v):.9g}" for v in values.flatten()))


for amount in (0.0, 0.4, 1.0, 1.9):
    add("Brightness", amount, functional.adjust_brightness(colors, amount))
    add("Contrast", amount, functional.adjust_contrast(colors, amount))
    add("Saturation", amount, functional.adjust_saturation(colors, amount))
    add("Sharpness", amount, functional.adjust_sharpness(colors, amount))
for amount in (-0.5, -0.2, 0.0, 0.1, 0.5):
    add("Hue", amount, functional.adjust_hue(colors, amount))
for bits in (8, 6, 4, 1):
    add("Posterize", bits, functional.posterize(image, bits))
for threshold in (255.0, 178.5, 0.0):
    add("Solarize", threshold, functional.solarize(image, threshold))
add("AutoContrast", 0, functional.autocontrast(colors / 2 + 0.1))
add("Equalize", 0, functional.equalize(draw(20, 30) // 3 + 50))
# Of magnitudes such as 20, whose shears and shifts lead to the border between two pixels, rounding decides.
for magnitude in (0, 9, 19, 30):
    for sign in (1, -1):
        for operation in ("ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate"):
            amount = float(space[operation][0][magnitude]) * sign
            add(operation, magnitude * sign if magnitude else 0, autoaugment._apply_op(image, operation, amount, InterpolationMode.NEAREST, None))

with open(os.path.join(os.path.dirname(__file__), "augmentations.txt"), "w") as file:
    file.write("\n".join(lines) + "\n")
