"""Writes the network of `ppg-pulse` as ONNX with its batch norms multiplied in."""

from net import DILATIONS, KERNEL

import features
import onnx_graph


def to_onnx(net):
    g = onnx_graph.Graph()
    x = "curves"
    for i, (layer, dilation) in enumerate(zip(net.layers, DILATIONS)):
        convolution, norm = layer[0], layer[1]
        gain = (norm.weight / (norm.running_var + norm.eps) ** 0.5).detach()
        weights = (convolution.weight * gain[:, None, None], norm.bias - norm.running_mean * gain)
        pad = dilation * (KERNEL // 2)
        x = g.add("Conv", f"conv{i}", [x], weights, kernel_shape=[KERNEL], strides=[1], dilations=[dilation], pads=[pad, pad])
        x = g.add("Relu", f"conv{i}_relu", [x])
    g.add("Conv", "head", [x], (net.head.weight, net.head.bias), output="logits", kernel_shape=[1], strides=[1], pads=[0, 0])
    return g.model("ppg-pulse", {"curves": [1, features.CHANNELS, features.BINS]}, {"logits": [1, 1, features.BINS]})
