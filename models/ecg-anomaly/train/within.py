"""The protocol within patients (models.md §1.7), strictly: 5 folds × seeds, the epoch chosen by validation and, beside it, the last one. For comparison with papers only.

    /usr/bin/python3 models/ecg-anomaly/train/within.py [--data DIR] [--seed N] [--seeds K] [--folds K]

Beats of one patient stand in training and test, abnormal labels choose the epoch, and the filter sees the future: no gateway can do this.
About three minutes a seed on one core. Windows and finished runs are kept in .cache/ecg-anomaly-within; delete it after a change of detector or of this file.
"""

import argparse
import copy
import json
import os
import sys

import numpy as np
import torch

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(FOLDER)), "toolkit"))

import judge
import mitdb
import node
import wfdb
from dataset import lead_of
from net import AnomalyNet
from scipy.signal import filtfilt, firwin

BEFORE, AFTER = 140, 180
KINDS = {s: k for k, symbols in {"N": "NLR", "S": "AaJSej", "V": "VE", "F": "F", "Q": "/fQ"}.items() for s in symbols}
FOLDS = 5
LATENT = 24
STEPS = 1200
EPOCH_STEPS = 400
BATCH = 128
NEAREST = 3
# The protocol's windows end at 45 Hz: the network is given every third of their 320 samples.
THIN = 3


def windows(data_dir, cache):
    """float32 [beats, 320] in ± 1 and the kind of each, of all records present that are not paced."""
    records = [n[:-4] for n in sorted(os.listdir(os.path.dirname(mitdb.path_of(data_dir, "x")))) if n.endswith(".hea")]
    taps = {}
    x, kinds = [], []
    for record in [r for r in records if r not in mitdb.PACED]:
        source = wfdb.read_record(mitdb.path_of(data_dir, record))
        raw = source.mv[lead_of(source)]
        rate = source.rate_hz
        taps.setdefault(rate, firwin(int(0.3 * rate) + 1, [3, 45], pass_zero=False, fs=rate))
        signal = filtfilt(taps[rate], [1.0], np.nan_to_num(raw)).astype(np.float32)
        peaks = node.detect([(rate, raw)], os.path.join(cache, f"detect-{os.getpid()}"))[0]
        for at, symbol, _, _ in wfdb.read_annotations(mitdb.path_of(data_dir, record)):
            kind = KINDS.get(symbol)
            if kind is None or at < BEFORE or at + AFTER > len(signal):
                continue
            if kind == "N" and np.abs(peaks - at).min() >= 10:
                continue
            x.append(signal[at - BEFORE : at + AFTER])
            kinds.append(kind)
    x = np.array(x)
    low, high = x.min(1, keepdims=True), x.max(1, keepdims=True)
    return (2 * (x - low) / np.maximum(high - low, 1e-9) - 1).astype(np.float32), np.array(kinds)


def cached_windows(data_dir, cache):
    path = os.path.join(cache, "windows.npz")
    if not os.path.exists(path):
        x, kinds = windows(data_dir, cache)
        np.savez(path + ".tmp.npz", x=x, kinds=kinds)
        os.replace(path + ".tmp.npz", path)
    with np.load(path) as data:
        return data["x"], data["kinds"]


def split(kinds, fold):
    """Indices: training normals, validation (normals and a tenth of each abnormal kind), test."""
    normal = np.flatnonzero(kinds == "N")
    np.random.RandomState(42).shuffle(normal)
    size = len(normal) // FOLDS
    tested, rest = normal[fold * size : (fold + 1) * size], np.concatenate([normal[: fold * size], normal[(fold + 1) * size :]])
    rng = np.random.RandomState(0)
    rest = rest[rng.permutation(len(rest))]
    chosen, test = [rest[: len(rest) // 10]], [tested]
    for kind in "SVFQ":
        of_kind = np.flatnonzero(kinds == kind)
        of_kind = of_kind[rng.permutation(len(of_kind))]
        chosen.append(of_kind[: len(of_kind) // 10])
        test.append(of_kind[len(of_kind) // 10 :])
    return rest[len(rest) // 10 :], np.concatenate(chosen), np.concatenate(test)


def nearest(queries, memory, skip=0):
    near = [torch.cdist(q, memory).topk(NEAREST + skip, largest=False) for q in queries.split(1024)]
    return torch.cat([d.values[:, skip:] for d in near]), torch.cat([d.indices[:, skip:] for d in near])


def density_score(memory, queries):
    """Distance to the three nearest training beats over the root of how far these lie from their own; axes of the latent evened out by the root of their spread."""
    mean = memory.mean(0)
    _, spread, axes = torch.linalg.svd((memory - mean)[::4], full_matrices=False)
    turn = axes.T * (spread / spread[0]) ** -0.5
    memory, queries = (memory - mean) @ turn, (queries - mean) @ turn
    far, which = nearest(queries, memory)
    asked, place = which.unique(return_inverse=True)
    own, _ = nearest(memory[asked], memory, skip=1)
    return (far.mean(1) / own[place].mean((1, 2)) ** 0.5).numpy()


def fit(every, train, validation, is_strange, seed):
    """States of the network after the epoch with the best validation AUROC, and after the last where that is another one."""
    torch.manual_seed(seed)
    net = AnomalyNet(every.shape[1], LATENT)
    optimiser = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2e-3, total_steps=STEPS)
    best = (0, None, 0)
    for step in range(1, STEPS + 1):
        batch = every[train[torch.randint(0, len(train), (BATCH,))]]
        loss = ((net.decode(net.encode(batch + 0.03 * torch.randn_like(batch))) - batch) ** 2).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % EPOCH_STEPS:
            continue
        net.eval()
        # A fifth of the memory is enough to choose by.
        chosen = judge.auroc(density_score(codes(net, every[train[::5]]), codes(net, every[validation])), is_strange)
        if chosen > best[0]:
            best = (chosen, copy.deepcopy(net.state_dict()), step)
        net.train()
    return {"best": best[1], **({} if best[2] == STEPS else {"last": net.state_dict()})}


def codes(net, x):
    with torch.no_grad():
        return torch.cat([net.encode(part) for part in x.split(4096)])


def one_run(x, kinds, fold, seed):
    train, validation, test = split(kinds, fold)
    every = torch.from_numpy(x[:, ::THIN].copy())
    strange = kinds != "N"
    out = {"fold": fold, "seed": seed}
    for epoch, state in fit(every, torch.from_numpy(train), validation, strange[validation], seed).items():
        net = AnomalyNet(every.shape[1], LATENT)
        net.load_state_dict(state)
        net.eval()
        coded = codes(net, every[test])
        with torch.no_grad():
            error = torch.cat([((net.decode(c) - x) ** 2).mean(1) for c, x in zip(coded.split(4096), every[test].split(4096))]).numpy()
        scores = {"memory": density_score(codes(net, every[train]), coded), "reconstruction": error}
        out[epoch] = {name: [judge.auroc(s, strange[test]), judge.auprc(s, strange[test])] for name, s in scores.items()}
    return {**out, "last": out.get("last", out["best"])}


def kept(path, make):
    """What `make` gives, from a file where it has been made before: a run that was ended goes on."""
    if not os.path.exists(path):
        made = make()
        with open(path + ".tmp", "w") as f:
            json.dump(made, f)
        os.replace(path + ".tmp", path)
    with open(path) as f:
        return json.load(f)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default=os.path.join(node.ROOT, "..", "shared", "data"))
    parser.add_argument("--seed", type=int, default=1, help="first seed")
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--folds", type=int, default=FOLDS)
    args = parser.parse_args()
    torch.set_num_threads(1)
    cache = os.path.join(node.ROOT, ".cache", "ecg-anomaly-within")
    os.makedirs(cache, exist_ok=True)
    x, kinds = cached_windows(args.data, cache)
    print({k: int((kinds == k).sum()) for k in "NSVFQ"}, flush=True)
    runs = []
    for seed in range(args.seed, args.seed + args.seeds):
        for fold in range(args.folds):
            runs.append(kept(os.path.join(cache, f"run-{seed}-{fold}.txt"), lambda seed=seed, fold=fold: one_run(x, kinds, fold, seed)))
            print(json.dumps(runs[-1]), flush=True)
    for epoch in ("best", "last"):
        for name in ("memory", "reconstruction"):
            by_seed = np.array([[r[epoch][name] for r in runs if r["seed"] == seed] for seed in range(args.seed, args.seed + args.seeds)]).mean(1)
            print(epoch, name, "AUROC, AUPRC", by_seed.mean(0).round(4), "±", by_seed.std(0, ddof=1).round(4) if len(by_seed) > 1 else "–")


if __name__ == "__main__":
    main()
