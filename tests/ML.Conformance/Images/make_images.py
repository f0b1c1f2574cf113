#!/usr/bin/python3
"""Makes the small image files of this folder, and beside each the pixels that PIL decodes from it.

FILE.rgba holds width * height pixels of 4 bytes, R G B A, colours not premultiplied. Where PIL has no 8-bit reading
(16-bit grey) or cannot write the format (16-bit colour, interlaced), the pixels are those the file was made from.
Needs python3-pil and python3-numpy.
"""
import os
import struct
import zlib

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 13, 9
FOLDER = os.path.dirname(os.path.abspath(__file__))


def scene():
    """Smooth colours with a sharp-edged square: RGB, uint8."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    pixels = np.stack([x * 255 // (WIDTH - 1), y * 255 // (HEIGHT - 1), 255 - (x + y) * 255 // (WIDTH + HEIGHT - 2)], -1)
    pixels[2:5, 3:7] = (250, 200, 10)
    return pixels.astype(np.uint8)


def alpha():
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    return ((x * 37 + y * 11) % 256).astype(np.uint8)


def path(name):
    return os.path.join(FOLDER, name)


def expect(name, rgba):
    with open(path(name + ".rgba"), "wb") as file:
        file.write(np.ascontiguousarray(rgba, dtype=np.uint8).tobytes())


def expect_pil(name):
    with Image.open(path(name)) as image:
        expect(name, np.asarray(image.convert("RGBA")))


def opaque(rgb):
    return np.concatenate([rgb, np.full(rgb.shape[:2] + (1,), 255, np.uint8)], -1)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def write_png(name, width, height, bits, color, interlaced, rows):
    """A PNG whose scan lines are given as bytes, each without its leading filter byte."""
    header = struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, interlaced)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    with open(path(name), "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b""))


def adam7(pixels):
    for top, left, down, right in [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]:
        part = pixels[top::down, left::right]
        if part.size:
            yield from (row.tobytes() for row in part)


def main():
    rgb = scene()
    rgba = np.concatenate([rgb, alpha()[..., None]], -1)
    image = Image.fromarray(rgb)

    image.save(path("color.jpg"), quality=90)
    image.save(path("progressive.jpg"), quality=90, progressive=True)
    image.convert("L").save(path("gray.jpg"), quality=90)
    image.convert("CMYK").save(path("cmyk.jpg"), quality=95)
    exif = Image.Exif()
    exif[0x0112] = 6
    image.save(path("exif-rotated.jpg"), quality=90, exif=exif)
    image.save(path("color.png"))
    Image.fromarray(rgba).save(path("alpha.png"))
    Image.fromarray(rgba).quantize(16, method=Image.Quantize.FASTOCTREE).save(path("palette-alpha.png"))
    image.crop((0, 0, 1, 1)).save(path("one-pixel.png"))
    image.save(path("color.bmp"))
    image.quantize(16).save(path("palette.bmp"))
    image.convert("1").save(path("two-colors.bmp"))
    for name in ["color.jpg", "progressive.jpg", "gray.jpg", "cmyk.jpg", "exif-rotated.jpg", "color.png", "alpha.png",
                 "palette-alpha.png", "one-pixel.png", "color.bmp", "palette.bmp", "two-colors.bmp"]:
        expect_pil(name)

    write_png("interlaced.png", WIDTH, HEIGHT, 8, 2, 1, adam7(rgb))
    expect("interlaced.png", opaque(rgb))
    # The lower byte is noise: readers keep the upper one.
    wide = (rgb.astype(np.uint16) * 256 + 99).astype(">u2")
    write_png("color16.png", WIDTH, HEIGHT, 16, 2, 0, (row.tobytes() for row in wide))
    expect("color16.png", opaque(rgb))
    write_png("gray16.png", WIDTH, HEIGHT, 16, 0, 0, (row.tobytes() for row in wide[..., 0]))
    expect("gray16.png", opaque(np.repeat(rgb[..., :1], 3, -1)))


main()
