"""Trains `ecg-quality` on CinC 2017, validates on five folds by recording, and writes the package.

    npm run train -- ecg-quality [--data DIR ...] [--seed N] [--seeds K] [--minutes M] [--folds]
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
import package_files
import quantise
import report
from beat_window import RATE_HZ
from net import QualityNet

STEPS = 500
STEP_S = 0.1  # one step on one slow core; --minutes is turned into steps by it
# The wave itself, and means beside largest values and the size: on one scale of 8 bits the small ones would be lost.
KEEP_FP32 = ("conv0", "hidden", "last")
CALIBRATION_WINDOWS = 1024
CACHE = os.path.join(node.ROOT, ".cache", "ecg-quality")


def main():
    args = arguments()
    torch.set_num_threads(1)
    recordings = dataset.recordings(args.data, CACHE)
    if not recordings:
        sys.exit(f"ecg/cinc2017 stands unpacked in none of {', '.join(args.data)}")
    clean, noise = dataset.clean_windows(args.data, CACHE, mitdb.DS1), dataset.noise(args.data)
    fold, labels = dataset.folds_of(recordings), np.array([r.label for r in recordings])
    steps = int(min(STEPS, args.minutes * 60 / STEP_S / (dataset.FOLDS + 1)))

    def pools(left_out=None):
        return fit.Pools([r for r, f in zip(recordings, fold) if f != left_out], clean, noise)

    results = [one_seed(seed, steps, recordings, labels, fold, pools) for seed in range(args.seed, args.seed + args.seeds)]
    chosen = sorted(results, key=lambda r: r["figures"]["noise_f1"])[(len(results) - 1) // 2]
    print(f"seed {chosen['seed']} is the median of {len(results)}", flush=True)
    trained_on = learnt_from(args.data, clean, noise)
    scores = fold_packages(chosen, steps, recordings, labels, fold, trained_on)
    if args.folds:
        print(f"the packages of the folds stand in {os.path.join(CACHE, 'folds')}")
        return
    net = fitted(path_of(chosen["seed"], steps, "all"), pools, chosen["seed"], steps)
    threshold = judge.best_threshold(chosen["score"], labels == "~")
    calibration = write_models(package.FILES, net, threshold, recordings)
    cinc = next(f for f in (os.path.join(d, "ecg", "cinc2017") for d in args.data) if os.path.exists(f))
    package.write_golden(cinc, args.data, lambda file, wave, size: run_file(package.FILES.path(file), wave, size))
    peaks = node.detect([(RATE_HZ, np.nan_to_num(r.mv)) for r in recordings], os.path.join(CACHE, "detect"))
    compared = baselines.scored(recordings, peaks, labels, fold)
    lines = report.lines(recordings, fold, results, chosen, scores, compared, threshold, steps)
    package.FILES.write_figures(lines)
    named = [f"cinc2017/{r.name}" for r in recordings] + trained_on
    package.FILES.write_manifest(package.manifest(package.FILES, ("golden.json", "card.md"), named, threshold, calibration, len(results), report.metrics(results, scores, labels)))
    print("\n".join(lines))


def arguments():
    parser = argparse.ArgumentParser(prog="npm run train -- ecg-quality")
    usual = [os.path.join(node.ROOT, ".data"), os.path.join(node.ROOT, "..", "shared", "data")]
    parser.add_argument("--data", action="append", help="folder with ecg/cinc2017 unpacked, ecg/mitdb or ecg/nstdb-partial; may be given several times")
    parser.add_argument("--seed", type=int, default=1, help="first seed")
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--minutes", type=float, default=10, help="upper bound a seed")
    parser.add_argument("--folds", action="store_true", help="write the packages of the median seed's folds for `npm run eval -- quality --model`, and nothing else")
    args = parser.parse_args()
    args.data = args.data or usual
    return args


def learnt_from(data_dirs, clean, noise):
    """What else than recordings of CinC 2017 went in, as manifests write it."""
    has = [d for d in data_dirs if mitdb.present(d, mitdb.DS1)]
    return [f"mitdb/{r}" for r in (mitdb.present(has[0], mitdb.DS1) if has and len(clean[0]) else [])] + (["nstdb-partial/em60", "nstdb-partial/ma60"] if len(noise) else [])


def path_of(seed, steps, part):
    return os.path.join(CACHE, f"fit-{seed}-{steps}-{part}.pt")


def fitted(path, pools, seed, steps):
    """Kept in the cache by seed, steps and part."""
    if not os.path.exists(path):
        net = fit.fit(pools(), seed, steps, log=lambda line: print(line, flush=True))
        torch.save(net.state_dict(), path + ".tmp")
        os.replace(path + ".tmp", path)
    net = QualityNet()
    net.load_state_dict(torch.load(path))
    return net.eval()


def one_seed(seed, steps, recordings, labels, fold, pools):
    """Networks on the folds; a recording's score is of the network that has not seen it."""
    windows = [None] * len(recordings)
    for k in range(dataset.FOLDS):
        net = fitted(path_of(seed, steps, k), lambda k=k: pools(k), seed, steps)
        with torch.no_grad():
            for i in np.flatnonzero(fold == k):
                windows[i] = net(*(torch.from_numpy(x) for x in recordings[i].asked()))[0].numpy()
    score = judge.of_recordings(windows)
    thresholds = judge.thresholds_of(score, labels == "~", fold)
    figures = judge.figures(score - np.array([thresholds[k] for k in fold]), labels)
    print(f"seed {seed}: {json.dumps({k: round(v, 4) for k, v in figures.items()})}", flush=True)
    return {"seed": seed, "score": score, "thresholds": thresholds, "figures": figures}


def fold_packages(chosen, steps, recordings, labels, fold, also):
    """Writes a package a fold, and gives by precision the score of each recording by the package that has not seen it."""
    scores = {"int8": np.zeros(len(recordings)), "fp32": np.zeros(len(recordings))}
    for k in range(dataset.FOLDS):
        files = package_files.PackageFiles(os.path.join(CACHE, "folds", str(k)))
        os.makedirs(files.folder, exist_ok=True)
        net = fitted(path_of(chosen["seed"], steps, k), None, chosen["seed"], steps)
        others = [r for r, f in zip(recordings, fold) if f != k]
        threshold = chosen["thresholds"][k]
        calibration = write_models(files, net, threshold, others)
        text = package.manifest(files, (), [f"cinc2017/{r.name}" for r in others] + also, threshold, calibration, 1, [])
        files.write("manifest.json", (json.dumps(text, indent=2) + "\n").encode())
        own = np.flatnonzero(fold == k)
        asked = [recordings[i].asked() for i in own]
        wave, size = (np.concatenate([pair[part] for pair in asked]) for part in (0, 1))
        ends = np.cumsum([len(w) for w, _ in asked])[:-1]
        for precision, name in (("int8", "model.onnx"), ("fp32", "model.fp32.onnx")):
            scores[precision][own] = judge.of_recordings(np.split(run_file(files.path(name), wave, size)[:, 0], ends))
    return scores


def write_models(files, net, threshold, recordings):
    """model.fp32.onnx and model.onnx; returns the manifest's note on calibration."""
    files.write("model.fp32.onnx", export.to_onnx(net, threshold).SerializeToString())
    rng = np.random.default_rng(1)
    drawn = [(r, rng.integers(len(r.wave))) for r in (recordings[i] for i in rng.integers(0, len(recordings), CALIBRATION_WINDOWS))]
    wave, size = np.stack([r.wave[at] for r, at in drawn]).astype(np.float32), np.stack([r.size[at] for r, at in drawn])
    with torch.no_grad():
        wanted = net(torch.from_numpy(wave), torch.from_numpy(size))[0].numpy() - threshold
    apart = np.abs(run_file(files.path("model.fp32.onnx"), wave, size)[:, 0] - wanted).max()
    if apart > 1e-3:
        sys.exit(f"the exported file differs from the network by {apart:.4f}")
    model = onnx.load(files.path("model.fp32.onnx"))
    ranges = quantise.activation_ranges(model, {"wave": wave, "size": size}, CACHE)
    files.write("model.onnx", quantise.quantise(model, ranges, KEEP_FP32).SerializeToString())
    return {"windows": len(wave), "sha256": hashlib.sha256(wave.tobytes()).hexdigest()}


def run_file(path, wave, size):
    return node.run_onnx(path, {"wave": wave, "size": size}, os.path.join(CACHE, f"run-{os.getpid()}"))["noise"]


if __name__ == "__main__":
    main()
