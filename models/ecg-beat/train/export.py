"""Writes a trained BeatNet as ONNX, opset 13, static batch 1, batch norms multiplied into their convolutions."""

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

import features
from net import CONVOLUTIONS


def to_onnx(net):
    """The fp32 model: inputs `beat` [1, 2, 100] and `context` [1, 27], output `logits` [1, 4]."""
    nodes, tensors = [], []

    def add(op, name, inputs, weights=(), **attributes):
        names = []
        for part, value in zip(("weight", "bias"), weights):
            names.append(f"{name}.{part}")
            tensors.append(numpy_helper.from_array(value.detach().numpy().astype(np.float32), names[-1]))
        nodes.append(helper.make_node(op, [*inputs, *names], [f"{name}.out"], name, **attributes))
        return f"{name}.out"

    x = "beat"
    for i, (convolution, norm) in enumerate(zip(net.convolutions, net.norms)):
        gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        weights = (convolution.weight * gain[:, None, None], norm.bias - norm.running_mean * gain)
        _, _, kernel, stride = CONVOLUTIONS[i]
        x = add("Conv", f"conv{i}", [x], weights, kernel_shape=[kernel], strides=[stride], pads=[kernel // 2, kernel // 2])
        x = add("Relu", f"relu{i}", [x])
    width, positions = net.pool.shape
    x = add("Conv", "pool", [x], (net.pool[:, None, :], net.pool_bias), kernel_shape=[positions], group=width)
    x = add("Flatten", "flat", [add("Relu", "pool_relu", [x])], axis=1)
    r = "context"
    for name in ("rhythm1", "rhythm2"):
        layer = getattr(net, name)
        r = add("Relu", f"{name}_relu", [add("Gemm", name, [r], (layer.weight, layer.bias), transB=1)])
    x = add("Concat", "both", [x, r], axis=1)
    x = add("Relu", "join_relu", [add("Gemm", "join", [x], (net.join.weight, net.join.bias), transB=1)])
    add("Gemm", "last", [x], (net.last.weight, net.last.bias), transB=1)
    nodes[-1].output[0] = "logits"
    inputs = [
        helper.make_tensor_value_info("beat", TensorProto.FLOAT, [1, 2, features.SEGMENT]),
        helper.make_tensor_value_info("context", TensorProto.FLOAT, [1, features.CONTEXT]),
    ]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 4])]
    graph = helper.make_graph(nodes, "ecg-beat", inputs, outputs, tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="hearth", ir_version=7)
    onnx.checker.check_model(model)
    return model
