"""Trains `ppg-pulse` on BIDMC, judges it on folds by patient, writes the package.

    npm run train -- ppg-pulse [--data DIR] [--seed N] [--seeds K] [--minutes M]
"""

import argparse
import json
import os
import sys

import numpy as np
import torch

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(FOLDER)), "toolkit"))

import dataset
import features
import fit
import judge
import node
import package

STEPS = 500
STEP_S = 0.05  # one step on one slow core; --minutes is turned into steps by it
VARIED = 8000
MOVED = 1500
COVER = 0.9


def main():
    args = arguments()
    torch.set_num_threads(1)
    cache = os.path.join(node.ROOT, ".cache", "ppg-pulse")
    patients = dataset.load(args.data, cache)
    if not patients:
        sys.exit(f"no record stands in {args.data}/ppg/bidmc")
    sets = prepared(args.data, cache, patients)
    steps = int(min(STEPS, args.minutes * 60 / STEP_S / (fit.FOLDS + 1)))
    results = [one_seed(cache, seed, steps, sets, len(patients)) for seed in range(args.seed, args.seed + args.seeds)]
    package.write(args.data, cache, patients, sets, results, steps)


def arguments():
    parser = argparse.ArgumentParser(prog="npm run train -- ppg-pulse")
    parser.add_argument("--data", default=os.path.join(node.ROOT, "..", "shared", "data"), help="folder with ppg/bidmc and motion/pt-exercises-5imu")
    parser.add_argument("--seed", type=int, default=1, help="first seed")
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--minutes", type=float, default=10, help="upper bound a seed")
    return parser.parse_args()


def prepared(data, cache, patients):
    """Features, rates and owners of windows as recorded, varied for training, and moved by somebody who is in no training."""
    path = os.path.join(cache, "windows.npz")
    if not os.path.exists(path):
        motion = dataset.motions(data, cache)
        *known, stranger = sorted(motion)
        x, bpm, owner = dataset.plain(patients)
        out = {"plain_x": by_parts(x, np.zeros((len(x), 3, features.COUNT))), "plain_bpm": bpm, "plain_owner": owner}
        x, acc, bpm, owner = dataset.varied(patients, {k: motion[k] for k in known}, VARIED, np.random.default_rng(1))
        out |= {"varied_x": by_parts(x, acc), "varied_bpm": bpm, "varied_owner": owner}
        x, acc, bpm, owner = dataset.moved(patients, {stranger: motion[stranger]}, MOVED, np.random.default_rng(2))
        out |= {"moved_x": by_parts(x, acc), "moved_bpm": bpm, "moved_owner": owner, "deaf_x": by_parts(x, 0 * acc)}
        np.savez(path, **out)
    with np.load(path) as f:
        return {name: f[name] for name in f.files}


def by_parts(x, acc):
    return np.concatenate([features.features(x[i : i + 1000], acc[i : i + 1000]) for i in range(0, len(x), 1000)])


def one_seed(cache, seed, steps, sets, people):
    """Networks on folds by patient for the figures, and the one on all of them that may be shipped; kept in the cache by seed and steps."""
    names = ("plain", "moved", "deaf")
    out = {name: np.zeros((len(sets[f"{name}_x"]), features.SHOWN), np.float32) for name in names}
    for fold in range(fit.FOLDS):
        held = np.arange(people) % fit.FOLDS == fold
        net = fitted(cache, f"{seed}-{steps}-{fold}", sets, ~held, seed, steps)
        for name in names:
            rows = held[sets["moved_owner" if name == "deaf" else f"{name}_owner"]]
            out[name][rows] = fit.distribution(net, sets[f"{name}_x"][rows])
    fitted(cache, f"{seed}-{steps}-all", sets, np.ones(people, bool), seed, steps)
    scale, figures = figures_of(out, sets)
    print(f"seed {seed}: {json.dumps(figures)}", flush=True)
    return {"seed": seed, "path": os.path.join(cache, f"fit-{seed}-{steps}-all.pt"), "figures": figures, "scale": scale, "out": out}


def fitted(cache, name, sets, chosen, seed, steps):
    path = os.path.join(cache, f"fit-{name}.pt")
    if not os.path.exists(path):
        plain, varied = chosen[sets["plain_owner"]], chosen[sets["varied_owner"]]
        x = np.concatenate([sets["plain_x"][plain], sets["varied_x"][varied]])
        bpm = np.concatenate([sets["plain_bpm"][plain], sets["varied_bpm"][varied]])
        net = fit.fit(x, bpm, seed, steps, log=lambda line: print(line, flush=True))
        torch.save(net.state_dict(), path + ".tmp")
        os.replace(path + ".tmp", path)
    return fit.restored(path)


def figures_of(out, sets):
    """By how much intervals are widened so that they hold nine rates of ten of windows as recorded, and what comes of it."""
    bpm, low, high = judge.read(out["plain"])
    truth = sets["plain_bpm"]
    half = np.where(truth > bpm, np.maximum(high - bpm, 1e-6), np.maximum(bpm - low, 1e-6))
    told = judge.width(low, high) < judge.WIDEST
    scale = float(np.quantile((np.abs(truth - bpm) / half)[told], COVER))
    figures = {"scale": scale}
    for name in ("plain", "moved", "deaf"):
        bpm, low, high = judge.read(out[name])
        truth = sets["moved_bpm" if name == "deaf" else f"{name}_bpm"]
        told = judge.width(low, high) < judge.WIDEST
        inside = np.logical_and(*[(truth >= a, truth <= b) for a, b in [judge.widened(bpm, low, high, scale)]][0])
        error = np.abs(bpm - truth)
        figures[name] = {"mae": error.mean(), "told": told.mean(), "mae_told": error[told].mean(), "within5": (error[told] <= 5).mean(), "cover": inside[told].mean()}
    return scale, json.loads(json.dumps(figures), parse_float=lambda v: round(float(v), 3))


if __name__ == "__main__":
    main()
