"""PyTorch's side of `memory steps`: takes one ResNet-50 training step per line on standard input, prints its milliseconds.

    resnet50_training_step.py IMAGE_SIZE BATCH THREADS

In bfloat16 and channels-last, as the library trains.
"""
import sys

import torch
import torchvision

import peer


def main(image_size, batch, threads):
    torch.set_num_threads(threads)
    peer.keep_freed_pages()
    torch.manual_seed(1)
    model = torchvision.models.resnet50()
    images = torch.randn(batch, 3, image_size, image_size).to(torch.bfloat16)
    for module in model.modules():
        if isinstance(module, torch.nn.Conv2d):
            module.__class__ = peer.Conv2d
    model.fc.register_forward_pre_hook(lambda _, inputs: (inputs[0].float(),))
    peer.serve_training_steps(model, images, torch.randint(1000, (batch,)), "channels-last")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
