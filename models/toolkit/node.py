"""Calls the project's TypeScript from training scripts: R peaks by the gateway's detector, ONNX outputs by onnxruntime-node. Nothing else leaves Python."""

import json
import os
import subprocess

import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NODE = os.path.join(ROOT, "node_modules", ".bin", "node")


def run_script(name, text):
    script = os.path.join(ROOT, "models", "toolkit", name)
    done = subprocess.run([NODE, script], input=text, text=True, capture_output=True, cwd=ROOT)
    if done.returncode != 0:
        raise RuntimeError(f"{name} failed: {done.stderr.strip()[-2000:]}")


def detect(signals, folder):
    """R peaks of each (rate_hz, float32 mV) in `signals`, as the live pipeline would find them; works in `folder`."""
    os.makedirs(folder, exist_ok=True)
    paths = [os.path.join(folder, f"{i}.f32") for i in range(len(signals))]
    for path, (_, mv) in zip(paths, signals):
        np.ascontiguousarray(mv, dtype="<f4").tofile(path)
    run_script("detect-beats.ts", "".join(f"{rate:g} {path}\n" for path, (rate, _) in zip(paths, signals)))
    peaks = []
    for path in paths:
        with open(path + ".peaks") as f:
            peaks.append(np.array(f.read().split(), dtype=np.int64))
        os.remove(path)
        os.remove(path + ".peaks")
    return peaks


def run_onnx(model, inputs, folder):
    """Outputs of `model` for every row of `inputs` (name → float32 [n, …]), one window a call as in production → name → float32 [n, values]."""
    os.makedirs(folder, exist_ok=True)
    count = len(next(iter(inputs.values())))
    job = {"model": os.path.abspath(model), "count": count, "inputs": [], "result": os.path.join(folder, "result")}
    for name, rows in inputs.items():
        path = os.path.join(folder, f"in-{name}.f32")
        np.ascontiguousarray(rows, dtype="<f4").tofile(path)
        job["inputs"].append({"name": name, "path": path, "shape": [1, *rows.shape[1:]]})
    run_script("run-onnx.ts", json.dumps(job))
    with open(job["result"] + ".json") as f:
        names = json.load(f)
    os.remove(job["result"] + ".json")
    out = {}
    for i, name in enumerate(names):
        out[name] = np.fromfile(f"{job['result']}-{i}.f32", dtype="<f4").reshape(count, -1)
        os.remove(f"{job['result']}-{i}.f32")
    for entry in job["inputs"]:
        os.remove(entry["path"])
    return out
