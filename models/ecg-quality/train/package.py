"""Writes packages of `ecg-quality`: the committed one with golden vectors, and one a fold for evaluation alone. It measures nothing itself."""

import json
import os

import beat_window
import features
import numpy as np
import onnx
import package_files
import wfdb
from mitdb import path_of

FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FILES = package_files.PackageFiles(FOLDER)
VERSION = "1.0.0"
EPOCH = 1
HOP_S = 2
NOTICE = "Samples: PhysioNet/CinC Challenge 2017 1.0.0 and MIT-BIH Arrhythmia Database 1.0.0, ODC-By 1.0, see NOTICE."


def golden_cases(cinc, data_dirs):
    """(name, source, rate_hz, samples); raw windows of recordings and altered copies of them."""
    folder = next(d for d in data_dirs if os.path.exists(path_of(d, "116") + ".hea"))
    cases = []
    for name, what in (("A00585", "noise"), ("A01006", "noise"), ("A00001", "sinus rhythm"), ("A00005", "fibrillation"), ("A00008", "another rhythm")):
        name = nearest(cinc, name, what)
        record = wfdb.read_record(os.path.join(cinc, name))
        cases.append((what, f"cinc2017/{name} from sample 0", record.rate_hz, record.mv[0][: int(features.WINDOW_S * record.rate_hz)]))
    record = wfdb.read_record(path_of(folder, "116"))
    rate, at = record.rate_hz, int(400 * record.rate_hz)
    samples = record.mv[0][at : at + int(features.WINDOW_S * rate)]

    def altered(name, change, rate_hz=rate, step=1):
        x = samples.copy()
        change(x)
        cases.append((name, f"mitdb/116 from sample {at}, altered", rate_hz, x[::step][: int(features.WINDOW_S * rate_hz)]))

    def missing(first, last):
        return lambda x: x[int(first * rate) : int(last * rate)].fill(np.nan)

    altered("clean", lambda x: None)
    altered("flat", lambda x: x.fill(0.1))
    altered("clipped", lambda x: np.clip(x, -0.4, 0.5, out=x))
    altered("hole of a second", missing(3, 4))
    altered("lead off from the third second on", missing(3, 8))
    altered("only the newest second is there", missing(0, 7))
    altered("no sample at all", lambda x: x.fill(np.nan))
    altered("inverted", lambda x: np.negative(x, out=x))
    altered("drowned in noise", lambda x: np.add(x, 4 * np.sin(np.arange(len(x)) ** 2 * 3e-5) * np.sin(np.arange(len(x)) / 23), out=x, dtype=np.float32))
    altered("rate 120 Hz, every third sample", lambda x: None, rate_hz=120.0, step=3)
    altered("taken as 250 Hz", lambda x: None, rate_hz=250.0)
    return cases


def nearest(cinc, name, what):
    """The first recording from that name on that has the class."""
    letter = {"noise": "~", "sinus rhythm": "N", "fibrillation": "A", "another rhythm": "O"}[what]
    with open(os.path.join(cinc, "REFERENCE.csv")) as f:
        rows = sorted(line.strip().split(",")[:2] for line in f)
    return next(n for n, own in rows if n >= name and own == letter and os.path.exists(os.path.join(cinc, f"{n}.hea")))


def write_golden(cinc, data_dirs, run_model):
    """Features as Python computed them and the output of both files; `run_model(file, wave, size)` → logits."""
    rows = []
    for name, source, rate, samples in golden_cases(cinc, data_dirs):
        # The file holds what a reader gets: four decimals in mV.
        samples = np.array([np.nan if v is None else v for v in package_files.number_list(samples, 4)], np.float32)
        wave, size = features.window_features(features.resample(samples, rate, features.POINTS)[None])
        rows.append((name, source, rate, samples, wave[0], size[0]))
    wave, size = np.stack([row[4] for row in rows]), np.stack([row[5] for row in rows])
    outputs = {precision: run_model(name, wave, size) for precision, name in (("fp32", "model.fp32.onnx"), ("int8", "model.onnx"))}
    cases = []
    for i, (name, source, rate, samples, wave, size) in enumerate(rows):
        cases.append({
            "name": name, "source": source, "memory": "fresh", "run": "final",
            "context": {"rateHz": rate, "fromUs": 0, "channels": [package_files.number_list(samples, 4)]},
            "features": {"wave": package_files.number_list(wave, 6), "size": package_files.number_list(size, 6)},
            "outputs": {p: {"noise": package_files.number_list(o[i], 5)} for p, o in outputs.items()},
        })  # fmt: skip
    text = json.dumps({"model": "ecg-quality", "notice": NOTICE, "cases": cases}, separators=(",", ":"))
    FILES.write("golden.json", (text.replace('{"name"', '\n{"name"') + "\n").encode())


def manifest(files, names, trained_on, threshold, calibration, seeds, metrics):
    ops = sorted({n.op_type for f in ("model.onnx", "model.fp32.onnx") for n in onnx.load(files.path(f)).graph.node})
    entries = [files.entry("model.onnx", precision="int8"), files.entry("model.fp32.onnx", precision="fp32"), *(files.entry(name) for name in names)]
    return {
        "id": "ecg-quality", "version": VERSION, "epoch": EPOCH, "files": entries,
        "runtime": {"opset": 13, "minOrt": "1.20", "ops": ops},
        "input": {
            "streams": [{"kind": "ecg", "unit": "mV", "rateHz": beat_window.RATE_HZ, "leads": "any"}],
            "window": {"kind": "hop", "windowMs": features.WINDOW_S * 1000, "hopMs": HOP_S * 1000},
            "preprocess": features.PREPROCESS,
            "tensors": [{"name": "wave", "shape": [1, features.POINTS], "type": "float32"}, {"name": "size", "shape": [1, 1], "type": "float32"}],
        },
        "outputs": [{"name": "noise", "shape": [1, 1], "labels": ["readable", "noise"]}],
        # Already taken off the output.
        "thresholds": {"noise": round(threshold, 4)},
        "trainedOn": trained_on, "calibration": calibration, "seeds": seeds, "metrics": metrics,
        "intendedUse": "Says of the newest seconds of one ECG lead whether a person could read them, so that alarms rest on signal that can be read. Not a medical device.",
        "notFor": "Silencing alarms of lethal rhythms, diagnosis, telling a sensor that is off, children, paced rhythm alone.",
    }  # fmt: skip
