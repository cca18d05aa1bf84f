"""One training of `motion-complete`: turns of all segments, the places that follow from them, and how both change."""

import copy
import math
import time

import numpy as np
import torch

import dataset
import moving_average
from net import MotionNet, rotations

BATCH = 16
# Batches that the same bodies are shown in, each time with other sensors.
SHOWN_TIMES = 3
RATE = 3e-3
KNEE_DEG = 3


def loss_of(out, held, present, truth, offsets, weight):
    told = rotations(out, held, present)
    apart = ((told - truth) ** 2).sum((-1, -2))
    # The chord of a turn; near nothing it is rounded, so that what no one can know does not rule.
    turn = torch.sqrt(apart / 8 + np.radians(KNEE_DEG) ** 2 / 4) * weight
    here, there = dataset.positions(told, offsets), dataset.positions(truth, offsets)
    seen = weight[..., :1]
    place = (here - there).norm(dim=-1) * seen
    speed = ((here[:, 1:] - here[:, :-1]) - (there[:, 1:] - there[:, :-1])).norm(dim=-1) * seen[:, 1:]
    jerk = (here[:, 3:] - 3 * here[:, 2:-1] + 3 * here[:, 1:-2] - here[:, :-3]).norm(dim=-1) * seen[:, 3:]
    return 2 * turn.sum() / weight.sum() + (place.sum() + 3 * speed.sum() + 0.3 * jerk.sum()) / (15 * seen.sum())


def rate_at(done):
    """Up to the full rate within a tenth, then down by half a wave."""
    return RATE * (done / 0.1 if done < 0.1 else 0.5 * (1 + math.cos(math.pi * (done - 0.1) / 0.9)) + 1e-3)


def fit(tracks, seed, steps, limit_s, log):
    """Ends after `steps`, or when the time is up; the rate falls towards whichever comes first."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    weights = np.array([len(t) ** 0.7 for t in tracks])
    weights /= weights.sum()
    net = MotionNet()
    average = copy.deepcopy(net)
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=0.02)
    total, began, step, done, bodies = 0.0, time.monotonic(), 0, 0.0, None
    while done < 1:
        for group in optimiser.param_groups:
            group["lr"] = rate_at(done)
        if step % SHOWN_TIMES == 0:
            bodies = dataset.bodies(tracks, weights, BATCH, rng)
        x, *rest = dataset.batch(bodies, rng)
        loss = loss_of(net(x), *rest)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        moving_average.follow(average, net, step)
        total += loss.item()
        if step % 100 == 99:
            log(f"  step {step + 1}, {time.monotonic() - began:.0f} s: {total / 100:.4f}")
            total = 0.0
        step += 1
        done = max(step / steps, (time.monotonic() - began) / limit_s)
    return average.eval()


def restored(path):
    net = MotionNet()
    net.load_state_dict(torch.load(path))
    return net.eval()
