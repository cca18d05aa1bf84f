"""CinC 2017 recordings with their class, the readable seconds of DS1, and recorded noise, all at 120 Hz. Cached outside git."""

import csv
import os

import features
import numpy as np
import wfdb
from beat_window import RATE_HZ
from mitdb import path_of

CLASSES = "NAO~"
FOLDS = 5
HOP_S = 2
# The same samples stand twice in the set.
TWINS = {"A01176": "A00227", "A03123": "A02656"}


class Recording:
    """One class for the whole; `mv` at 120 Hz, and the tensors of windows that begin at every second of it."""

    def __init__(self, name, label, mv):
        self.name, self.label, self.mv = name, label, mv
        starts = range(0, len(mv) - features.POINTS + 1, RATE_HZ)
        wave, self.size = features.window_features(np.stack([mv[at : at + features.POINTS] for at in starts]))
        self.wave = wave.astype(np.float16)

    def asked(self):
        """Tensors of the windows that the gateway asks about: the first ends after eight seconds."""
        return self.wave[::HOP_S].astype(np.float32), self.size[::HOP_S]


def recordings(data_dirs, cache_dir):
    """Of the first folder that has the set; those shorter than a window are left out."""
    folder = next((f for f in (os.path.join(d, "ecg", "cinc2017") for d in data_dirs) if os.path.exists(os.path.join(f, "REFERENCE.csv"))), None)
    if folder is None:
        return []
    with open(os.path.join(folder, "REFERENCE.csv")) as f:
        labels = dict(row[:2] for row in csv.reader(f) if len(row) >= 2)
    names = sorted(n for n in labels if os.path.exists(os.path.join(folder, f"{n}.hea")) and labels[n] in CLASSES)
    cached = cached_at(os.path.join(cache_dir, "cinc2017.npz"), names, lambda name: at_120(wfdb.read_record(os.path.join(folder, name)), 0))
    return [Recording(name, labels[name], mv) for name, mv in zip(names, cached) if len(mv) >= features.POINTS]


def clean_windows(data_dirs, cache_dir, records):
    """Tensors of windows of DS1, every four seconds, that no annotation calls noisy or unreadable; none without the set."""
    folder = next((d for d in data_dirs if os.path.exists(path_of(d, records[0]) + ".hea")), None)
    names = [] if folder is None else [r for r in records if os.path.exists(path_of(folder, r) + ".hea")]

    def clean(name):
        source = wfdb.read_record(path_of(folder, name))
        channel = source.names.index("MLII") if "MLII" in source.names else 0
        marks = [(sample, subtype) for sample, symbol, subtype, _ in wfdb.read_annotations(path_of(folder, name)) if symbol == "~"]
        for (at, subtype), (to, _) in zip(marks, [*marks[1:], (source.mv.shape[1], 0)]):
            # One bit a lead for noise, four bits higher one for what cannot be read at all.
            if subtype < 0 or subtype >> channel & 0x11:
                source.mv[channel, at:to] = np.nan
        return at_120(source, channel)

    rows = []
    for mv in cached_at(os.path.join(cache_dir, "ds1.npz"), names, clean) if names else ():
        windows = np.stack([mv[at : at + features.POINTS] for at in range(0, len(mv) - features.POINTS + 1, 4 * RATE_HZ)])
        rows.append(windows[np.isfinite(windows).all(1)])
    if not rows:
        return np.zeros((0, features.POINTS), np.float16), np.zeros((0, 1), np.float32)
    wave, size = features.window_features(np.concatenate(rows))
    return wave.astype(np.float16), size


def noise(data_dirs):
    """Electrode motion and muscle noise at 120 Hz, seconds 0–30 of nstdb → float32 [rows, samples]; none without the set."""
    folder = next((f for f in (os.path.join(d, "ecg", "nstdb-partial") for d in data_dirs) if os.path.exists(f)), None)
    rows = []
    for kind in ("em60", "ma60") if folder is not None else ():
        record = wfdb.read_record(os.path.join(folder, kind))
        rows += [features.resample(channel, record.rate_hz, 30 * RATE_HZ) for channel in record.mv[:, : int(30 * record.rate_hz)]]
    return np.array(rows, np.float32)


def at_120(record, channel):
    return features.resample(record.mv[channel], record.rate_hz, int(record.mv.shape[1] / record.rate_hz * RATE_HZ)).astype(np.float32)


def cached_at(path, names, make):
    """Delete the cache folder after a change of the features."""
    if os.path.exists(path):
        with np.load(path) as kept:
            if kept["names"].tolist() == names:
                return np.split(kept["mv"], np.cumsum(kept["lengths"])[:-1])
    made = [make(name) for name in names]
    os.makedirs(os.path.dirname(path), exist_ok=True)
    np.savez(path + ".tmp.npz", names=np.array(names), lengths=np.array([len(mv) for mv in made]), mv=np.concatenate(made))
    os.replace(path + ".tmp.npz", path)
    return made


def folds_of(recordings):
    """Fold of each recording: every class evenly over the folds in an order drawn once for all seeds, twins on one side."""
    rng = np.random.default_rng(7)
    fold = {}
    for label in CLASSES:
        names = [r.name for r in recordings if r.label == label]
        for i, at in enumerate(rng.permutation(len(names))):
            fold[names[at]] = i % FOLDS
    return np.array([fold[TWINS[r.name]] if TWINS.get(r.name) in fold else fold[r.name] for r in recordings])
