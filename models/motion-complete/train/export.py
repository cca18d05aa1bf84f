"""Writes the network of `motion-complete` as ONNX with its batch norms multiplied in; `aside` passes through beside it for whoever reads the answer."""

import features
import onnx_graph
from net import CONTEXT, DILATIONS, KERNEL, VALUES


def to_onnx(net):
    g = onnx_graph.Graph()

    def newest(name, x, drop):
        """Without the `drop` oldest frames."""
        bounds = {"from": drop, "to": features.FRAMES, "axis": 2}
        return g.add("Slice", name, [x, *(g.constant(f"{name}.{part}", [value]) for part, value in bounds.items())])

    x = "x"
    for i, (layer, dilation) in enumerate(zip(net.layers, DILATIONS)):
        convolution, norm = layer[0], layer[1]
        gain = (norm.weight / (norm.running_var + norm.eps) ** 0.5).detach()
        weights = (convolution.weight * gain[:, None, None], norm.bias - norm.running_mean * gain)
        y = g.add("Conv", f"conv{i}", [x], weights, kernel_shape=[KERNEL], strides=[1], dilations=[dilation], pads=[0, 0])
        y = g.add("Relu", f"conv{i}_relu", [y])
        x = y if i == 0 else g.add("Add", f"sum{i}", [y, newest(f"kept{i}", x, (KERNEL - 1) * dilation)])
    plain = {"kernel_shape": [1], "strides": [1], "pads": [0, 0]}
    bent = g.add("Conv", "head", [x], (net.head.weight, net.head.bias), **plain)
    straight = g.add("Conv", "straight", [newest("kept_x", "x", CONTEXT)], (net.straight.weight, net.straight.bias), **plain)
    g.add("Add", "sum", [bent, straight], output="pose")
    g.add("Identity", "passed", ["aside"], output="told")
    shape = [1, features.NEWEST, features.ASIDE_EACH]
    return g.model("motion-complete", {"x": [1, features.CHANNELS, features.FRAMES], "aside": shape}, {"pose": [1, VALUES, features.NEWEST], "told": shape})
