"""What the network is shown: of six sensors the rotation beside the heading of one of them, beside its whole rotation, and what the first was like over the last
seconds; the acceleration, and how long each has been silent.

The twin of ../features.ts; golden.json proves them equal.
"""

import numpy as np
import torch

import rotation

PLACEMENTS = ("pelvis", "head", "left-forearm", "right-forearm", "left-shank", "right-shank")
SEGMENT_OF = (0, 4, 7, 8, 11, 12)
EACH = 23
CHANNELS = EACH * len(PLACEMENTS)
ASIDE_SENSOR = 5
ASIDE_EACH = 2 + ASIDE_SENSOR * len(PLACEMENTS)
FRAMES = 60
NEWEST = 6
RATE_HZ = 30
LONGEST = 150
MEAN_FRAMES = 90
ACC_UNIT = 30
GRAVITY = 9.80665


def of_tracks(sensors, acc, present, heading, guide):
    """Tensors: sensors [b, t, 6, 3, 3], acc without gravity [b, t, 6, 3], present [b, t, 6], heading [b, t, 3, 3], guide [b] → [b, 138, t], and where each
    sensor is beside the heading [b, t, 6, 3, 3].

    A silent sensor keeps its place beside the heading; one that was never heard has none.
    """
    back = heading.transpose(-1, -2)[:, :, None]
    own = back @ sensors
    at = torch.arange(present.shape[1])[None, :, None]
    last = torch.where(present, at, -torch.ones_like(at)).cummax(1)[0]
    held = torch.gather(own, 1, last.clamp(min=0)[..., None, None].expand(-1, -1, -1, 3, 3)) * (last >= 0)[..., None, None]
    beside = own[torch.arange(len(own)), :, guide].transpose(-1, -2)[:, :, None] @ held
    pushed = ((back @ acc[..., None])[..., 0] / ACC_UNIT).clamp(-1, 1) * present[..., None]
    age = torch.where(last < 0, torch.ones(1), ((at - last) / LONGEST).clamp(max=1))
    rows = torch.cat([six(held), pushed, present[..., None].float(), age[..., None], six(beside), means(six(own), present)], -1)
    return rows.flatten(2).transpose(1, 2).contiguous(), held


def six(turns):
    return torch.cat([turns[..., 0], turns[..., 1]], -1)


def means(values, present):
    """Of each frame over those before it in which the sensor was heard: a plain mean until it covers MEAN_FRAMES of them, then a decaying one."""
    mean, count, out = torch.zeros_like(values[:, 0]), torch.zeros(len(values), 6, 1), []
    for at in range(values.shape[1]):
        here = present[:, at, :, None].float()
        count = count + here
        mean = mean + here * (values[:, at] - mean) / count.clamp(1, MEAN_FRAMES)
        out.append(mean)
    return torch.stack(out, 1)




class Memory:
    def __init__(self):
        self.from_us, self.heard, self.means = None, [None] * 6, [None] * 6


def of_window(from_us, rows, memory):
    """One window as the gateway shows it: rows [6, 7, 60], NaN where there is none → x [138, 60], aside [6, 32]; frame by frame, as ../features.ts."""
    turns, acc = tracks_of(rows)
    heard = caught_up(memory, from_us)
    means = [None if last is None else mean for last, mean in zip(heard, memory.means)]
    guide = guide_of(turns, heard)
    x, aside = np.zeros((CHANNELS, FRAMES)), np.zeros((NEWEST, ASIDE_EACH))
    for at in range(FRAMES):
        now = [turns[sensor][at] for sensor in range(6)]
        before, after = heard[guide], now[guide]
        turn = np.eye(3) if before is None or after is None else rotation.heading(after) @ rotation.heading(before[0]).T
        heard = [one_on(now[sensor], heard[sensor], turn) for sensor in range(6)]
        guided = np.eye(3) if heard[guide] is None else heard[guide][0]
        heading = rotation.heading(guided)
        means = [followed(mean, turn, heading) for mean, turn in zip(means, now)]
        for sensor in range(6):
            x[EACH * sensor : EACH * (sensor + 1), at] = shown(now[sensor], heard[sensor], acc[sensor, :, at], (heading, guided, means[sensor]))
        if at >= FRAMES - NEWEST:
            w, _, y, _ = rotation.to_quaternion(heading)
            said = [np.zeros(ASIDE_SENSOR) if last is None else [last[1] == 0, *rotation.to_quaternion(last[0])] for last in heard]
            aside[at - FRAMES + NEWEST] = [w, y, *np.concatenate(said)]
        if at == NEWEST - 1:
            memory.from_us, memory.heard, memory.means = from_us + NEWEST / RATE_HZ * 1e6, heard, means
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


def followed(mean, now, heading):
    if now is None:
        return mean
    own = columns(heading.T @ now)
    value, count = (np.zeros(6), 0) if mean is None else mean
    count = min(MEAN_FRAMES, count + 1)
    return value + (own - value) / count, count


def columns(turn):
    return np.concatenate([turn[:, 0], turn[:, 1]])


def shown(now, heard, acc, around):
    heading, guided, mean = around
    if heard is None:
        return [0] * 10 + [1] + [0] * 12
    pushed = np.clip(heading.T @ acc / ACC_UNIT, -1, 1) if now is not None else np.zeros(3)
    own = [*columns(heading.T @ heard[0]), *pushed, float(now is not None), heard[1] / LONGEST]
    return [*own, *columns(guided.T @ heard[0]), *(np.zeros(6) if mean is None else mean[0])]
