"""Preprocessing of `ecg-beat` in Python, the twin of ../*.ts: same constants, same order of steps, double arithmetic, float32 where Memory stores it.

Beats of one record are resampled and filtered together (each on its own window); what depends on Memory runs beat by beat in time order.
"""

import math

import numpy as np

from beat_window import BEFORE, QRS_FROM, QRS_TO, RATE_HZ, SEGMENT, SEGMENT_START, fill_and_filter, resample  # noqa: F401

SLOPE_FROM, SLOPE_TO = 25, 61
MAX_LAG = 5
SHAPES = 5
MATCH_CORRELATION = 0.9
WEIGHT_FADE = 0.995
PREMATURE = 0.88
DEFAULT_RR_S = 0.8
FLAT_MV = 0.02
MIN_SCALE_MV = 0.05
CLIP = 6.0
CONTEXT = 27


class Memory:
    """Personal state: up to SHAPES beat shapes with how often and how early they come. All float32, 2.1 kB."""

    def __init__(self):
        self.shapes = np.zeros((SHAPES, SEGMENT), np.float32)
        self.weight = np.zeros(SHAPES, np.float32)
        self.count = np.zeros(SHAPES, np.float32)
        self.pace = np.zeros(SHAPES, np.float32)
        self.beats = np.float32(0)
        self.rr_s = np.float32(0)


LAGS = range(-MAX_LAG, MAX_LAG + 1)
# Row of indices for each lag: where the compared sequence is read.
LAG_INDEX = np.array([[i - lag for i in range(QRS_FROM, QRS_TO)] for lag in LAGS])
SEGMENT_INDEX = {lag: np.clip(np.arange(SEGMENT) - lag, 0, SEGMENT - 1) for lag in LAGS}
SLOPE_AT = np.arange(SLOPE_FROM, SLOPE_TO, dtype=np.float64)


def best_lag(x, candidates):
    """Highest Pearson correlation of x (QRS part of a beat) with each row of `candidates` ([rows, lags, points]) → (r, lag, norm ratio) per row."""
    xc = x - x.mean()
    tc = candidates - candidates.mean(axis=2, keepdims=True)
    sxx = float((xc * xc).sum())
    stt = (tc * tc).sum(axis=2)
    den = np.sqrt(sxx * stt)
    r = np.where(den > 1e-9, (tc * xc).sum(axis=2) / np.maximum(den, 1e-9), 0.0)
    k = r.argmax(axis=1)
    rows = np.arange(len(k))
    ratio = np.where(stt[rows, k] > 1e-9, np.sqrt(sxx / np.maximum(stt[rows, k], 1e-9)), 1.0)
    return r[rows, k], k - MAX_LAG, ratio


def slope_width(x):
    """Spread in samples of the squared slope around its centre: wide for a ventricular QRS."""
    d = x[SLOPE_FROM + 1 : SLOPE_TO + 1] - x[SLOPE_FROM - 1 : SLOPE_TO - 1]
    e = d * d
    total = e.sum()
    if total < 1e-12:
        return 0.0
    centre = (e * SLOPE_AT).sum() / total
    return math.sqrt((e * (SLOPE_AT - centre) ** 2).sum() / total)


def clean_rr(values):
    return [r if math.isfinite(r) and 0.15 < r < 10 else math.nan for r in values]


def clip(v, lo, hi):
    return lo if v < lo else hi if v > hi else v


def quantiles(rr):
    """(median, lower quartile) of the valid intervals; NaN without any."""
    s = sorted(r for r in rr if not math.isnan(r))
    n = len(s)
    if n == 0:
        return math.nan, math.nan
    return (s[(n - 1) // 2] + s[n // 2]) / 2, s[(n - 1) // 4]


def remember(memory, segment, rr0, pace):
    """Adds one beat to the shapes: to the one it resembles, or in place of the rarest."""
    used = memory.count > 0
    r, lag, ratio = best_lag(segment[QRS_FROM:QRS_TO], memory.shapes.astype(np.float64)[:, LAG_INDEX])
    fits = used & (r >= MATCH_CORRELATION) & (ratio >= 0.5) & (ratio <= 2)
    if fits.any():
        slot = int(np.where(fits, r, -2).argmax())
        n = memory.count[slot] = min(float(memory.count[slot]) + 1, 1e6)
        alpha = max(1 / float(n), 1 / 16)
        old = memory.shapes[slot].astype(np.float64)
        memory.shapes[slot] = old + alpha * (segment[SEGMENT_INDEX[-int(lag[slot])]] - old)
        memory.pace[slot] = float(memory.pace[slot]) + max(1 / float(n), 0.1) * (pace - float(memory.pace[slot]))
    else:
        slot = int(np.where(used, memory.weight, -1).argmin())
        memory.shapes[slot] = segment
        memory.count[slot] = 1
        memory.weight[slot] = 0
        memory.pace[slot] = pace
    memory.weight *= np.float32(WEIGHT_FADE)
    memory.weight[slot] += np.float32(0.5 if math.isnan(rr0) else 0.3 if pace < PREMATURE else 1)
    memory.beats = np.float32(min(float(memory.beats) + 1, 1e6))


def beat_features(memory, y, valid_share, rr_before, rr_after, run):
    """One beat of the filtered window `y`. Only the "first" run changes `memory`. Returns (float32 [2, SEGMENT], float32 [CONTEXT])."""
    segment = y[SEGMENT_START : SEGMENT_START + SEGMENT]
    qrs = segment[QRS_FROM:QRS_TO]
    before = clean_rr(rr_before[:32])
    after = [] if run == "first" else clean_rr(rr_after[:4])
    median, low = quantiles(before)
    if math.isnan(median):
        median = low = float(memory.rr_s) if memory.rr_s > 0 else DEFAULT_RR_S
    rr0 = before[0] if before else math.nan
    pace = 1.0 if math.isnan(rr0) else clip(rr0 / median, 0.2, 3.0)
    peak_to_peak = float(qrs.max() - qrs.min())
    if run == "first":
        memory.rr_s = np.float32(median)
        if valid_share >= 0.5 and peak_to_peak >= FLAT_MV:
            remember(memory, segment, rr0, pace)

    out = np.zeros(CONTEXT)

    def relative(rr, i, unit):
        return clip(rr[i] / unit - 1, -1.0, 2.0) if i < len(rr) and not math.isnan(rr[i]) else 0.0

    for i in range(4):
        out[i] = relative(before, i, median)
        out[5 + i] = relative(after, i, median)
    recent = [r for r in before[1:9] if not math.isnan(r)]
    out[4] = relative(before, 0, sum(recent) / len(recent)) if recent else 0.0
    if after and not math.isnan(after[0]) and not math.isnan(rr0):
        out[9] = clip((rr0 + after[0]) / (2 * median) - 1, -1.0, 2.0)
    out[10] = sum(not math.isnan(r) for r in after) / 4
    out[11] = clip(math.log(median / DEFAULT_RR_S), -2.0, 2.0)
    steps = [abs(before[i] - before[i + 1]) for i in range(min(16, len(before) - 1)) if not math.isnan(before[i] + before[i + 1])]
    out[12] = clip(sum(steps) / len(steps) / median, 0.0, 2.0) if steps else 0.0
    out[13] = relative(before, 0, low)
    out[14] = 1.0 if math.isnan(rr0) else 0.0
    out[25] = valid_share - 1
    out[26] = min(float(memory.beats), 32) / 32
    width = slope_width(segment)
    out[21] = width / 8
    if not math.isnan(rr0):
        p = BEFORE - math.floor(rr0 * RATE_HZ + 0.5)
        if p >= 40:
            r, _, _ = best_lag(qrs, y[LAG_INDEX + (p - 40)][None])
            out[23] = r[0]

    scale, difference = max(peak_to_peak, MIN_SCALE_MV), np.zeros(SEGMENT)
    used = memory.count > 0
    if used.any():
        shapes = memory.shapes.astype(np.float64)
        r, lag, ratio = best_lag(qrs, shapes[:, LAG_INDEX])
        main = int(np.where(used, memory.weight, -1).argmax())
        own = int(np.where(used, r, -2).argmax())
        total = float(memory.weight.astype(np.float64).sum())
        shape = shapes[main]
        part = shape[QRS_FROM:QRS_TO]
        scale = max(float(part.max() - part.min()), MIN_SCALE_MV)
        difference = segment - shape[SEGMENT_INDEX[int(lag[main])]]
        main_width = slope_width(shape)
        out[15] = r[main]
        out[16] = r[own]
        out[17] = float(memory.weight[own]) / total
        out[18] = 1.0 if own == main else 0.0
        out[19] = clip(float(memory.pace[own]) - 1, -1.0, 2.0)
        out[20] = clip(math.log(max(ratio[main], 1e-3)), -2.0, 2.0)
        out[22] = clip(width / main_width - 1, -1.0, 2.0) if main_width > 1e-6 else 0.0
        out[24] = min(float(memory.count[own]), 16) / 16
    beat = np.stack([segment / scale, difference / scale])
    return np.clip(beat, -CLIP, CLIP).astype(np.float32), out.astype(np.float32)
