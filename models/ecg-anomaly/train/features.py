"""Preprocessing of `ecg-anomaly` in Python, the twin of ../features.ts: same order of steps, double arithmetic, float32 where Memory stores it."""

import numpy as np
from beat_window import BEFORE, QRS_FROM, QRS_TO, RATE_HZ, SEGMENT, SEGMENT_START

HEIGHTS = 64
FLAT_MV = 0.02
TALLEST_MV = 100
MIN_SCALE_MV = 0.05
CLIP = 6.0
# As ../pace.ts has them; spans in samples at 120 Hz.
NEWEST_RR = 8
REST_RR_S = 1.0
LEAST_FACTOR = 0.7
QRS_END = 0.08 * RATE_HZ
END_OF_T_S = 0.44
P_BEFORE_R_S = 0.2
OWN_FROM, OWN_TO = -0.2 * RATE_HZ, 0.26 * RATE_HZ
LEVEL_OVER = 3


class Memory:
    """QRS heights of the newest beats in mV, oldest first; 260 bytes."""

    def __init__(self):
        self.heights = []


def drawn_at_rest(y, rr_before_s):
    """y [300] with R at BEFORE, intervals newest first → [100]: ST and T drawn out to the length at rest, neighbouring beats levelled."""
    known = [rr for rr in rr_before_s[:NEWEST_RR] if not np.isnan(rr)]
    if not known:
        return y[SEGMENT_START : SEGMENT_START + SEGMENT]
    rr = float(np.median(known))
    root = float(np.cbrt(rr))
    factor = max(min(1.0, root / float(np.cbrt(REST_RR_S))), LEAST_FACTOR)
    first = min(OWN_FROM, (END_OF_T_S * root - rr) * RATE_HZ)
    last = max(OWN_TO, (rr - P_BEFORE_R_S) * RATE_HZ)
    grid = np.arange(len(y)) - BEFORE
    level = np.interp(first + np.arange(LEVEL_OVER), grid, y).mean()
    at = np.arange(SEGMENT, dtype=np.float64) + SEGMENT_START - BEFORE
    at = np.where(at > QRS_END, QRS_END + (at - QRS_END) * factor, at)
    return np.where((at < first) | (at > last), level, np.interp(at, grid, y))


def beat_features(memory, y, share, rr_before_s):
    """y [300] filtered in mV, the share of valid points and the intervals before in s → float64 [100]: the beat as at rest over the usual QRS height, about its own mean."""
    return both_features(memory, y, share, rr_before_s)[0]


def both_features(memory, y, share, rr_before_s):
    """The same, and the beat as it came: the network learns from this one, so that it has seen every pace that its people have."""
    as_it_came = y[SEGMENT_START : SEGMENT_START + SEGMENT]
    height = float(np.ptp(as_it_came[QRS_FROM:QRS_TO]))
    if share >= 0.5 and FLAT_MV <= height <= TALLEST_MV:
        memory.heights.append(float(np.float32(height)))
        del memory.heights[:-HEIGHTS]
    usual = float(np.median(memory.heights)) if memory.heights else height
    return [over(max(usual, MIN_SCALE_MV), segment) for segment in (drawn_at_rest(y, rr_before_s), as_it_came)]


def over(scale, segment):
    x = segment / scale
    return np.nan_to_num(np.clip(x - x.mean(), -CLIP, CLIP), nan=0.0)
