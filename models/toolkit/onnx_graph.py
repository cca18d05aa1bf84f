"""Writes ONNX graphs of convolutions and matrices node by node: opset 13, static batch 1, weights taken from torch."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class Graph:
    def __init__(self):
        self.nodes, self.tensors = [], []

    def add(self, op, name, inputs, weights=(), output=None, **attributes):
        """A node with up to two weight tensors (weight, bias); gives the name of its output."""
        names = []
        for part, value in zip(("weight", "bias"), weights):
            names.append(f"{name}.{part}")
            self.tensors.append(numpy_helper.from_array(value.detach().numpy().astype(np.float32), names[-1]))
        output = output or f"{name}.out"
        self.nodes.append(helper.make_node(op, [*inputs, *names], [output], name, **attributes))
        return output

    def constant(self, name, values):
        self.tensors.append(numpy_helper.from_array(np.array(values, np.int64), name))
        return name

    def convolution(self, name, x, convolution, norm):
        """A convolution with its batch norm multiplied in, padded to keep its length, and the rectifier behind it."""
        gain = (norm.weight / (norm.running_var + norm.eps) ** 0.5).detach()
        weights = (convolution.weight * gain[:, None, None], norm.bias - norm.running_mean * gain)
        kernel = convolution.kernel_size[0]
        x = self.add("Conv", name, [x], weights, kernel_shape=[kernel], strides=list(convolution.stride), pads=[kernel // 2, kernel // 2])
        return self.add("Relu", f"{name}_relu", [x])

    def model(self, name, inputs, outputs):
        """Checked; `inputs` and `outputs` = name → shape."""
        infos = [[helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in side.items()] for side in (inputs, outputs)]
        graph = helper.make_graph(self.nodes, name, *infos, self.tensors)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="hearth", ir_version=7)
        onnx.checker.check_model(model)
        return model
