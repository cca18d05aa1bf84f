"""Learns the basis and the usual odds of `ecg-codec` on DS1 of the MIT-BIH Arrhythmia Database, and writes codebook.ts and odds.ts.

    npm run train -- ecg-codec [--data DIR ...] [--seed N]

No network is fitted: the basis is that of the principal components of weighted windows, cut by the coder's own code, so that it takes a minute.
"""

import argparse
import base64
import os
import subprocess
import sys

import numpy as np

FOLDER = os.path.dirname(os.path.abspath(__file__))
PACKAGE = os.path.dirname(FOLDER)
sys.path.insert(0, os.path.join(os.path.dirname(PACKAGE), "toolkit"))

import mitdb
import node
import wfdb

CACHE = os.path.join(node.ROOT, ".cache", "ecg-codec")
WIDTH = 112
LATENTS = 40
# So many windows of a record, whoever has more beats.
WINDOWS = 800
# What stands for 1 in int8.
UNIT = 200


def main():
    args = arguments()
    data = next((d for d in args.data if mitdb.present(d, mitdb.DS1)), None)
    if data is None:
        sys.exit(f"ecg/mitdb stands in none of {', '.join(args.data)}")
    os.makedirs(CACHE, exist_ok=True)
    signals = [signal_of(data, record) for record in mitdb.present(data, mitdb.DS1)]
    node.run_script("codec-windows.ts", "".join(f"{s['rate_hz']:g} {s['path']}\n" for s in signals))
    basis, left = principal(signals, np.random.default_rng(args.seed))
    write("codebook.ts", CODEBOOK % (quoted(basis.tobytes(), 4), UNIT))
    print(f"{len(signals)} records, {LATENTS} latents, {100 * left:.2f} % of the spread left out", flush=True)
    learn = os.path.join(node.ROOT, "gateway", "evaluation", "learn-latent-odds.ts")
    write("odds.ts", run(learn, *(f"{s['rate_hz']:g}:{s['mv_per_count']!r}:{s['path']}" for s in signals)))


def arguments():
    parser = argparse.ArgumentParser(prog="npm run train -- ecg-codec")
    usual = [os.path.join(node.ROOT, ".data"), os.path.join(node.ROOT, "..", "shared", "data")]
    parser.add_argument("--data", action="append", help="folder with ecg/mitdb; may be given several times")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    args.data = args.data or usual
    return args


def signal_of(data, record):
    """Counts of the lead that the gateway analyses and the R peaks that it finds there, as files."""
    source = wfdb.read_record(mitdb.path_of(data, record))
    mv = np.nan_to_num(source.mv[source.names.index("MLII") if "MLII" in source.names else 0])
    path = os.path.join(CACHE, f"{record}.counts")
    # All of the set has 200 counts a millivolt.
    mv_per_count = 0.005
    np.round(mv / mv_per_count).astype("<f4").tofile(path)
    [peaks] = node.detect([(source.rate_hz, mv)], os.path.join(CACHE, "detect"))
    with open(path + ".peaks", "w") as f:
        f.write("\n".join(map(str, peaks)))
    return {"path": path, "rate_hz": source.rate_hz, "mv_per_count": mv_per_count}


def principal(signals, rng):
    """The basis in int8 [latents, width], and the share of the spread that it leaves out. Small hearts count by the root of their size, as their bound does."""
    rows = []
    for signal in signals:
        windows = np.fromfile(signal["path"] + ".windows", "<f4").reshape(-1, WIDTH)
        windows = windows[rng.permutation(len(windows))[:WINDOWS]]
        rows.append(windows / np.sqrt(np.sqrt((windows**2).sum(1).mean())))
    rows = np.concatenate(rows)
    spread, vectors = np.linalg.eigh(rows.T @ rows / len(rows))
    basis = vectors[:, ::-1].T[:LATENTS]
    if np.abs(basis).max() * UNIT > 127:
        sys.exit("the basis does not fit into int8: lower UNIT")
    return np.round(basis * UNIT).astype(np.int8), float(np.sqrt(spread[:-LATENTS].sum() / spread.sum()))


CODEBOOK = """/** The basis of windows, row after row in int8. Made by train/train.py. */

import { width } from "./grid.ts";

const rows = new Int8Array(
  Buffer.from(
%s,
    "base64",
  ),
);

export const codebook = {
  /** What stands for 1. */
  unit: %d,
  basis: Array.from({ length: rows.length / width }, (_, k) => rows.subarray(k * width, (k + 1) * width)),
} as const;
"""


def quoted(data, indent):
    text = base64.b64encode(data).decode()
    return " +\n".join(f'{" " * indent}{"" if at == 0 else "  "}"{text[at : at + 120]}"' for at in range(0, len(text), 120))


def write(name, text):
    path = os.path.join(PACKAGE, name)
    with open(path + ".tmp", "w") as f:
        f.write(text)
    os.replace(path + ".tmp", path)


def run(script, *args):
    done = subprocess.run([node.NODE, script, *args], text=True, capture_output=True, cwd=node.ROOT)
    if done.returncode != 0:
        sys.exit(f"{os.path.basename(script)} failed: {done.stderr.strip()[-2000:]}")
    return done.stdout


if __name__ == "__main__":
    main()
