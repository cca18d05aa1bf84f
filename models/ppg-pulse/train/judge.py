"""What a distribution over rates says: value, interval, width. The twin of ../decision.ts."""

import numpy as np

import features

LOGS = features.STEP * np.arange(features.SHOWN)
TAIL = 0.05
WIDEST = 0.25  # of an interval before it is drawn in; what is wider is not told


def read(p):
    """Distributions [n, 128] → (bpm, low, high): the mean of the logarithm round the highest bin, and where 5 % lie on either side."""
    p = np.asarray(p, np.float64)
    top = p.argmax(axis=1)
    near = np.abs(np.arange(features.SHOWN)[None] - top[:, None]) <= 3
    weight = p * near
    mean = (weight * LOGS).sum(axis=1) / weight.sum(axis=1)
    return features.LOW_BPM * np.exp(mean), quantile(p, TAIL), quantile(p, 1 - TAIL)


def quantile(p, share):
    """Each bin's share is spread evenly over its width."""
    sums = np.cumsum(p, axis=1) / p.sum(axis=1, keepdims=True)
    at = (sums < share).sum(axis=1).clip(0, features.SHOWN - 1)
    rows = np.arange(len(p))
    before = np.where(at > 0, sums[rows, at - 1], 0)
    part = (share - before) / np.maximum(sums[rows, at] - before, 1e-12)
    return features.LOW_BPM * np.exp(features.STEP * (at - 0.5 + part))


def widened(bpm, low, high, scale):
    return bpm + scale * (np.minimum(low, bpm) - bpm), bpm + scale * (np.maximum(high, bpm) - bpm)


def width(low, high):
    """Of the interval before it is widened, in logarithms."""
    return np.log(high / low)


SHARES = (0.5, 0.7, 0.8, 0.9, 0.95, 1.0)


def risks(error, unsure):
    """Mean error of the surest share of windows, for each of SHARES: what abstention is worth."""
    order = np.argsort(unsure, kind="stable")
    return [error[order[: round(share * len(error))]].mean() for share in SHARES]


def risk_rows(distributions, x, truth, title):
    """Lines of a table: windows by the width of their interval, by the height of their autocorrelation, and by their own error, than which none can be better."""
    bpm, low, high = read(distributions)
    error = np.abs(bpm - truth)
    by = {"the interval": width(low, high), "likeness to itself a beat later": -x[:, 3, : features.SHOWN].max(1), "its own error": error}
    return [f"| {title}, by {name} | " + " | ".join(f"{r:.2f}" for r in risks(error, unsure)) + " |" for name, unsure in by.items()]
