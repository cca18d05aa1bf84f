"""Writes a trained AnomalyNet as ONNX: what is usual is judged on `latent`; `residual` and `shown` are for people to look at."""

from net import LATENT, POINTS
from onnx_graph import Graph


def to_onnx(net, scale):
    """The fp32 model: input `beat` [1, 100]; outputs `latent` [1, 16] over `scale`, `residual` and `shown` [1, 100]."""
    graph = Graph()
    x = graph.add("Reshape", "rows", ["beat", graph.constant("rows.shape", [1, 1, POINTS])])
    for i, (convolution, norm) in enumerate(zip(net.convolutions, net.norms)):
        x = graph.convolution(f"conv{i}", x, convolution, norm)
    x = graph.add("Flatten", "flat", [x], axis=1)
    layer = net.latent
    latent = graph.add("Gemm", "latent", [x], (layer.weight / scale, layer.bias / scale), output="latent", transB=1)
    x = graph.add("Relu", "decode1_relu", [graph.add("Gemm", "decode1", [latent], (net.decode1.weight * scale, net.decode1.bias), transB=1)])
    drawn = graph.add("Gemm", "decode2", [x], (net.decode2.weight, net.decode2.bias), transB=1)
    graph.add("Sub", "difference", ["beat", drawn], output="residual")
    graph.add("Identity", "as_shown", ["beat"], output="shown")
    return graph.model("ecg-anomaly", {"beat": [1, POINTS]}, {"latent": [1, LATENT], "residual": [1, POINTS], "shown": [1, POINTS]})
