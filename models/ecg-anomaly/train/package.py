"""Writes the package: decision.ts, golden.json, manifest.json and what the toolkit writes with them. It measures nothing itself."""

import json
import os

import beat_window
import features
import numpy as np
import onnx
import package_files
import wfdb
from dataset import lead_of, rr_before
from mitdb import path_of
from net import LATENT, POINTS

FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FILES = package_files.PackageFiles(FOLDER)
VERSION = "1.1.0"
EPOCH = 2


def write_decision(one_in_100, one_in_1000):
    text = (
        "/** The surprise that 1 in 100 and 1 in 1,000 normal beats of other people exceed: scores of .99 and .999. Written by train/ with the network. */\n\n"
        f"export const decision = {{\n  oneIn100: {one_in_100:g},\n  oneIn1000: {one_in_1000:g},\n}} as const;\n"
    )
    FILES.write("decision.ts", text.encode())


def golden_cases(data_dir):
    """(name, source, continues, rate_hz, r_index, samples, intervals before); raw windows of DS1 records and altered copies of them."""

    def window(record, beat_at_s, count=1):
        source = wfdb.read_record(path_of(data_dir, record))
        marks = [a[0] for a in wfdb.read_annotations(path_of(data_dir, record)) if a[1] in "NLRBejnAaJSVErF"]
        k = next(i for i, s in enumerate(marks) if s >= beat_at_s * source.rate_hz)
        for i, mark in enumerate(marks[k : k + count], k):
            samples, r_index = beat_window.windows_of(source.mv[lead_of(source)], source.rate_hz, [mark])
            yield mark, samples[0], r_index, source.rate_hz, rr_before(np.array(marks) / source.rate_hz, i)

    cases = []
    for record, at_s, count in (("208", 300.4, 6), ("230", 1498.0, 3), ("205", 298.0, 4)):
        for i, (mark, samples, r, rate, rr) in enumerate(window(record, at_s, count)):
            cases.append((f"{record} beat at {mark / rate:.2f} s", f"mitdb/{record} from sample {mark - r}", i > 0, rate, r, samples, rr))
    mark, samples, r, rate, _ = next(window("116", 400))

    def altered(name, change, rate_hz=rate, step=1, rr=()):
        x = samples.copy()
        change(x)
        cases.append((name, f"mitdb/116 from sample {mark - r}, altered", False, rate_hz, r // step, x[::step], rr))

    def gap(x):
        x[r - 30 : r + 12] = np.nan

    def lead_off(x):
        x[r - 200 :] = np.nan

    altered("flat", lambda x: x.fill(0.1))
    altered("clipped", lambda x: np.clip(x, -0.4, 0.5, out=x))
    altered("gap over the QRS", gap)
    altered("lead off from before the beat", lead_off)
    altered("no sample at all", lambda x: x.fill(np.nan))
    altered("inverted", lambda x: np.negative(x, out=x))
    altered("rate 120 Hz, every third sample", lambda x: None, rate_hz=120.0, step=3)
    altered("taken as 500 Hz", lambda x: None, rate_hz=500.0)
    altered("at 120 a minute", lambda x: None, rr=(0.5, 0.51, 0.52, 0.49))
    altered("at 250 a minute", lambda x: None, rr=(0.24,))
    altered("at 30 a minute", lambda x: None, rr=(2.0,))
    return cases


def write_golden(data_dir, run_model):
    """Features as Python computed them and the outputs of both files; `run_model(file, beat)` → outputs by name."""
    rows, memory = [], None
    for name, source, continues, rate, r, samples, rr in golden_cases(data_dir):
        if not continues:
            memory = features.Memory()
        # The file holds what a reader gets: four decimals in mV.
        samples = np.array([np.nan if v is None else v for v in package_files.number_list(samples, 4)], np.float32)
        x, share = beat_window.resample(samples[None], rate, r)
        rr = [np.nan if v is None else v for v in package_files.number_list(np.array(rr, np.float64), 5)]
        beat = features.beat_features(memory, beat_window.fill_and_filter(x)[0], share[0], rr)
        rows.append((name, source, continues, rate, r, samples, rr, beat))
    beats = np.array([row[-1] for row in rows], np.float32)
    outputs = {precision: run_model(name, beats) for precision, name in (("fp32", "model.fp32.onnx"), ("int8", "model.onnx"))}
    cases = []
    for i, (name, source, continues, rate, r, samples, rr, beat) in enumerate(rows):
        cases.append({
            "name": name, "source": source, "memory": "continue" if continues else "fresh", "run": "first",
            "context": {"rateHz": rate, "rIndex": r, "samples": package_files.number_list(samples, 4), "rrBeforeS": package_files.number_list(np.array(rr), 5), "rrAfterS": []},
            "features": {"beat": package_files.number_list(beat, 7)},
            "outputs": {p: {k: package_files.number_list(o[k][i], 5) for k in ("latent", "residual", "shown")} for p, o in outputs.items()},
        })  # fmt: skip
    notice = "Samples: MIT-BIH Arrhythmia Database 1.0.0, ODC-By 1.0, see NOTICE."
    text = json.dumps({"model": "ecg-anomaly", "notice": notice, "cases": cases}, separators=(",", ":"))
    FILES.write("golden.json", (text.replace('{"name"', '\n{"name"') + "\n").encode())


def write_manifest(trained_on, decision, calibration, seeds, metrics):
    ops = sorted({n.op_type for f in ("model.onnx", "model.fp32.onnx") for n in onnx.load(FILES.path(f)).graph.node})
    FILES.write_manifest({
        "id": "ecg-anomaly", "version": VERSION, "epoch": EPOCH,
        "files": [FILES.entry("model.onnx", precision="int8"), FILES.entry("model.fp32.onnx", precision="fp32"), FILES.entry("golden.json"), FILES.entry("card.md")],
        "runtime": {"opset": 13, "minOrt": "1.20", "ops": ops},
        "input": {
            "streams": [{"kind": "ecg", "unit": "mV", "rateHz": beat_window.RATE_HZ, "leads": "any"}],
            "window": {"kind": "beat", "beforeMs": 2000, "afterMs": 500},
            "preprocess": [
                *beat_window.PREPROCESS,
                {"op": "draw-at-rest", "qt": "cube root of RR", "restRrS": features.REST_RR_S, "rr": features.NEWEST_RR},
                {"op": "scale", "by": "median QRS height", "beats": features.HEIGHTS, "minMv": features.MIN_SCALE_MV},
                {"op": "centre", "clip": features.CLIP},
            ],
            "tensors": [{"name": "beat", "shape": [1, POINTS], "type": "float32"}],
            "maxGapMs": 40, "minQuality": 0.5,
        },
        "outputs": [{"name": "latent", "shape": [1, LATENT]}, {"name": "residual", "shape": [1, POINTS]}, {"name": "shown", "shape": [1, POINTS]}],
        "thresholds": {"oneIn100": decision[0], "oneIn1000": decision[1]}, "trainedOn": trained_on, "calibration": calibration, "seeds": seeds, "metrics": metrics,
        "intendedUse": "Says of beats of one ECG lead how unlike the wearer's own usual ones they are, to draw attention. Not a medical device.",
        "notFor": "Diagnosis, naming of arrhythmias, paced rhythm, ventricular fibrillation, children, resuscitation.",
    })  # fmt: skip
