"""Checks ONNX files: python3 check.py full|plain FILE ... Prints the inputs and outputs of each."""
import sys

import onnx


def describe(value):
    tensor = value.type.tensor_type
    shape = [dim.dim_param or dim.dim_value for dim in tensor.shape.dim]
    return f"{value.name}: {onnx.TensorProto.DataType.Name(tensor.elem_type)} {shape}"


full = sys.argv[1] == "full"
for path in sys.argv[2:]:
    model = onnx.load(path)
    # In full also that the shapes inferred from the nodes are those that are declared.
    onnx.checker.check_model(model, full_check=full)
    print("; ".join(describe(value) for value in [*model.graph.input, *model.graph.output]))
