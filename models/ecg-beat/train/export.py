"""Writes a trained BeatNet as ONNX."""

import features
from onnx_graph import Graph


def to_onnx(net):
    """The fp32 model: inputs `beat` [1, 2, 100] and `context` [1, 27], output `logits` [1, 4]."""
    graph = Graph()
    x = "beat"
    for i, (convolution, norm) in enumerate(zip(net.convolutions, net.norms)):
        x = graph.convolution(f"conv{i}", x, convolution, norm)
    width, positions = net.pool.shape
    x = graph.add("Conv", "pool", [x], (net.pool[:, None, :], net.pool_bias), kernel_shape=[positions], group=width)
    x = graph.add("Flatten", "flat", [graph.add("Relu", "pool_relu", [x])], axis=1)
    r = "context"
    for name in ("rhythm1", "rhythm2"):
        layer = getattr(net, name)
        r = graph.add("Relu", f"{name}_relu", [graph.add("Gemm", name, [r], (layer.weight, layer.bias), transB=1)])
    x = graph.add("Concat", "both", [x, r], axis=1)
    x = graph.add("Relu", "join_relu", [graph.add("Gemm", "join", [x], (net.join.weight, net.join.bias), transB=1)])
    graph.add("Gemm", "last", [x], (net.last.weight, net.last.bias), output="logits", transB=1)
    return graph.model("ecg-beat", {"beat": [1, 2, features.SEGMENT], "context": [1, features.CONTEXT]}, {"logits": [1, 4]})
