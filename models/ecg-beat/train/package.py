"""Writes the package: model files, decision.ts, golden.json, manifest.json and what the toolkit writes with them. It measures nothing itself."""

import json
import os

import numpy as np
import onnx

import beat_window
import features
import record_features
import package_files
import wfdb
from dataset import LABELS
from mitdb import path_of

FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FILES = package_files.PackageFiles(FOLDER)
VERSION = "1.0.0"
EPOCH = 1


def write_decision(temperature, thresholds):
    t = ", ".join(f"{k}: {thresholds[k]:g}" for k in "VSF")
    text = (
        "/** How logits become a label. Written by train/ with the network it belongs to; the test proves it equal to the manifest. */\n\n"
        f"export const decision = {{\n  temperature: {temperature:g},\n  thresholds: {{ {t} }},\n}} as const;\n"
    )
    FILES.write("decision.ts", text.encode())


def golden_cases(data_dir):
    """(name, source, continues, run, rate_hz, r_index, samples, rr_before, rr_after); raw windows of DS1 records and altered copies of them."""

    def window(record, beat_at_s, count=1, channel=0):
        source = wfdb.read_record(path_of(data_dir, record))
        marks = [a[0] for a in wfdb.read_annotations(path_of(data_dir, record)) if a[1] in "NLRBejnAaJSVErF"]
        k = next(i for i, s in enumerate(marks) if s >= beat_at_s * source.rate_hz)
        for i in range(k, k + count):
            samples, r_index = record_features.windows_of(source.mv[channel], source.rate_hz, [marks[i]])
            rr = [round((marks[j] - marks[j - 1]) / source.rate_hz, 6) for j in range(1, len(marks))]
            yield marks[i], samples[0], r_index, rr[max(0, i - 8) : i][::-1], rr[i : i + 4], source.rate_hz

    cases = []
    for record, at_s, count in (("208", 300.4, 8), ("209", 306.0, 4), ("205", 298.0, 6)):
        for i, (mark, samples, r, before, after, rate) in enumerate(window(record, at_s, count)):
            name = f"{record} beat at {mark / rate:.2f} s"
            cases.append((name, f"mitdb/{record} from sample {mark - r}", i > 0, "first", rate, r, samples, before, after))
        cases.append((f"{name}, final run", cases[-1][1], True, "final", rate, r, samples, before, after))
    mark, samples, r, before, after, rate = next(window("116", 400))
    where = f"mitdb/116 from sample {mark - r}"

    def altered(name, change, rate_hz=rate, r_index=r, rr=before, step=1, run="first"):
        x = samples.copy()
        change(x)
        cases.append((name, f"{where}, altered", False, run, rate_hz, r_index // step, x[::step], rr, after))

    def gap(x):
        x[r - 30 : r + 12] = np.nan

    def lead_off(x):
        x[r - 200 :] = np.nan

    altered("flat", lambda x: x.fill(0.1))
    altered("clipped", lambda x: np.clip(x, -0.4, 0.5, out=x))
    altered("gap over the QRS", gap)
    altered("lead off from before the beat", lead_off)
    altered("no sample at all", lambda x: x.fill(np.nan), rr=[])
    altered("inverted, final run on a fresh memory", lambda x: np.negative(x, out=x), run="final")
    altered("rate 120 Hz, every third sample", lambda x: None, rate_hz=120.0, step=3)
    altered("taken as 500 Hz, RR missing", lambda x: None, rate_hz=500.0, rr=[np.nan, 0.8, np.nan, 0.79])
    return cases


def write_golden(data_dir, run_model):
    """Features as Python computed them and the outputs of both files; `run_model(file, beat, context)` → logits."""
    rows, memory = [], None
    for name, source, continues, run, rate, r, samples, before, after in golden_cases(data_dir):
        if not continues:
            memory = features.Memory()
        # The file holds what a reader gets: three decimals in mV.
        samples = np.array([np.nan if v is None else v for v in package_files.number_list(samples, 4)], np.float32)
        x, share = features.resample(samples[None], rate, r)
        beat, context = features.beat_features(memory, features.fill_and_filter(x)[0], share[0], before, after, run)
        rows.append((name, source, continues, run, rate, r, samples, before, after, beat, context))
    beats, contexts = np.stack([row[9] for row in rows]), np.stack([row[10] for row in rows])
    outputs = {precision: run_model(name, beats, contexts) for precision, name in (("fp32", "model.fp32.onnx"), ("int8", "model.onnx"))}
    cases = []
    for i, (name, source, continues, run, rate, r, samples, before, after, beat, context) in enumerate(rows):
        cases.append({
            "name": name, "source": source, "memory": "continue" if continues else "fresh", "run": run,
            "context": {"rateHz": rate, "rIndex": r, "samples": package_files.number_list(samples, 4), "rrBeforeS": package_files.number_list(before, 6), "rrAfterS": package_files.number_list(after, 6)},
            "features": {"beat": package_files.number_list(beat.ravel(), 7), "context": package_files.number_list(context, 7)},
            "outputs": {p: {"logits": package_files.number_list(o[i], 6)} for p, o in outputs.items()},
        })  # fmt: skip
    notice = "Samples: MIT-BIH Arrhythmia Database 1.0.0, ODC-By 1.0, see NOTICE."
    text = json.dumps({"model": "ecg-beat", "notice": notice, "cases": cases}, separators=(",", ":"))
    FILES.write("golden.json", (text.replace('{"name"', '\n{"name"') + "\n").encode())
    return len(cases)


def write_manifest(trained_on, temperature, thresholds, calibration, seeds, metrics):
    ops = sorted({n.op_type for f in ("model.onnx", "model.fp32.onnx") for n in onnx.load(os.path.join(FOLDER, f)).graph.node})
    manifest = {
        "id": "ecg-beat", "version": VERSION, "epoch": EPOCH,
        "files": [FILES.entry("model.onnx", precision="int8"), FILES.entry("model.fp32.onnx", precision="fp32"), FILES.entry("golden.json"), FILES.entry("card.md")],
        "runtime": {"opset": 13, "minOrt": "1.20", "ops": ops},
        "input": {
            "streams": [{"kind": "ecg", "unit": "mV", "rateHz": features.RATE_HZ, "leads": "any"}],
            "window": {"kind": "beat", "beforeMs": 2000, "afterMs": 500},
            "preprocess": [
                *beat_window.PREPROCESS,
                {"op": "shapes", "count": features.SHAPES, "from": features.QRS_FROM, "to": features.QRS_TO, "maxLag": features.MAX_LAG,
                 "correlation": features.MATCH_CORRELATION, "fade": features.WEIGHT_FADE, "premature": features.PREMATURE},
                {"op": "scale", "by": "height of the main shape", "minMv": features.MIN_SCALE_MV, "clip": features.CLIP},
            ],
            "tensors": [
                {"name": "beat", "shape": [1, 2, features.SEGMENT], "type": "float32"},
                {"name": "context", "shape": [1, features.CONTEXT], "type": "float32"},
            ],
            "maxGapMs": 40, "minQuality": 0.5,
        },
        "outputs": [{"name": "logits", "labels": list(LABELS), "temperature": temperature}],
        "thresholds": thresholds, "trainedOn": trained_on, "calibration": calibration, "seeds": seeds, "metrics": metrics,
        "intendedUse": "Class of each detected beat of one ECG lead for trends and home alerts. Not a medical device.",
        "notFor": "Diagnosis, paced rhythm, ventricular fibrillation, children, resuscitation.",
    }  # fmt: skip
    FILES.write_manifest(manifest)
