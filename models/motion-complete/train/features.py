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


ASIDE_EACH = 2 + 4 * len(PLACEMENTS)
LONGEST = AGE_S * RATE_HZ


class Memory:
    def __init__(self):
        self.from_us, self.heard = None, [None] * 6


def of_window(from_us, rows, memory):
    """One window as the gateway shows it: rows [6, 7, 60], NaN where there is none → x [66, 60], aside [6, 26]; frame by frame, as ../features.ts."""
    turns, acc = tracks_of(rows)
    heard = caught_up(memory, from_us)
    guide = guide_of(turns, heard)
    x, aside = np.zeros((CHANNELS, FRAMES)), np.zeros((NEWEST, ASIDE_EACH))
    for at in range(FRAMES):
        now = [turns[sensor][at] for sensor in range(6)]
        before, after = heard[guide], now[guide]
        turn = np.eye(3) if before is None or after is None else rotation.heading(after) @ rotation.heading(before[0]).T
        heard = [one_on(now[sensor], heard[sensor], turn) for sensor in range(6)]
        heading = np.eye(3) if heard[guide] is None else rotation.heading(heard[guide][0])
        for sensor in range(6):
            x[EACH * sensor : EACH * (sensor + 1), at] = shown(now[sensor], heard[sensor], acc[sensor, :, at], heading)
        if at >= FRAMES - NEWEST:
            w, _, y, _ = rotation.to_quaternion(heading)
            said = [np.zeros(4) if r is None else rotation.to_quaternion(r) for r in now]
            aside[at - FRAMES + NEWEST] = [w, y, *np.concatenate(said)]
        if at == NEWEST - 1:
            memory.from_us, memory.heard = from_us + NEWEST / RATE_HZ * 1e6, heard
    return x.astype(np.float32), aside.astype(np.float32)


def tracks_of(rows):
    rows = np.asarray(rows, np.float32).astype(float)
    turns = []
    for sensor in range(6):
        q = rows[sensor, :4].T
        length = np.linalg.norm(q, axis=1)
        turns.append([rotation.of_quaternion(one) if np.isfinite(n) and n > 1e-6 else None for one, n in zip(q, length)])
    acc = np.zeros((6, 3, FRAMES))
    for sensor in range(6):
        for at, turn in enumerate(turns[sensor]):
            if turn is not None and np.isfinite(rows[sensor, 4:7, at]).all():
                acc[sensor, :, at] = (turn @ rows[sensor, 4:7, at] - [0, 1, 0]) * GRAVITY
    return turns, acc


def caught_up(memory, from_us):
    later = 0 if memory.from_us is None else round((from_us - memory.from_us) * RATE_HZ / 1e6)
    if not 0 <= later <= LONGEST:
        return [None] * 6
    return [None if last is None else (last[0], min(LONGEST, last[1] + later)) for last in memory.heard]


def guide_of(turns, heard):
    for start in (FRAMES - NEWEST, 0):
        for sensor in range(6):
            if any(r is not None for r in turns[sensor][start:]):
                return sensor
    return next((sensor for sensor in range(6) if heard[sensor] is not None), 0)


def one_on(now, last, turn):
    if now is not None:
        return now, 0
    return None if last is None else (turn @ last[0], min(LONGEST, last[1] + 1))


def shown(now, heard, acc, heading):
    if heard is None:
        return [0] * 10 + [1]
    own = heading.T @ heard[0]
    pushed = np.clip(heading.T @ acc / ACC_UNIT, -1, 1) if now is not None else np.zeros(3)
    return [*own[:, 0], *own[:, 1], *pushed, float(now is not None), heard[1] / LONGEST]
