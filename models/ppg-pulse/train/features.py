"""The twin of ../features.ts: 8 s of a pleth, and of the acceleration beside it, as curves over the logarithm of the rate. Plain loops, all in double."""

import numpy as np

WORK_HZ = 25
COUNT = 200
BINS = 174
SHOWN = 128
LOW_BPM, HIGH_BPM = 30.0, 210.0
STEP = np.log(HIGH_BPM / LOW_BPM) / (SHOWN - 1)
BPM = LOW_BPM * np.exp(STEP * np.arange(BINS))
CHANNELS = 6
TAPS = 6
STILL_G = 0.02
SLOW_HALF, FAST_HALF = 20, 10
WIDEST = 12
REFRACTORY = 6.75
LEAST_HEIGHT = 0.3
STILL_AMPLITUDE = 0.02
MOST_BRIDGED = 50

_time = np.arange(COUNT) / WORK_HZ
_hann = 0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(COUNT) + 0.5) / COUNT)
_angle = 2 * np.pi * _time[:, None] * BPM[None, :] / 60
COS, SIN = _hann[:, None] * np.cos(_angle), _hann[:, None] * np.sin(_angle)


def resampled(samples, rate_hz):
    """200 means of 0.04 s each, linear between samples; holes are bridged, None where more than 50 of 200 are missing."""
    samples = np.asarray(samples, np.float64)
    edges = np.arange(COUNT + 1) * len(samples) / COUNT
    there = np.isfinite(samples)
    sums = np.concatenate([[0], np.cumsum(np.where(there, samples, 0))])
    counts = np.concatenate([[0], np.cumsum(there.astype(np.float64))])
    at = np.minimum(np.floor(edges).astype(int), len(samples) - 1)
    part = edges - at
    upto = lambda c: c[at] + part * (c[at + 1] - c[at])
    n, s = np.diff(upto(counts)), np.diff(upto(sums))
    width = len(samples) / COUNT
    known = n > 0.25 * width
    if COUNT - known.sum() > MOST_BRIDGED:
        return None
    places = np.flatnonzero(known)
    return np.interp(np.arange(COUNT), places, s[known] / n[known])


def without_trend(x, half):
    """Minus the mean of what lies within `half` on both sides, fewer near the ends. Over the last axis."""
    n = x.shape[-1]
    sums = np.concatenate([np.zeros((*x.shape[:-1], 1)), np.cumsum(x, axis=-1)], axis=-1)
    i = np.arange(n)
    reach = np.minimum(half, np.minimum(i, n - 1 - i))
    return x - (sums[..., i + reach + 1] - sums[..., i - reach]) / (2 * reach + 1)


def unit(x):
    """Mean square 1, nothing beyond 4; zero where it is even."""
    power = np.sqrt((x * x).mean(axis=-1, keepdims=True))
    return np.clip(np.where(power > 1e-9, x / np.maximum(power, 1e-12), 0), -4, 4)


def without_motion(x, acc):
    """What of x [n, 200] is no sum of the last six samples of the three axes [n, 3, 200], by ridge regression: still axes take nothing away."""
    n = len(x)
    rows = np.zeros((n, 3 * TAPS, COUNT))
    for axis in range(3):
        for tap in range(TAPS):
            rows[:, axis * TAPS + tap, tap:] = acc[:, axis, : COUNT - tap]
    gram = rows @ rows.transpose(0, 2, 1) + COUNT * STILL_G**2 * np.eye(3 * TAPS)
    weights = np.linalg.solve(gram, (rows @ x[:, :, None]))
    return x - (weights.transpose(0, 2, 1) @ rows)[:, 0]


def amplitudes(x):
    return np.sqrt((x @ COS) ** 2 + (x @ SIN) ** 2) * (2 / _hann.sum())


def correlations(x):
    """Of each row with itself, later by one beat of each rate."""
    total = np.maximum((x * x).sum(axis=-1), 1e-9)
    out = np.zeros((*x.shape[:-1], BINS))
    by_lag = {}
    for i, bpm in enumerate(BPM):
        lag = 60 * WORK_HZ / bpm
        low = int(np.floor(lag))
        for k in (low, low + 1):
            if k not in by_lag:
                by_lag[k] = (x[..., k:] * x[..., : COUNT - k]).sum(axis=-1) / total * (COUNT / (COUNT - k))
        out[..., i] = by_lag[low] + (lag - low) * (by_lag[low + 1] - by_lag[low])
    return np.clip(out, -1, 1)


def smoothed(x):
    before, after = np.concatenate([x[..., :1], x[..., :-1]], -1), np.concatenate([x[..., 1:], x[..., -1:]], -1)
    return (2 * x + before + after) / 4


def extremes(x):
    """[n, 200] → which samples are higher than both neighbours at every distance up to the scale at which most are."""
    n = len(x)
    higher = np.zeros((n, WIDEST, COUNT), bool)
    for k in range(1, WIDEST + 1):
        middle = x[:, k : COUNT - k]
        higher[:, k - 1, k : COUNT - k] = (middle > x[:, : COUNT - 2 * k]) & (middle > x[:, 2 * k :])
    most = higher.sum(axis=2)
    best = most.argmax(axis=1)
    out = np.ones((n, COUNT), bool)
    for k in range(WIDEST):
        out &= higher[:, k] | (k > best)[:, None]
    return out & (most.max(axis=1) > 0)[:, None]


def strokes(x, peaks, troughs):
    """Middles of the strokes of one row, in samples."""
    t = 0
    found = []
    for peak in peaks:
        while t + 1 < len(troughs) and troughs[t + 1] < peak:
            t += 1
        if t < len(troughs) and troughs[t] < peak:
            found.append((troughs[t], peak, x[peak] - x[troughs[t]]))
    if not found:
        return []
    heights = sorted(h for _, _, h in found)
    least = LEAST_HEIGHT * heights[int(len(heights) * 0.9)]
    out = []
    for foot, peak, height in found:
        if height < least:
            continue
        level = x[foot] + height / 2
        i = peak
        while i > foot + 1 and x[i - 1] > level:
            i -= 1
        low, high = x[i - 1], x[i]
        middle = i - 1 + (0 if high == low else (level - low) / (high - low))
        if not out or middle >= out[-1] + REFRACTORY:
            out.append(middle)
    return out


def triangle(out, bpm, weight):
    """Adds a peak of one and a half bins to each side."""
    at = np.log(bpm / LOW_BPM) / STEP
    for i in range(max(0, int(np.ceil(at - 1.5))), min(BINS - 1, int(np.floor(at + 1.5))) + 1):
        out[i] += weight * (1 - abs(i - at) / 1.5)


def features(ppg, acc):
    """ppg [n, 200] and acc in g [n, 3, 200], zero where there is none → float32 [n, 6, 174], each between -1 and 1."""
    moved = without_trend(acc, SLOW_HALF)
    slow = unit(without_trend(ppg, SLOW_HALF))
    rest = unit(without_motion(slow, moved))
    fast = smoothed(without_trend(rest, FAST_HALF))
    skew = (np.diff(fast, axis=-1) ** 3).sum(axis=-1, keepdims=True)
    signed = np.where(skew < 0, -fast, fast)
    up, down = extremes(signed), extremes(-signed)
    out = np.zeros((len(ppg), CHANNELS, BINS))
    out[:, 0] = amplitudes(slow) / 2
    out[:, 1] = amplitudes(rest) / 2
    motion = amplitudes(moved).max(axis=1)
    out[:, 2] = motion / (motion + STILL_AMPLITUDE)
    out[:, 3] = correlations(rest)
    for i in range(len(ppg)):
        middles = strokes(signed[i], np.flatnonzero(up[i]), np.flatnonzero(down[i]))
        if len(middles) < 3:
            continue
        for a, b in zip(middles, middles[1:]):
            triangle(out[i, 4], 60 * WORK_HZ / (b - a), 1 / (len(middles) - 1))
        triangle(out[i, 5], 60 * WORK_HZ * (len(middles) - 1) / (middles[-1] - middles[0]), 1)
    return np.clip(out, -1, 1).astype(np.float32)
