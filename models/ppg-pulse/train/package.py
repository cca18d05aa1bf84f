"""Writes the package: networks, decision.ts, golden.json, figures of card.md, manifest.json. Figures are those of the folds."""

import hashlib
import json
import os

import dataset
import export
import features
import fit
import judge
import node
import numpy as np
import onnx
import package_files
import quantise

FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FILES = package_files.PackageFiles(FOLDER)
KEEP_FP32 = ("conv0", "head")
CALIBRATION_WINDOWS = 1024


def write(data, cache, patients, sets, results, steps):
    chosen = sorted(results, key=lambda r: r["figures"]["plain"]["mae"])[(len(results) - 1) // 2]
    net = fit.restored(chosen["path"])
    FILES.write("model.fp32.onnx", export.to_onnx(net).SerializeToString())
    calibration = quantised(cache, sets)
    text = "/** How far intervals are drawn in so that they hold nine rates of ten, and from which width on none is told. Written by train/ with the network. */\n\n"
    FILES.write("decision.ts", (text + f"export const decision = {{ scale: {chosen['scale']:.3f}, widest: {judge.WIDEST} }} as const;\n").encode())
    write_golden(data, cache, patients)
    apart = precisions(cache, sets)
    lines = figure_lines(results, chosen, sets, patients, steps, apart)
    FILES.write_figures(lines)
    write_manifest([f"bidmc/{p.name}" for p in patients], chosen, calibration, results)
    print("\n".join(lines))


def run_file(name, curves, cache):
    return node.run_onnx(FILES.path(name), {"curves": curves}, cache)["logits"]


def quantised(cache, sets):
    rng = np.random.default_rng(1)
    every = np.concatenate([sets["plain_x"][::4], sets["varied_x"][::4]])
    curves = every[rng.choice(len(every), CALIBRATION_WINDOWS, replace=False)]
    model = onnx.load(FILES.path("model.fp32.onnx"))
    ranges = quantise.activation_ranges(model, {"curves": curves}, cache)
    FILES.write("model.onnx", quantise.quantise(model, ranges, KEEP_FP32).SerializeToString())
    return {"windows": len(curves), "sha256": hashlib.sha256(curves.tobytes()).hexdigest()}


def soft_max(logits):
    shown = logits[:, : features.SHOWN].astype(np.float64)
    p = np.exp(shown - shown.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


def precisions(cache, sets):
    """How far the rates of the two files lie apart, where both tell one."""
    curves = sets["varied_x"][:600]
    reads = [judge.read(soft_max(run_file(name, curves, cache))) for name in ("model.fp32.onnx", "model.onnx")]
    told = [judge.width(low, high) < judge.WIDEST for _, low, high in reads]
    both = told[0] & told[1]
    return {"mean": float(np.abs(reads[0][0] - reads[1][0])[both].mean()), "told": [float(t.mean()) for t in told]}


def golden_cases(data, cache, patients):
    """(name, source, rate_hz, pleth, acc or None)."""
    by_name = {p.name: p for p in patients}

    def cut(name, end_s, length_s=8):
        x = by_name[name].x
        return x[int((end_s - length_s) * 125) : int(end_s * 125)].copy()

    motion = dataset.motions(data, cache)["s4"]
    cases = [(f"{n} to {t} s", f"bidmc/{n} {t - 8} to {t} s", 125, cut(n, t), None) for n, t in (("bidmc01", 40), ("bidmc08", 100), ("bidmc21", 300), ("bidmc40", 200), ("bidmc41", 120), ("bidmc42", 400))]
    x = cut("bidmc07", 64)

    def altered(name, change, rate=125, acc=None):
        y = change(x.astype(np.float64)).astype(np.float32)
        cases.append((name, "bidmc/bidmc07 56 to 64 s, altered", rate, y, acc))

    def holed(y):
        y[300:320] = np.nan
        y[700:760] = np.nan
        return y

    def emptied(y):
        y[: 3 * 125] = np.nan
        return y

    gaps = np.interp(np.arange(1000) / 5, np.arange(200), np.arange(200))
    acc = np.array([np.interp(gaps, np.arange(200), motion[i, 5000:5200]) for i in range(3)]).astype(np.float32)
    altered("flat", lambda y: y * 0 + 0.3)
    altered("clipped", lambda y: np.clip(y, np.quantile(y, 0.2), np.quantile(y, 0.7)))
    altered("with holes", holed)
    altered("three of eight seconds missing", emptied)
    altered("no sample at all", lambda y: y * np.nan)
    altered("inverted", lambda y: -y)
    altered("every fifth sample, 25 Hz", lambda y: y[::5], 25)
    altered("every fourth sample, 31.25 Hz", lambda y: y[::4], 31.25)
    altered("twice as fast", lambda y: np.concatenate([y[::2], y[::2]]))
    altered("somebody exercises", lambda y: y + 0.3 * (acc[0] - acc[0].mean()), 125, acc)
    return cases


def write_golden(data, cache, patients):
    rows = []
    for name, source, rate, pleth, acc in golden_cases(data, cache, patients):
        # The file holds what a reader gets: five decimals.
        pleth, axes = ([rounded(pleth)], None if acc is None else [rounded(a) for a in acc])
        even = features.resampled(pleth[0], rate)
        moved = np.zeros((3, features.COUNT)) if axes is None else np.array([features.resampled(a, rate) for a in axes])
        curves = np.zeros((features.CHANNELS, features.BINS), np.float32) if even is None else features.features(even[None], moved[None])[0]
        rows.append((name, source, rate, pleth, axes, curves))
    curves = np.array([row[-1] for row in rows])
    outputs = {p: run_file(f, curves, cache) for p, f in (("fp32", "model.fp32.onnx"), ("int8", "model.onnx"))}
    cases = []
    for i, (name, source, rate, pleth, axes, c) in enumerate(rows):
        beside = {} if axes is None else {"beside": [package_files.number_list(a, 5) for a in axes]}
        cases.append({
            "name": name, "source": source, "memory": "fresh", "run": "final",
            "context": {"rateHz": rate, "channels": [package_files.number_list(pleth[0], 5)], **beside, "fromUs": 0},
            "features": {"curves": package_files.number_list(c.ravel(), 6)},
            "outputs": {p: {"logits": package_files.number_list(o[i], 4)} for p, o in outputs.items()},
        })  # fmt: skip
    notice = "Samples: BIDMC 1.0.0, ODC-By 1.0; motion: physical therapy exercises, CC BY 4.0; see NOTICE."
    text = json.dumps({"model": FILES.id, "notice": notice, "cases": cases}, separators=(",", ":"))
    FILES.write("golden.json", (text.replace('{"name"', '\n{"name"') + "\n").encode())


def rounded(samples):
    return np.array([np.nan if v is None else v for v in package_files.number_list(samples, 5)], np.float32)


def figure_lines(results, chosen, sets, patients, steps, apart):
    def row(of, title):
        values = {k: [r["figures"][of][k] for r in results] for k in ("mae", "told", "mae_told", "within5", "cover")}
        cells = [f"{np.mean(v) * f:.{d}f} ± {np.std(v, ddof=1) * f:.{d}f}" for v, f, d in zip(values.values(), (1, 100, 1, 100, 100), (2, 1, 2, 1, 1))]
        return f"| {title} | " + " | ".join(cells) + " |"

    bpm, low, high = judge.read(chosen["out"]["plain"])
    error, told = np.abs(bpm - sets["plain_bpm"]), judge.width(low, high) < judge.WIDEST
    by_patient = []
    for i, p in enumerate(patients):
        rows = sets["plain_owner"] == i
        if rows.any():
            by_patient.append((p.name, rows.sum(), error[rows & told].mean() if (rows & told).any() else np.nan, told[rows].mean()))
    by_patient.sort(key=lambda r: -np.nan_to_num(r[2], nan=99))
    spike = sets["plain_x"][:, 5]
    beats = features.LOW_BPM * np.exp(features.STEP * (spike * np.arange(features.BINS)).sum(1) / np.maximum(spike.sum(1), 1e-9))
    has = spike.max(1) > 0
    likely = features.BPM[sets["plain_x"][:, 3, : features.SHOWN].argmax(1)]
    lines = [
        f"{len(results)} seeds, {steps} steps each, {fit.FOLDS} folds by patient; mean ± sd over the seeds. Shipped: seed {chosen['seed']}, the median by error over all windows.",
        "", "| windows | error, all, bpm | told, % | error, told, bpm | within 5, told, % | held by the interval, told, % |", "|---|---|---|---|---|---|",
        row("plain", f"as recorded ({len(error)})"), row("moved", f"**generated** motion, with acceleration ({len(sets['moved_bpm'])})"), row("deaf", "the same, the acceleration kept from it"),
        "", "Baselines on the windows as recorded: mean of the intervals between the beats of the window "
        f"{np.abs(beats - sets['plain_bpm'])[has].mean():.2f} bpm (it finds beats in {100 * has.mean():.1f} %), highest autocorrelation {np.abs(likely - sets['plain_bpm']).mean():.1f} bpm.",
        f"int8 beside fp32: rates {apart['mean']:.2f} bpm apart; told {100 * apart['told'][0]:.1f} % (fp32), {100 * apart['told'][1]:.1f} % (int8) of varied windows.",
        "", "Risk and coverage: error in bpm of the surest share of windows, each judged by a network that has not seen its patient.",
        "", "| surest | " + " | ".join(f"{100 * share:.0f} %" for share in judge.SHARES) + " |", "|---" * (1 + len(judge.SHARES)) + "|",
        *judge.risk_rows(chosen["out"]["plain"], sets["plain_x"], sets["plain_bpm"], "as recorded"),
        *judge.risk_rows(chosen["out"]["moved"], sets["moved_x"], sets["moved_bpm"], "generated motion"),
        "", "| record | windows | error, told, bpm | told, % |", "|---|---|---|---|",
        *[f"| {n} | {c} | {'–' if np.isnan(e) else f'{e:.2f}'} | {100 * t:.0f} |" for n, c, e, t in by_patient],
    ]
    return lines


def write_manifest(trained_on, chosen, calibration, results):
    ops = sorted({n.op_type for f in ("model.onnx", "model.fp32.onnx") for n in onnx.load(FILES.path(f)).graph.node})
    mean = {k: round(float(np.mean([r["figures"]["plain"][k] for r in results])), 3) for k in ("mae_told", "told", "cover")}
    FILES.write_manifest({
        "id": FILES.id, "version": "1.0.0", "epoch": 1,
        "files": [FILES.entry("model.onnx", precision="int8"), FILES.entry("model.fp32.onnx", precision="fp32"), FILES.entry("golden.json"), FILES.entry("card.md")],
        "runtime": {"opset": 13, "minOrt": "1.20", "ops": ops},
        "input": {
            "streams": [{"kind": "ppg", "unit": "any", "rateHz": features.WORK_HZ}, {"kind": "acc", "unit": "g", "optional": True}],
            "window": {"kind": "hop", "windowMs": 8000, "hopMs": 2000},
            "preprocess": [{"op": "resample", "rateHz": features.WORK_HZ, "by": "means"}, {"op": "trend", "half": features.SLOW_HALF}, {"op": "unit", "clip": 4},
                           {"op": "without-motion", "taps": features.TAPS, "stillG": features.STILL_G}, {"op": "curves", "bins": features.BINS}],
            "tensors": [{"name": "curves", "shape": [1, features.CHANNELS, features.BINS], "type": "float32"}], "maxGapMs": 2000, "minQuality": 0,
        },
        "outputs": [{"name": "logits", "shape": [1, 1, features.BINS]}],
        "thresholds": {"scale": round(chosen["scale"], 3), "widest": judge.WIDEST}, "trainedOn": trained_on, "calibration": calibration, "seeds": len(results),
        "metrics": [{"task": "ppg", "data": f"bidmc, {fit.FOLDS} folds by patient", "precision": "fp32", "hr_mae_bpm": mean["mae_told"], "coverage_pct": round(100 * mean["told"], 1), "interval_cover_pct": round(100 * mean["cover"], 1)}],
        "intendedUse": "Says how fast a pulse seen by light goes, at rest and in motion, and how sure that is. Not a medical device.",
        "notFor": "Diagnosis, rhythm, deciding that a heart does not beat, children, oxygen saturation.",
    })  # fmt: skip
