"""Trains `ecg-anomaly` on normal beats of DS1, validates on folds inside DS1, writes the package, and looks at DS2 once, at the end.

    npm run train -- ecg-anomaly [--data DIR] [--seed N] [--minutes M] [--seeds K]
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

import baselines
import dataset
import export
import fit
import judge
import mitdb
import node
import package
import quantise
import report
from net import AnomalyNet

STEPS = 800
STEP_S = 0.08  # one step on one slow core; --minutes is turned into steps by it
FOLDS = 2
KEEP_FP32 = ("conv0", "latent")
CALIBRATION_WINDOWS = 1024
LATENT_RANGE = 10.0


def main():
    args = arguments()
    torch.set_num_threads(1)
    cache = os.path.join(node.ROOT, ".cache", "ecg-anomaly")
    names = mitdb.present(args.data, mitdb.DS1)
    if not names:
        sys.exit(f"no record of DS1 stands in {args.data}/ecg/mitdb")
    records = dataset.load(args.data, cache, names)
    noise = dataset.noise(args.data)
    steps = int(min(STEPS, args.minutes * 60 / STEP_S / (FOLDS + 1)))
    results = [one_seed(cache, seed, steps, records, noise) for seed in range(args.seed, args.seed + args.seeds)]
    chosen = sorted(results, key=lambda r: r["figures"]["auroc"])[(len(results) - 1) // 2]
    print(f"seed {chosen['seed']} is the median of {len(results)} by validation", flush=True)
    package.write_decision(*chosen["decision"])
    net = restored(chosen["path"])
    write_models(cache, net, scale_of(net, records), records)
    calibration = quantised(cache, records)
    package.write_golden(args.data, lambda file, beat: run_file(file, beat, cache))
    test = dataset.load(args.data, cache, mitdb.present(args.data, mitdb.DS2))
    tested = {}
    for precision, file in (("int8", "model.onnx"), ("fp32", "model.fp32.onnx")) if test else ():
        tested[precision] = judge.scored(test, lambda beat, file=file: run_file(file, beat, cache)["latent"])
    compared = baselines.scored(records, test) if test else {}
    lines = report.lines(results, chosen, tested, compared, steps)
    package.FILES.write_figures(lines)
    package.write_manifest([f"mitdb/{n}" for n in names], chosen["decision"], calibration, len(results), report.metrics(results, tested))
    print("\n".join(lines))


def arguments():
    parser = argparse.ArgumentParser(prog="npm run train -- ecg-anomaly")
    parser.add_argument("--data", default=os.path.join(node.ROOT, "..", "shared", "data"), help="folder with ecg/mitdb and ecg/nstdb-partial")
    parser.add_argument("--seed", type=int, default=1, help="first seed")
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--minutes", type=float, default=10, help="upper bound a seed")
    return parser.parse_args()


def one_seed(cache, seed, steps, records, noise):
    """Networks on folds of DS1 for validation and the one on all of it; kept in the cache by seed and steps."""
    surprise, label = [], []
    for fold in range(FOLDS):
        held_out = records[fold::FOLDS]
        net = fitted(os.path.join(cache, f"fit-{seed}-{steps}-{fold}.pt"), [r for r in records if r not in held_out], noise, seed, steps)
        (s, c), _ = judge.scored(held_out, latents_by(net, scale_of(net, records)))
        surprise.append(s)
        label.append(c)
    path = os.path.join(cache, f"fit-{seed}-{steps}-all.pt")
    fitted(path, records, noise, seed, steps)
    surprise, label = np.concatenate(surprise), np.concatenate(label)
    # What 1 in 100 and 1 in 1,000 normal beats exceed, without any abnormal label.
    decision = [round(float(q), 3) for q in np.quantile(surprise[label == "N"], [0.99, 0.999])]
    figures = judge.figures(surprise, label)
    print(f"seed {seed}: {json.dumps(figures)}", flush=True)
    return {"seed": seed, "path": path, "figures": figures, "decision": decision}


def fitted(path, records, noise, seed, steps):
    if not os.path.exists(path):
        net = fit.fit([r.normal() for r in records], noise, seed, steps, log=lambda line: print(line, flush=True))
        torch.save(net.state_dict(), path + ".tmp")
        os.replace(path + ".tmp", path)
    return restored(path)


def restored(path):
    net = AnomalyNet()
    net.load_state_dict(torch.load(path))
    return net.eval()


def latents_by(net, scale):
    def latents(beat):
        with torch.no_grad():
            return net.encode(torch.from_numpy(beat)).numpy() / scale

    return latents


def scale_of(net, records):
    """By which latents are divided, so that those of normal beats lie within ± 10."""
    with torch.no_grad():
        most = [np.abs(net.encode(torch.from_numpy(r.normal()[:500])).numpy()).max() for r in records]
    return float(np.quantile(most, 0.9)) / LATENT_RANGE


def write_models(cache, net, scale, records):
    package.FILES.write("model.fp32.onnx", export.to_onnx(net, scale).SerializeToString())
    beat = records[0].came[:256]
    apart = np.abs(run_file("model.fp32.onnx", beat, cache)["latent"] - latents_by(net, scale)(beat)).max()
    if apart > 1e-3:
        sys.exit(f"the exported file differs from the network by {apart:.4f}")


def quantised(cache, records):
    """Writes model.onnx from model.fp32.onnx; returns the manifest's note on calibration."""
    rng = np.random.default_rng(1)
    every = np.concatenate([r.came for r in records])
    beat = every[rng.choice(len(every), CALIBRATION_WINDOWS, replace=False)]
    model = onnx.load(package.FILES.path("model.fp32.onnx"))
    ranges = quantise.activation_ranges(model, {"beat": beat}, cache)
    package.FILES.write("model.onnx", quantise.quantise(model, ranges, KEEP_FP32).SerializeToString())
    return {"windows": len(beat), "sha256": hashlib.sha256(beat.tobytes()).hexdigest()}


def run_file(name, beat, cache):
    return node.run_onnx(package.FILES.path(name), {"beat": beat}, cache)


if __name__ == "__main__":
    main()
