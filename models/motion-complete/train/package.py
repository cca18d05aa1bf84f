"""Writes the package: networks, golden.json, figures of card.md, manifest.json."""

import hashlib
import json
import os

import clips
import dataset
import export
import features
import fit
import net as network
import node
import numpy as np
import onnx
import package_files
import quantise
import rotation
import torch

FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FILES = package_files.PackageFiles(FOLDER)
KEEP_FP32 = ("head",)
CALIBRATION_WINDOWS = 768
GOLDEN_US = 1_700_000_000_000_000


def write(cache, found, chosen, results):
    net = fit.restored(chosen["path"])
    FILES.write("model.fp32.onnx", export.to_onnx(net).SerializeToString())
    calibration = quantised(cache, found)
    write_golden(cache, found)
    FILES.write_figures(figure_lines(results, chosen))
    write_manifest([f"cmu-mocap/{clip.name}" for clip in found], calibration, results)


def figure_lines(results, chosen):
    ways = tuple(chosen["figures"])
    spread = lambda way: " ± ".join(f"{f([r['figures'][way] for r in results]):.1f}" for f in ((np.mean, np.std) if len(results) > 1 else (np.mean,)))
    rows = [f"| {way} | {spread(way)} | {chosen['figures'][way]:.1f} |" for way in ways]
    head = f"{len(results)} seed{'s' if len(results) > 1 else ''}; shipped: seed {chosen['seed']}, the median by `lost1`. Watched clips ({', '.join(map(str, sorted(clips.WATCHED)))}), degrees (`jitter`: jerk beside the true one), fp32, from which nothing was learnt:"
    return [head, "", "| scenario | seeds | shipped |", "|---|---|---|", *rows]


def quantised(cache, found):
    rng = np.random.default_rng(1)
    tracks = dataset.tracks(found)
    weights = np.array([len(t) for t in tracks], float)
    torch.manual_seed(1)
    x = dataset.batch(dataset.bodies(tracks, weights / weights.sum(), CALIBRATION_WINDOWS, rng), rng)[0][..., -features.FRAMES :].numpy()
    inputs = {"x": np.ascontiguousarray(x), "aside": np.zeros((len(x), features.NEWEST, features.ASIDE_EACH), np.float32)}
    model = onnx.load(FILES.path("model.fp32.onnx"))
    ranges = quantise.activation_ranges(model, inputs, cache)
    FILES.write("model.onnx", quantise.quantise(model, ranges, KEEP_FP32).SerializeToString())
    return {"windows": len(x), "sha256": hashlib.sha256(inputs["x"].tobytes()).hexdigest()}


def run_file(name, x, aside, cache):
    return node.run_onnx(FILES.path(name), {"x": x, "aside": aside}, cache)


def sensors_of(clip, start, count):
    """[6, 7, count]: quaternions, then what each sensor feels along its own axes in g, rounded as the file has them."""
    of = list(features.SEGMENT_OF)
    q = rotation.to_quaternion(clip.rotations[start : start + count, of])
    track = dataset.Track(clip, 1, False)
    felt = dataset.accelerations(track.rotations[None], track.root[None], track.offsets[None])[0].numpy().astype(float)
    world = felt[start : start + count] / features.GRAVITY + [0, 1, 0]
    acc = (np.swapaxes(clip.rotations[start : start + count, of], -1, -2) @ world[..., None])[..., 0]
    return np.round(np.concatenate([q, acc], -1).transpose(1, 2, 0), 4)


def golden_cases(found):
    """(name, memory, start in frames, rows [6, 7, 60])."""
    by_name = {clip.name: clip for clip in found}
    cases = []

    def add(name, clip, start, change=lambda rows: rows, memory="fresh"):
        cases.append((f"{name}: {clip} from frame {start}", memory, start, change(sensors_of(by_name[clip], start, features.FRAMES).copy())))

    def without(*sensors, since=0):
        def change(rows):
            for sensor in sensors:
                rows[sensor, :, since:] = np.nan
            return rows

        return change

    walk, signs, jump = "expmap-8actions/train/extra_walking_21", "expmap-8actions/train/directing_traffic_1", "expmap-8actions/train/jumping_2"
    add("all six", walk, 40)
    add("all six, on", walk, 46, memory="continue")
    add("the left shank falls silent", walk, 52, without(4, since=30), "continue")
    add("the left shank silent still", walk, 58, without(4, since=24), "continue")
    add("arms alone move", signs, 300)
    add("a wrist silent from the start", signs, 300, without(2))
    add("two silent since a second", signs, 330, without(2, 5, since=30))
    add("head and wrists alone", signs, 400, without(0, 4, 5))
    add("the pelvis falls silent", jump, 200, without(0, since=40))
    add("the pelvis silent still, the head guides", jump, 206, without(0, since=34), "continue")
    add("in the air", jump, 260)
    add("one sensor alone", walk, 60, without(0, 1, 2, 4, 5))
    add("the wrist alone, all else silent since a second", walk, 70, without(0, 1, 3, 4, 5, since=30))
    add("no acceleration", walk, 80, lambda rows: np.concatenate([rows[:, :4], rows[:, 4:] * np.nan], axis=1))
    add("quaternions twice as long and the other way round", walk, 40, lambda rows: np.concatenate([rows[:, :4] * -2, rows[:, 4:]], axis=1))
    add("blows beyond what is shown", walk, 40, lambda rows: np.concatenate([rows[:, :4], rows[:, 4:] * 30], axis=1))
    add("nothing but noughts", walk, 40, lambda rows: rows * 0)
    add("holes of a few frames", signs, 500, lambda rows: np.where((np.arange(60) % 11 < 3)[None, None] & (np.arange(6) % 2 == 0)[:, None, None], np.nan, rows))
    return cases


def write_golden(cache, found):
    cases, memory = golden_cases(found), None
    shown = []
    for _, kept, start, rows in cases:
        memory = features.Memory() if kept == "fresh" else memory
        shown.append(features.of_window(GOLDEN_US + start / features.RATE_HZ * 1e6, rows, memory))
    x, aside = (np.array([s[i] for s in shown]) for i in (0, 1))
    outputs = {p: run_file(f, x, aside, cache) for p, f in (("fp32", "model.fp32.onnx"), ("int8", "model.onnx"))}
    numbers = lambda values, digits: package_files.number_list(np.ravel(values), digits)
    out = []
    for i, (name, kept, start, rows) in enumerate(cases):
        placed = {p: [numbers(channel, 4) for channel in rows[sensor]] for sensor, p in enumerate(features.PLACEMENTS)}
        context = {"rateHz": features.RATE_HZ, "fromUs": int(GOLDEN_US + round(start / features.RATE_HZ * 1e6)), "placements": placed,
                   "masked": [p for sensor, p in enumerate(features.PLACEMENTS) if np.isnan(rows[sensor]).all()]}  # fmt: skip
        told = {precision: {n: numbers(v[i], 5) for n, v in by.items()} for precision, by in outputs.items()}
        out.append({"name": name, "memory": kept, "run": "final", "context": context, "features": {"x": numbers(x[i], 5), "aside": numbers(aside[i], 5)}, "outputs": told})
    FILES.write("golden.json", (json.dumps({"cases": out}, separators=(",", ":")) + "\n").encode())


def write_manifest(trained_on, calibration, results):
    ops = sorted({n.op_type for f in ("model.onnx", "model.fp32.onnx") for n in onnx.load(FILES.path(f)).graph.node})
    FILES.write_manifest({
        "id": FILES.id, "version": "1.1.0", "epoch": 2,
        "files": [FILES.entry("model.onnx", precision="int8"), FILES.entry("model.fp32.onnx", precision="fp32"), FILES.entry("golden.json"), FILES.entry("card.md")],
        "runtime": {"opset": 13, "minOrt": "1.20", "ops": ops},
        "input": {
            "streams": [{"kind": "quaternion", "unit": "1", "rateHz": features.RATE_HZ, "placements": list(features.PLACEMENTS)}, {"kind": "acc", "unit": "g", "optional": True}],
            "window": {"kind": "aligned", "windowMs": 2000, "hopMs": 200},
            "preprocess": [{"op": "beside-heading", "order": list(features.PLACEMENTS)}, {"op": "hold", "frames": features.LONGEST}, {"op": "mean", "frames": features.MEAN_FRAMES}, {"op": "scale-acc", "by": features.ACC_UNIT}],
            "tensors": [{"name": "x", "shape": [1, features.CHANNELS, features.FRAMES], "type": "float32"}, {"name": "aside", "shape": [1, features.NEWEST, features.ASIDE_EACH], "type": "float32"}],
            "maxGapMs": 2000, "minQuality": 0,
        },
        "outputs": [{"name": "pose", "shape": [1, network.VALUES, features.NEWEST]}, {"name": "told", "shape": [1, features.NEWEST, features.ASIDE_EACH]}],
        "trainedOn": trained_on, "calibration": calibration, "seeds": len(results),
        "metrics": [{"task": "pose", "data": "cmu-mocap, watched clips", "precision": "fp32", **{f"{way}_angular_deg": round(float(np.mean([r["figures"][way] for r in results])), 2) for way in ("none", "lost1", "lost1_all", "three")}}],
        "intendedUse": "Says how the segments of a body lie, from one to six sensors on it, and what they would lie like where one is silent. Not a medical device.",
        "notFor": "Diagnosis, measuring joint angles for treatment, deciding that somebody fell, children, wheelchairs, prostheses.",
    })  # fmt: skip
