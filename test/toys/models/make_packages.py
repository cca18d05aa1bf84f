"""Writes model.onnx and manifest.json of each toy (python3 with numpy and onnx). Nothing in them was learnt from anybody."""

import hashlib
import json
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

here = pathlib.Path(__file__).parent
value = helper.make_tensor_value_info


def save(name, nodes, inputs, outputs, initializers=()):
    graph = helper.make_graph(nodes, name, inputs, outputs, list(initializers))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="toy")
    model.ir_version = 8
    onnx.checker.check_model(model)
    data = model.SerializeToString()
    (here / name / "model.onnx").write_bytes(data)
    manifest = {
        "id": name,
        "version": "1.0.0",
        "files": [{"path": "model.onnx", "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}],
        "runtime": {"ops": sorted({node.op_type for node in nodes})},
        "trainedOn": [],
    }
    text = json.dumps(manifest, indent=2) + "\n"
    (here / name / "manifest.json").write_text(text)
    print(name, hashlib.sha256(text.encode()).hexdigest())


# Mean of the absolute values.
for name in ["mean-activity", "beat-size"]:
    save(
        name,
        [helper.make_node("Abs", ["x"], ["size"]), helper.make_node("ReduceMean", ["size"], ["y"], axes=[1], keepdims=0)],
        [value("x", TensorProto.FLOAT, [1, "n"])],
        [value("y", TensorProto.FLOAT, [1])],
    )
# A window in a few slow waves, what they leave out, and the window itself.
n, k = 64, 16
waves = np.array([np.cos(np.pi * (np.arange(n) + 0.5) * i / n) * np.sqrt((1 if i == 0 else 2) / n) for i in range(k)], np.float32).T
save(
    "own-shape",
    [
        helper.make_node("MatMul", ["x", "waves"], ["z"]),
        helper.make_node("MatMul", ["z", "back"], ["expected"]),
        helper.make_node("Sub", ["x", "expected"], ["difference"]),
        helper.make_node("Concat", ["z", "difference", "x"], ["y"], axis=1),
    ],
    [value("x", TensorProto.FLOAT, [1, n])],
    [value("y", TensorProto.FLOAT, [1, k + 2 * n])],
    [numpy_helper.from_array(waves, "waves"), numpy_helper.from_array(waves.T.copy(), "back")],
)
# The largest of them, as probabilities.
save(
    "which-limb",
    [helper.make_node("Mul", ["x", "sharpness"], ["sharp"]), helper.make_node("Softmax", ["sharp"], ["y"], axis=1)],
    [value("x", TensorProto.FLOAT, [1, "n"])],
    [value("y", TensorProto.FLOAT, [1, "n"])],
    [numpy_helper.from_array(np.array([20], np.float32), "sharpness")],
)
