"""Writes the two small ONNX files beside it (python3 with numpy and onnx). Weights are from a fixed seed; nothing was learnt from anybody."""

import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

here = pathlib.Path(__file__).parent


def save(name, nodes, inputs, outputs, initializers):
    graph = helper.make_graph(nodes, name, inputs, outputs, initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="fixture")
    model.ir_version = 8
    onnx.checker.check_model(model)
    (here / f"{name}.onnx").write_bytes(model.SerializeToString())


value = helper.make_tensor_value_info
# y = 2 x + 1 over four numbers.
save(
    "affine",
    [helper.make_node("Mul", ["x", "two"], ["twice"]), helper.make_node("Add", ["twice", "one"], ["y"])],
    [value("x", TensorProto.FLOAT, [1, 4])],
    [value("y", TensorProto.FLOAT, [1, 4])],
    [numpy_helper.from_array(np.array([2], np.float32), "two"), numpy_helper.from_array(np.array([1], np.float32), "one")],
)
# Counts to the number that it is given: a long count is a model that hangs.
body = helper.make_graph(
    [helper.make_node("Identity", ["go"], ["still"]), helper.make_node("Add", ["sum", "step"], ["next"])],
    "body",
    [value("i", TensorProto.INT64, []), value("go", TensorProto.BOOL, []), value("sum", TensorProto.FLOAT, [1])],
    [value("still", TensorProto.BOOL, []), value("next", TensorProto.FLOAT, [1])],
    [numpy_helper.from_array(np.array([1], np.float32), "step")],
)
save(
    "counter",
    [
        helper.make_node("Cast", ["x"], ["flat"], to=TensorProto.INT64),
        helper.make_node("Squeeze", ["flat"], ["times"]),
        helper.make_node("Loop", ["times", "yes", "zero"], ["y"], body=body),
    ],
    [value("x", TensorProto.FLOAT, [1])],
    [value("y", TensorProto.FLOAT, [1])],
    [numpy_helper.from_array(np.array(True), "yes"), numpy_helper.from_array(np.array([0], np.float32), "zero")],
)
