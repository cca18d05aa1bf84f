"""One training of `ppg-pulse`: negative log-likelihood of the rate, its label spread over a bin to each side."""

import copy

import numpy as np
import torch

import features
import moving_average
from net import PulseNet

BATCH = 128
RATE = 4e-3
LABEL_SPREAD = 0.8
FOLDS = 3


def soft(bpm):
    at = np.log(bpm / features.LOW_BPM) / features.STEP
    weight = np.exp(-0.5 * ((np.arange(features.SHOWN)[None] - at[:, None]) / LABEL_SPREAD) ** 2)
    return (weight / weight.sum(axis=1, keepdims=True)).astype(np.float32)


def fit(x, bpm, seed, steps, log=None):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    x, target = torch.from_numpy(x), torch.from_numpy(soft(bpm))
    net = PulseNet()
    average = copy.deepcopy(net)
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=RATE, total_steps=steps)
    for step in range(steps):
        rows = torch.from_numpy(rng.integers(len(x), size=BATCH))
        loss = -(target[rows] * net.rates(x[rows])).sum(dim=1).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        moving_average.follow(average, net, step)
        if log is not None and step % 200 == 199:
            log(f"  step {step + 1}: {loss.item():.3f}")
    return average.eval()


def distribution(net, x):
    with torch.no_grad():
        return np.concatenate([net.rates(torch.from_numpy(x[i : i + 1024])).exp().numpy() for i in range(0, len(x), 1024)])


def restored(path):
    net = PulseNet()
    net.load_state_dict(torch.load(path))
    return net.eval()
