"""A beat's window at 120 Hz, band-passed; the twin of ../signal/beat-window.ts: same constants, same order of steps, double arithmetic."""

import math

import numpy as np

RATE_HZ = 120
BEFORE = 240  # samples at 120 Hz before R
WINDOW = 300  # R − 2.0 s … R + 0.5 s
SEGMENT_START = 200  # R − 0.33 s
SEGMENT = 100
QRS_FROM, QRS_TO = 28, 57  # part of the segment by which shapes are compared; R stands at 40
# Butterworth of order 2 at 120 Hz: high-pass 0.7 Hz, low-pass 35 Hz.
BIQUADS = [
    {"b": [0.974416087123, -1.948832174246, 0.974416087123], "a": [1.0, -1.948177530509, 0.949486817984]},
    {"b": [0.373977880169, 0.747955760338, 0.373977880169], "a": [1.0, 0.307566359792, 0.188345160884]},
]

# The same as a manifest says it.
PREPROCESS = [
    {"op": "resample", "kernel": "biweight", "halfWidthS": "max(1/120, 1/rateHz)"},
    {"op": "fill", "by": "last value"},
    *[{"op": "biquad", **f} for f in BIQUADS],
    {"op": "cut", "from": SEGMENT_START, "length": SEGMENT},
]


def windows_of(signal, rate_hz, peaks, before_s=2.0, after_s=0.5):
    """float32 [beats, samples] around each peak with NaN outside the record, and the index of R in them."""
    n_before, n_after = math.ceil(before_s * rate_hz - 1e-9), math.ceil(after_s * rate_hz - 1e-9)
    padded = np.concatenate([np.full(n_before, np.nan, np.float32), signal, np.full(n_after + 1, np.nan, np.float32)])
    index = np.asarray(peaks)[:, None] + np.arange(n_before + n_after + 1)[None, :]
    return padded[index], n_before


def resample_weights(rate_hz, r_index, length):
    """[samples, WINDOW] weights of a biweight kernel around each output time; half width 1/120 s or one sample, whichever is longer."""
    half_s = max(1 / RATE_HZ, 1 / rate_hz)
    t = (np.arange(length) - r_index) / rate_hz
    at = (np.arange(WINDOW) - BEFORE) / RATE_HZ
    u = (at[None, :] - t[:, None]) / half_s
    w = 1 - u * u
    return np.where(w > 0, w * w, 0.0)


def resample(windows, rate_hz, r_index):
    """float32 [beats, samples] in mV → (float64 [beats, WINDOW] with NaN where no sample is near, share of valid points in the segment)."""
    w = resample_weights(rate_hz, r_index, windows.shape[1])
    valid = np.isfinite(windows)
    den = valid.astype(np.float64) @ w
    num = np.where(valid, windows, 0).astype(np.float64) @ w
    with np.errstate(invalid="ignore", divide="ignore"):
        x = np.where(den > 1e-9, num / den, np.nan)
    share = np.mean(np.isfinite(x[:, SEGMENT_START : SEGMENT_START + SEGMENT]), axis=1)
    return x, share


def fill_and_filter(x):
    """Gaps hold the last value (the first value before any); then the causal biquads, started as if the first value had stood for ever."""
    x = x.copy()
    finite = np.isfinite(x)
    first = np.where(finite.any(axis=1), x[np.arange(len(x)), finite.argmax(axis=1)], 0.0)
    last = first.copy()
    for i in range(WINDOW):
        last = np.where(finite[:, i], x[:, i], last)
        x[:, i] = last
    for k, f in enumerate(BIQUADS):
        b0, b1, b2 = f["b"]
        _, a1, a2 = f["a"]
        x1 = x2 = x[:, 0].copy()
        # The high-pass rests at 0, the low-pass at its input (unit gain at 0 Hz).
        y1 = y2 = np.zeros(len(x)) if k == 0 else x1.copy()
        for i in range(WINDOW):
            now = x[:, i].copy()
            y = b0 * now + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
            x2, x1, y2, y1 = x1, now, y1, y
            x[:, i] = y
    return x
