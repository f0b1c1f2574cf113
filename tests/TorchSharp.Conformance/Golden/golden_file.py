"""Writes tensors where the tests find them: one JSON file per topic, the values as base64 of their bytes."""
import base64
import json
import pathlib

import torch


def write(topic, tensors):
    entries = {}
    for name, tensor in tensors.items():
        tensor = tensor.detach().cpu().contiguous()
        raw = tensor.view(torch.int16) if tensor.dtype == torch.bfloat16 else tensor
        entries[name] = {
            "dtype": str(tensor.dtype).removeprefix("torch."),
            "shape": list(tensor.shape),
            "data": base64.b64encode(raw.numpy().tobytes()).decode(),
        }
    path = pathlib.Path(__file__).with_name(topic + ".json")
    path.write_text(json.dumps(entries, indent=0) + "\n")
    print(f"{path.name}: {len(entries)} tensors, {path.stat().st_size} bytes")
