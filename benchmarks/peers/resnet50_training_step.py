"""PyTorch's side of `training-step`: takes one ResNet-50 training step per line on standard input, prints its milliseconds.

    resnet50_training_step.py IMAGE_SIZE BATCH float32|bfloat16 nchw|channels-last THREADS default|keep
"""
import sys

import torch
import torchvision

import peer


def main(image_size, batch, precision, layout, threads, pages):
    torch.set_num_threads(int(threads))
    if pages == "keep":
        peer.keep_freed_pages()
    torch.manual_seed(1)
    model = torchvision.models.resnet50()
    images = torch.randn(int(batch), 3, int(image_size), int(image_size)).to(getattr(torch, precision))
    for module in model.modules():
        if isinstance(module, torch.nn.Conv2d):
            module.__class__ = peer.Conv2d
    model.fc.register_forward_pre_hook(lambda _, inputs: (inputs[0].float(),))
    peer.serve_training_steps(model, images, torch.randint(1000, (int(batch),)), layout)


if __name__ == "__main__":
    main(*sys.argv[1:])
