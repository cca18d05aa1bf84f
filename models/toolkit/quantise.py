"""Turns an fp32 ONNX file of Conv, Gemm, Relu, Concat and Flatten into int8 QDQ: uint8 activations per tensor, 7-bit weights per output channel, int32 bias.

Weights use 7 bits because x64 without VNNI saturates on 8. Calibration runs through onnxruntime-node on given windows; nothing here knows a model by name.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import node

PERCENTILE = 99.95
WEIGHT_LIMIT = 63
OPS = ("Conv", "Gemm")


def activation_ranges(model, inputs, folder):
    """Tensor name → (low, high): inputs and every node's output over the calibration windows, outliers beyond the percentile cut."""
    probe = onnx.ModelProto()
    probe.CopyFrom(model)
    names = [o for n in model.graph.node for o in n.output]
    del probe.graph.output[:]
    probe.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    path = f"{folder}/calibration.onnx"
    onnx.save(probe, path)
    seen = {**inputs, **node.run_onnx(path, inputs, folder)}
    return {name: (min(0.0, float(np.percentile(v, 100 - PERCENTILE))), max(0.0, float(np.percentile(v, PERCENTILE)))) for name, v in seen.items()}


def quantise(model, ranges, keep_fp32=()):
    """A new model in which every Conv and Gemm not named in `keep_fp32` works on 8 bits."""
    weights = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    nodes, tensors, done = [], [], {}

    def tensor(name, array):
        tensors.append(numpy_helper.from_array(array, name))
        return name

    def activation(name):
        """The dequantised twin of an activation; its Quantize/Dequantize pair is written once."""
        if name not in done:
            low, high = ranges[name]
            scale = max(high - low, 1e-6) / 255
            zero = int(np.clip(round(-low / scale), 0, 255))
            s, z = tensor(f"{name}.scale", np.array(scale, np.float32)), tensor(f"{name}.zero", np.array(zero, np.uint8))
            nodes.append(helper.make_node("QuantizeLinear", [name, s, z], [f"{name}.q"], f"{name}.quantize"))
            nodes.append(helper.make_node("DequantizeLinear", [f"{name}.q", s, z], [f"{name}.dq"], f"{name}.dequantize"))
            done[name] = (f"{name}.dq", np.float32(scale))
        return done[name]

    for n in model.graph.node:
        if n.op_type not in OPS or n.name in keep_fp32:
            for w in n.input:
                if w in weights:
                    tensor(w, weights[w])
            nodes.append(n)
            continue
        x, x_scale = activation(n.input[0])
        w, b = weights[n.input[1]], weights[n.input[2]]
        limit = np.abs(w.reshape(len(w), -1)).max(axis=1)
        w_scale = (np.maximum(limit, 1e-8) / WEIGHT_LIMIT).astype(np.float32)
        shaped = w_scale.reshape(-1, *[1] * (w.ndim - 1))
        q = np.clip(np.rint(w / shaped), -WEIGHT_LIMIT, WEIGHT_LIMIT).astype(np.int8)
        b_scale = (x_scale * w_scale).astype(np.float32)
        bq = np.rint(b.astype(np.float64) / b_scale).clip(-(2**31), 2**31 - 1).astype(np.int32)
        parts = []
        for part, values, scale in (("weight", q, w_scale), ("bias", bq, b_scale)):
            name = f"{n.name}.{part}"
            zero = np.zeros(len(scale), values.dtype)
            args = [tensor(f"{name}.q", values), tensor(f"{name}.scale", scale), tensor(f"{name}.zero", zero)]
            nodes.append(helper.make_node("DequantizeLinear", args, [f"{name}.dq"], f"{name}.dequantize", axis=0))
            parts.append(f"{name}.dq")
        nodes.append(helper.make_node(n.op_type, [x, *parts], list(n.output), n.name, **{a.name: helper.get_attribute_value(a) for a in n.attribute}))
    graph = helper.make_graph(nodes, model.graph.name, list(model.graph.input), list(model.graph.output), tensors)
    out = helper.make_model(graph, opset_imports=list(model.opset_import), producer_name=model.producer_name, ir_version=model.ir_version)
    onnx.checker.check_model(out)
    return out
