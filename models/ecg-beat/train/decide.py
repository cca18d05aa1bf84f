"""From logits to labels: temperature, thresholds, and how both are chosen on held-out records of DS1."""

import numpy as np

import beat_scoring
import wfdb
from dataset import LABELS, LEARNING_S, path_of

RATE_HZ = 360


def softmax(logits, temperature):
    z = logits.astype(np.float64) / temperature
    z = np.exp(z - z.max(axis=1, keepdims=True))
    return z / z.sum(axis=1, keepdims=True)


def decide(p, thresholds):
    """Label per row: V above its threshold, else S above its own, else the likelier of N and F."""
    likely = np.where(p[:, 3] > np.maximum(p[:, 0], thresholds["F"]), 3, 0)
    return np.where(p[:, 2] >= thresholds["V"], 2, np.where(p[:, 1] >= thresholds["S"], 1, likely))


def counts(data_dir, beats, labels):
    """beat_scoring.Counts over records; `labels` holds a label index per beat for each of `beats`."""
    total = beat_scoring.Counts()
    for b, index in zip(beats, labels):
        annotations = wfdb.read_annotations(path_of(data_dir, b.record))
        total.merged(beat_scoring.Counts().add(annotations, b.peaks.tolist(), [LABELS[i] for i in index], RATE_HZ, LEARNING_S * RATE_HZ))
    return total


def fit_temperature(logits, label):
    """Temperature of least cross-entropy over held-out beats."""
    known = label >= 0
    grid = np.exp(np.linspace(np.log(0.4), np.log(4), 60))
    losses = [-np.log(softmax(logits[known], t)[np.arange(known.sum()), label[known]] + 1e-12).mean() for t in grid]
    return round(float(grid[int(np.argmin(losses))]), 3)


def choose_thresholds(p_by_run, label):
    """Thresholds of best V F1 (mean of both runs), then S F1 (final run), then balanced F; over held-out beats, `label` −1 left out."""
    known = label >= 0
    truth = label[known]
    best = {"V": 0.5, "S": 0.5, "F": 0.5}

    def score(name, thresholds, runs):
        c = LABELS.index(name)
        out = []
        for run in runs:
            got = decide(p_by_run[run][known], thresholds)
            tp, fn = ((truth == c) & (got == c)).sum(), ((truth == c) & (got != c)).sum()
            wrong = (got == c) & (truth != c)
            fp = (wrong & (truth != 3)).sum() if name == "V" else wrong.sum()
            out.append(2 * tp / max(1, 2 * tp + fn + fp))
        return np.mean(out)

    for name, runs in (("V", ("first", "final")), ("S", ("final",)), ("F", ("final",))):
        grid = np.round(np.arange(0.1, 0.92, 0.02), 2)
        scores = [score(name, {**best, name: t}, runs) for t in grid]
        # The middle of the plateau is steadier than its highest point.
        good = grid[np.array(scores) >= max(scores) - 0.002]
        best[name] = float(good[len(good) // 2])
    return best
