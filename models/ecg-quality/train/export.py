"""Writes a trained QualityNet as ONNX; the threshold is in its last layer, so that a package brings its own."""

import features
from onnx_graph import Graph


def to_onnx(net, threshold):
    """The fp32 model: inputs `wave` [1, 960] and `size` [1, 1]; output `noise` [1, 1], above 0 where it is noise."""
    graph = Graph()
    x = graph.add("Reshape", "rows", ["wave", graph.constant("rows.shape", [1, 1, features.POINTS])])
    for i, (convolution, norm) in enumerate(zip(net.convolutions, net.norms)):
        x = graph.convolution(f"conv{i}", x, convolution, norm)
    mean = graph.add("Flatten", "mean_flat", [graph.add("GlobalAveragePool", "mean", [x])], axis=1)
    most = graph.add("Flatten", "most_flat", [graph.add("GlobalMaxPool", "most", [x])], axis=1)
    x = graph.add("Concat", "all", [mean, most, "size"], axis=1)
    x = graph.add("Relu", "hidden_relu", [graph.add("Gemm", "hidden", [x], (net.hidden.weight, net.hidden.bias), transB=1)])
    graph.add("Gemm", "last", [x], (net.noise.weight, net.noise.bias - threshold), output="noise", transB=1)
    return graph.model("ecg-quality", {"wave": [1, features.POINTS], "size": [1, 1]}, {"noise": [1, 1]})
