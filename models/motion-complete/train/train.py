"""Trains `motion-complete` on CMU's motion recordings, watches it on people it does not learn from, writes the package.

    npm run train -- motion-complete [--data DIR] [--seed N] [--seeds K] [--minutes M]
"""

import argparse
import json
import os
import sys

import torch

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(FOLDER)), "toolkit"))

import clips
import dataset
import fit
import judge
import node
import package

STEPS = 1600


def main():
    args = arguments()
    torch.set_num_threads(1)
    cache = os.path.join(node.ROOT, ".cache", "motion-complete")
    os.makedirs(cache, exist_ok=True)
    found, watched = clips.for_training(args.data)
    if not found:
        sys.exit(f"no recording stands in {args.data}/motion/cmu-mocap")
    tracks = dataset.tracks(found)
    results = []
    for seed in range(args.seed, args.seed + args.seeds):
        path = os.path.join(cache, f"fit-{seed}.pt")
        if not os.path.exists(path):
            net = fit.fit(tracks, seed, STEPS, args.minutes * 60, log=lambda line: print(line, flush=True))
            torch.save(net.state_dict(), path + ".tmp")
            os.replace(path + ".tmp", path)
        figures = judge.figures(fit.restored(path), watched)
        print(f"seed {seed}: {json.dumps(figures)}", flush=True)
        results.append({"seed": seed, "path": path, "figures": figures})
    chosen = sorted(results, key=lambda r: r["figures"]["lost1"])[(len(results) - 1) // 2]
    package.write(cache, found, chosen, results)


def arguments():
    parser = argparse.ArgumentParser(prog="npm run train -- motion-complete")
    parser.add_argument("--data", default=os.path.join(node.ROOT, "..", "shared", "data"), help="folder with motion/cmu-mocap")
    parser.add_argument("--seed", type=int, default=1, help="first seed")
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--minutes", type=float, default=15, help="upper bound a seed")
    return parser.parse_args()


if __name__ == "__main__":
    main()
