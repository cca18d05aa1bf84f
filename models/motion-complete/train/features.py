"""What the network is shown: of six sensors the rotation beside the heading of one of them, the acceleration there, and how long each has been silent.

The twin of ../features.ts; golden.json proves them equal.
"""

import numpy as np

import rotation

PLACEMENTS = ("pelvis", "head", "left-forearm", "right-forearm", "left-shank", "right-shank")
SEGMENT_OF = (0, 4, 7, 8, 11, 12)
MIRRORED = (0, 1, 3, 2, 5, 4)
EACH = 11
CHANNELS = EACH * len(PLACEMENTS)
FRAMES = 60
NEWEST = 6
AGE_S = 5
RATE_HZ = 30
ACC_UNIT = 30
GRAVITY = 9.80665


def of_tracks(sensors, acc, present, heading):
    """sensors [b, t, 6, 3, 3], acc without gravity [b, t, 6, 3], present [b, t, 6], heading [b, t, 3, 3] → [b, 66, t].

    A silent sensor keeps its place beside the heading; one that was never heard has none.
    """
    turned = np.swapaxes(heading, -1, -2)[:, :, None]
    own = turned @ sensors
    at = np.arange(present.shape[1])[None, :, None]
    last = np.maximum.accumulate(np.where(present, at, -1), axis=1)
    six = own[..., :2].swapaxes(-1, -2).reshape(*own.shape[:3], 6)
    held = np.take_along_axis(six, np.maximum(last, 0)[..., None], axis=1) * (last >= 0)[..., None]
    pushed = np.clip((turned @ acc[..., None])[..., 0] / ACC_UNIT, -1, 1) * present[..., None]
    age = np.where(last < 0, 1, np.minimum(1, (at - last) / (AGE_S * RATE_HZ)))
    rows = np.concatenate([held, pushed, present[..., None], age[..., None]], -1)
    return rows.reshape(*rows.shape[:2], CHANNELS).swapaxes(1, 2).astype(np.float32)
