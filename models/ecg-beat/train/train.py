"""Trains `ecg-beat` on DS1, chooses its decision on folds inside DS1, writes the package, and looks at DS2 once, at the end.

    npm run train -- ecg-beat [--data DIR] [--seed N] [--minutes M] [--seeds K]
"""

import argparse
import hashlib
import json
import os
import sys

import numpy as np
import onnx
import torch

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(FOLDER)), "toolkit"))

import dataset
import decide
import export
import fit
import folds
import mitdb
import node
import package
import quantise
import report
from net import BeatNet

STEPS = 800
STEP_S = 0.045  # one step on one slow core; --minutes is turned into steps by it
KEEP_FP32 = ("conv0", "rhythm1", "last")
CALIBRATION_WINDOWS = 1024
RUNS = ("first", "final")


def main():
    args = arguments()
    torch.set_num_threads(1)
    cache = os.path.join(node.ROOT, ".cache", "ecg-beat")
    names = mitdb.present(args.data, mitdb.DS1)
    if not names:
        sys.exit(f"no record of DS1 stands in {args.data}/ecg/mitdb")
    clean = dataset.load(args.data, cache, names, [0])
    everything = dataset.load(args.data, cache, names, range(len(dataset.VARIANTS)))
    parts = folds.make_folds(clean)
    steps = int(min(STEPS, args.minutes * 60 / STEP_S / (len(parts) + 1)))
    seeds = range(args.seed, args.seed + args.seeds)
    results = [one_seed(args.data, cache, seed, steps, clean, everything, parts) for seed in seeds]
    if args.folds_only:
        return
    chosen = sorted(results, key=lambda r: r["score"])[(len(results) - 1) // 2]
    print(f"seed {chosen['seed']} is the median of {len(results)} by validation", flush=True)
    write_model(cache, chosen, everything)
    package.write_decision(chosen["temperature"], chosen["thresholds"])
    calibration = quantised(cache, everything)
    package.write_golden(args.data, lambda file, beat, context: run_file(file, beat, context, cache))
    test = [] if args.skip_test else dataset.load(args.data, cache, mitdb.present(args.data, mitdb.DS2), [0])
    tested = {p: score_file(args.data, cache, f, test, chosen) for p, f in (("int8", "model.onnx"), ("fp32", "model.fp32.onnx"))} if test else {}
    package.FILES.write_figures(report.figures(results, chosen, tested, steps))
    trained_on = [f"mitdb/{n}" for n in names]
    package.write_manifest(trained_on, chosen["temperature"], chosen["thresholds"], calibration, len(results), report.metrics(results, tested))
    print("\n".join(report.figures(results, chosen, tested, steps)))


def arguments():
    parser = argparse.ArgumentParser(prog="npm run train -- ecg-beat")
    parser.add_argument("--data", default=os.path.join(node.ROOT, "..", "shared", "data"), help="folder with ecg/mitdb and ecg/nstdb-partial")
    parser.add_argument("--seed", type=int, default=1, help="first seed")
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--minutes", type=float, default=10, help="upper bound a seed")
    parser.add_argument("--folds-only", action="store_true", help="fit and validate, write no package")
    parser.add_argument("--skip-test", action="store_true", help="do not look at DS2")
    return parser.parse_args()


def one_seed(data_dir, cache, seed, steps, clean, everything, parts):
    """Fold networks for validation and the network on all of DS1; kept in the cache by seed and steps."""
    path = os.path.join(cache, f"fit-{seed}-{steps}.npz")
    if not os.path.exists(path):
        logits = {}
        for number, part in enumerate(parts):
            held_out = set(part)
            net = fit.fit(fit.Pool([b for b in everything if b.record not in held_out]), seed, steps)
            for b in clean:
                if b.record in held_out:
                    logits.update({f"{b.record}-{run}": fit.logits_of(net, b.beat[run], b.context[run]) for run in RUNS})
            print(f"seed {seed}: fold {number + 1} of {len(parts)} done", flush=True)
        net = fit.fit(fit.Pool(everything), seed, steps)
        np.savez(path + ".tmp.npz", **logits, **{f"net.{k}": v.numpy() for k, v in net.state_dict().items()})
        os.replace(path + ".tmp.npz", path)
    with np.load(path) as stored:
        logits = {run: [stored[f"{b.record}-{run}"] for b in clean] for run in RUNS}
    label = np.concatenate([b.label for b in clean]).astype(np.int64)
    temperature = decide.fit_temperature(np.concatenate(logits["final"]), label)
    p = {run: [decide.softmax(z, temperature) for z in logits[run]] for run in RUNS}
    thresholds = decide.choose_thresholds({run: np.concatenate(p[run]) for run in RUNS}, label)
    figures = {run: decide.counts(data_dir, clean, [decide.decide(x, thresholds) for x in p[run]]).figures() for run in RUNS}
    score = (figures["first"]["v_f1"] + figures["final"]["v_f1"] + figures["final"]["s_f1"]) / 3
    print(f"seed {seed}: {json.dumps(figures)}", flush=True)
    return {"seed": seed, "path": path, "temperature": temperature, "thresholds": thresholds, "figures": figures, "score": score}


def write_model(cache, chosen, everything):
    net = BeatNet()
    with np.load(chosen["path"]) as stored:
        net.load_state_dict({k[4:]: torch.from_numpy(np.array(stored[k])) for k in stored.files if k.startswith("net.")})
    net.eval()
    package.FILES.write("model.fp32.onnx", export.to_onnx(net).SerializeToString())
    beat, context = everything[0].beat["final"][:256], everything[0].context["final"][:256]
    apart = np.abs(run_file("model.fp32.onnx", beat, context, cache) - fit.logits_of(net, beat, context)).max()
    if apart > 1e-3:
        sys.exit(f"the exported file differs from the network by {apart:.4f}")


def quantised(cache, everything):
    """Writes model.onnx from model.fp32.onnx; returns the manifest's note on calibration."""
    (beat, context), _ = fit.Pool(everything).draw(np.random.default_rng(1), CALIBRATION_WINDOWS)
    model = onnx.load(os.path.join(package.FOLDER, "model.fp32.onnx"))
    ranges = quantise.activation_ranges(model, {"beat": beat, "context": context}, cache)
    package.FILES.write("model.onnx", quantise.quantise(model, ranges, KEEP_FP32).SerializeToString())
    return {"windows": len(beat), "sha256": hashlib.sha256(beat.tobytes() + context.tobytes()).hexdigest()}


def run_file(name, beat, context, cache):
    return node.run_onnx(os.path.join(package.FOLDER, name), {"beat": beat, "context": context}, cache)["logits"]


def score_file(data_dir, cache, name, beats, chosen):
    """Run → (Counts gross, {record: Counts}, label index of every beat) of a model file on records it has not seen."""
    out = {}
    for run in RUNS:
        logits = run_file(name, np.concatenate([b.beat[run] for b in beats]), np.concatenate([b.context[run] for b in beats]), cache)
        labels = decide.decide(decide.softmax(logits, chosen["temperature"]), chosen["thresholds"])
        per_beat = np.split(labels, np.cumsum([len(b.label) for b in beats])[:-1])
        by_record = {b.record: decide.counts(data_dir, [b], [x]) for b, x in zip(beats, per_beat)}
        out[run] = (decide.counts(data_dir, beats, per_beat), by_record, labels)
    return out


if __name__ == "__main__":
    main()
