"""Preprocessing of `ecg-quality` in Python, the twin of ../features.ts: same order of steps, double arithmetic."""

import numpy as np
from beat_window import RATE_HZ

WINDOW_S = 8
POINTS = WINDOW_S * RATE_HZ
MIN_SCALE_MV = 0.05
CLIP = 3.0

# The same as a manifest says it.
PREPROCESS = [
    {"op": "resample", "kernel": "biweight", "halfWidthS": "max(1/120, 1/rateHz)"},
    {"op": "centre", "by": "median"},
    {"op": "scale", "by": "median swing of a second", "minMv": MIN_SCALE_MV},
    {"op": "clip", "at": CLIP},
    {"op": "fill", "by": 0},
]


def resample(samples, rate_hz, count):
    """mV at `rate_hz`, NaN where there is none → float64 [count] at 120 Hz under a biweight kernel, half as wide as 1/120 s or one sample."""
    half_s = max(1 / RATE_HZ, 1 / rate_hz)
    at_s = np.arange(count) / RATE_HZ
    reach = int(np.ceil(half_s * rate_hz)) + 1
    middle = np.floor(at_s * rate_hz).astype(int)
    total, weights = np.zeros(count), np.zeros(count)
    for step in range(-reach, reach + 1):
        i = middle + step
        inside = np.clip(i, 0, len(samples) - 1)
        u = (at_s - i / rate_hz) / half_s
        w = 1 - u * u
        value = samples[inside].astype(np.float64)
        w = np.where((w > 0) & (i == inside) & np.isfinite(value), w * w, 0.0)
        total += np.where(w > 0, value, 0.0) * w
        weights += w
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(weights > 1e-9, total / weights, np.nan)


def window_features(mv):
    """float [n, 960] at 120 Hz in mV, NaN where there is none → wave [n, 960], size [n, 1]."""
    mv = np.asarray(mv, np.float64)
    seconds = mv.reshape(len(mv), WINDOW_S, RATE_HZ)
    known = np.isfinite(seconds).any(2)
    swing = np.where(known, np.where(np.isfinite(seconds), seconds, -np.inf).max(2) - np.where(np.isfinite(seconds), seconds, np.inf).min(2), np.nan)
    with np.errstate(invalid="ignore"), np.testing.suppress_warnings() as quiet:
        quiet.filter(RuntimeWarning)
        scale = np.maximum(np.nan_to_num(np.nanmedian(swing, axis=1)), MIN_SCALE_MV)
        middle = np.nan_to_num(np.nanmedian(mv, axis=1))
    wave = np.nan_to_num(np.clip((mv - middle[:, None]) / scale[:, None], -CLIP, CLIP), nan=0.0)
    return wave.astype(np.float32), np.clip(np.log(scale), -CLIP, CLIP)[:, None].astype(np.float32)
