"""Preprocessing of `ecg-anomaly` in Python, the twin of ../features.ts: same order of steps, double arithmetic, float32 where Memory stores it."""

import numpy as np
from beat_window import QRS_FROM, QRS_TO, SEGMENT, SEGMENT_START

HEIGHTS = 64
FLAT_MV = 0.02
TALLEST_MV = 100
MIN_SCALE_MV = 0.05
CLIP = 6.0


class Memory:
    """QRS heights of the newest beats in mV, oldest first; 260 bytes."""

    def __init__(self):
        self.heights = []


def beat_features(memory, y, share):
    """y [300] filtered in mV and the share of valid points → float64 [100]: the beat over the usual QRS height, about its own mean."""
    segment = y[SEGMENT_START : SEGMENT_START + SEGMENT]
    height = float(np.ptp(segment[QRS_FROM:QRS_TO]))
    if share >= 0.5 and FLAT_MV <= height <= TALLEST_MV:
        memory.heights.append(float(np.float32(height)))
        del memory.heights[:-HEIGHTS]
    usual = float(np.median(memory.heights)) if memory.heights else height
    x = segment / max(usual, MIN_SCALE_MV)
    return np.nan_to_num(np.clip(x - x.mean(), -CLIP, CLIP), nan=0.0)
