"""Fits one network on given records and predicts others. It knows nothing of thresholds or files."""

import copy
import math

import numpy as np
import torch
from torch import nn

from moving_average import follow
from net import BeatNet

BATCH = 256
SMOOTHING = 0.02


class Pool:
    """Training beats of all variants with the chance of each to be drawn: classes by the root of their size, within a class records by the root of theirs."""

    def __init__(self, beats):
        self.beat = {run: np.concatenate([b.beat[run] for b in beats]) for run in ("first", "final")}
        self.context = {run: np.concatenate([b.context[run] for b in beats]) for run in ("first", "final")}
        self.label = np.concatenate([b.label for b in beats]).astype(np.int64)
        record = np.concatenate([np.full(len(b.label), int(b.record)) for b in beats])
        self.chance = np.zeros(len(self.label))
        for c in range(4):
            of_class = self.label == c
            if not of_class.any():
                continue
            names, sizes = np.unique(record[of_class], return_counts=True)
            for name, size in zip(names, sizes):
                self.chance[of_class & (record == name)] = math.sqrt(size) / size / np.sqrt(sizes).sum() * math.sqrt(of_class.sum())
        self.chance /= self.chance.sum()
        # The class mix a network trained on this pool believes in, and the true one.
        self.drawn = np.array([self.chance[self.label == c].sum() for c in range(4)])
        self.true = np.array([(self.label == c).sum() for c in range(4)]) / (self.label >= 0).sum()

    def draw(self, rng, count):
        index = rng.choice(len(self.label), count, p=self.chance)
        final = rng.random(count) < 0.5
        beat = np.where(final[:, None, None], self.beat["final"][index], self.beat["first"][index])
        context = np.where(final[:, None], self.context["final"][index], self.context["first"][index])
        return augment(beat, context, rng), self.label[index]


def augment(beat, context, rng):
    """Polarity, shift of ± 25 ms, scale, a little noise, and jitter on the intervals."""
    n = len(beat)
    beat = beat * np.where(rng.random((n, 1, 1)) < 0.4, -1, 1) * np.exp(rng.normal(0, 0.12, (n, 1, 1)))
    shift = np.where(rng.random(n) < 0.5, rng.integers(-3, 4, n), 0)
    at = np.clip(np.arange(beat.shape[2])[None, :] - shift[:, None], 0, beat.shape[2] - 1)
    beat = np.take_along_axis(beat, at[:, None, :].repeat(2, axis=1), axis=2)
    beat = beat + rng.normal(0, 1, beat.shape) * rng.uniform(0, 0.04, (n, 1, 1))
    context = context + rng.normal(0, 0.02, context.shape) * (context != 0)
    return beat.astype(np.float32), context.astype(np.float32)


def fit(pool, seed, steps, log=lambda line: None, peak_rate=3e-3):
    """A trained BeatNet in eval mode whose weights are the moving average of the last stretch."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = BeatNet()
    average = copy.deepcopy(net)
    optimiser = torch.optim.AdamW(net.parameters(), lr=peak_rate, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, peak_rate, total_steps=steps, pct_start=0.2)
    loss_of = nn.CrossEntropyLoss(label_smoothing=SMOOTHING)
    total = 0.0
    for step in range(steps):
        (beat, context), label = pool.draw(rng, BATCH)
        loss = loss_of(net(torch.from_numpy(beat), torch.from_numpy(context)), torch.from_numpy(label))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        follow(average, net, step)
        total += loss.item()
        if step % 100 == 99:
            log(f"step {step + 1}/{steps} loss {total / 100:.3f}")
            total = 0.0
    # What the sampling did to the class mix is taken back, so that probabilities speak of beats as they come.
    average.last.bias.data += torch.from_numpy(np.log(pool.true / pool.drawn)).float()
    return average.eval()


def logits_of(net, beat, context):
    with torch.no_grad():
        parts = [net(torch.from_numpy(beat[i : i + 1024]), torch.from_numpy(context[i : i + 1024])) for i in range(0, len(beat), 1024)]
    return torch.cat(parts).numpy()
