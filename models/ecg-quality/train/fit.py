"""Fits one network on windows drawn anew for each step: of noise recordings, of readable ones, of DS1, and of readable ones under loud recorded noise."""

import copy

import features
import numpy as np
import torch
import torch.nn.functional as F
from moving_average import follow
from net import QualityNet

# Windows of a step.
NOISE, READABLE, CLEAN, DROWNED = 32, 72, 16, 8
RHYTHM_WEIGHT = 0.3
# Experts do not agree on every recording: no answer is meant to be certain.
SURE = 0.97


class Pools:
    def __init__(self, recordings, clean, noise):
        self.noisy = [r for r in recordings if r.label == "~"]
        self.readable = [r for r in recordings if r.label != "~"]
        self.clean_wave, self.clean_size = clean
        self.noise = noise

    def step(self, rng):
        """wave [n, 960], size [n, 1], whether it is noise, and the rhythm (−1 where nobody said)."""
        drawn = pick(self.noisy, NOISE, rng) + pick(self.readable, READABLE, rng)
        at = [rng.integers(len(r.wave)) for r in drawn]
        wave, size = [r.wave[i] for r, i in zip(drawn, at)], [r.size[i] for r, i in zip(drawn, at)]
        noise, rhythm = [r.label == "~" for r in drawn], ["NAO".find(r.label) for r in drawn]
        rows = rng.integers(0, len(self.clean_wave), CLEAN) if len(self.clean_wave) else []
        drowned = [self.drown(r.mv, rng) for r in pick(self.readable, DROWNED, rng)] if len(self.noise) else []
        wave += [self.clean_wave[i] for i in rows] + [w for w, _ in drowned]
        size += [self.clean_size[i] for i in rows] + [s for _, s in drowned]
        noise += [False] * len(rows) + [True] * len(drowned)
        rhythm += [-1] * (len(rows) + len(drowned))
        wave, size = np.stack(wave).astype(np.float32), np.stack(size).astype(np.float32)
        wave *= rng.choice([-1, 1], (len(wave), 1))
        size += rng.normal(0, 0.15, size.shape)
        for row in rng.choice(len(wave), len(wave) // 16, replace=False):
            at, length = rng.integers(0, features.POINTS), rng.integers(12, features.POINTS // 3)
            wave[row, at : at + length] = 0
        return wave.astype(np.float32), size.astype(np.float32), np.array(noise, np.float32), np.array(rhythm)

    def drown(self, mv, rng):
        """A window under noise of twice to six times the signal's own usual swing."""
        mv, noise = cut(mv, rng), cut(self.noise[rng.integers(len(self.noise))], rng)
        wave, size = features.window_features((mv + noise / swing(noise) * swing(mv) * rng.uniform(2, 6))[None])
        return wave[0], size[0]


def swing(mv):
    return max(np.median(np.ptp(mv.reshape(features.WINDOW_S, -1), axis=1)), 1e-6)


def pick(pool, count, rng):
    return [pool[i] for i in rng.integers(0, len(pool), count)]


def cut(mv, rng):
    at = rng.integers(0, len(mv) - features.POINTS + 1)
    return mv[at : at + features.POINTS]


def fit(pools, seed, steps, peak_rate=5e-3, log=lambda line: None):
    """QualityNet in eval mode: the moving average of the training."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = QualityNet()
    average = copy.deepcopy(net)
    optimiser = torch.optim.AdamW(net.parameters(), lr=peak_rate, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, peak_rate, total_steps=steps, pct_start=0.2)
    total = 0.0
    for step in range(steps):
        wave, size, noise, rhythm = (torch.from_numpy(x) for x in pools.step(rng))
        logit, classes = net(wave, size)
        known = rhythm >= 0
        loss = F.binary_cross_entropy_with_logits(logit, noise * (2 * SURE - 1) + 1 - SURE)
        loss = loss + RHYTHM_WEIGHT * F.cross_entropy(classes[known], rhythm[known])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        follow(average, net, step)
        total += float(loss.detach())
        if step % 100 == 99:
            log(f"step {step + 1}/{steps} loss {total / 100:.3f}")
            total = 0.0
    return average.eval()
