"""What recordings show without a network, and the best that a linear rule over it does on the same folds."""

import judge
import numpy as np
import torch
from beat_window import RATE_HZ

AROUND = int(0.3 * RATE_HZ)
NAMES = ["template correlation", "… its lower quarter", "share below 1 Hz", "share of 5–15 Hz in 5–40 Hz", "share above 30 Hz", "spectral flatness", "kurtosis", "swing", "beats a second", "spread of RR"]  # fmt: skip


def measures(recording, peaks):
    """`peaks` in samples at 120 Hz, by the gateway's detector → one number for each of NAMES."""
    mv = recording.mv.astype(np.float64)
    mv = np.nan_to_num(mv - np.nanmedian(mv))
    power = np.abs(np.fft.rfft(mv * np.hanning(len(mv)))) ** 2 + 1e-12
    hz = np.fft.rfftfreq(len(mv), 1 / RATE_HZ)

    def band(low, high):
        return power[(hz >= low) & (hz < high)].sum()

    flat = power[(hz >= 1) & (hz < 40)]
    beats = [mv[p - AROUND : p + AROUND] for p in peaks if p >= AROUND and p + AROUND < len(mv)]
    likeness = np.zeros(1)
    if len(beats) >= 3:
        rows = np.stack(beats) - np.mean(beats, axis=1, keepdims=True)
        template = np.median(rows, 0) - np.median(rows, 0).mean()
        likeness = rows @ template / np.maximum(np.linalg.norm(rows, axis=1) * np.linalg.norm(template), 1e-9)
    rr = np.diff(peaks)
    seconds = mv[: len(mv) // RATE_HZ * RATE_HZ].reshape(-1, RATE_HZ)
    return [
        np.median(likeness), np.quantile(likeness, 0.25), np.log(band(0.05, 1) / band(0.05, 60)), np.log(band(5, 15) / band(5, 40)),
        np.log(band(30, 60) / band(0.05, 60)), np.log(np.exp(np.log(flat).mean()) / flat.mean()), np.log((mv**4).mean() / max((mv**2).mean() ** 2, 1e-12) + 1e-9),
        np.log(np.median(np.ptp(seconds, axis=1)) + 0.01), len(peaks) / len(mv) * RATE_HZ, rr.std() / rr.mean() if len(rr) > 2 else 1.0,
    ]  # fmt: skip


def scored(recordings, peaks, labels, fold):
    """Name of the baseline → score of each recording, above 0 where it is noise; rules and thresholds from the other folds."""
    rows = np.array([measures(r, p) for r, p in zip(recordings, peaks)])
    noise = labels == "~"
    return {"template correlation alone": at_thresholds(-rows[:, 0], noise, fold), "logistic regression over ten measures": at_thresholds(linear(rows, noise, fold), noise, fold)}


def at_thresholds(score, noise, fold):
    thresholds = judge.thresholds_of(score, noise, fold)
    return score - np.array([thresholds[k] for k in fold])


def linear(rows, noise, fold, steps=400):
    score = np.zeros(len(rows))
    for k in np.unique(fold):
        train = fold != k
        scaled = torch.tensor(np.clip((rows - rows[train].mean(0)) / (rows[train].std(0) + 1e-9), -4, 4), dtype=torch.float32)
        torch.manual_seed(0)
        layer = torch.nn.Linear(rows.shape[1], 1)
        optimiser = torch.optim.AdamW(layer.parameters(), 0.03, weight_decay=0.05)
        wanted = torch.tensor(noise[train], dtype=torch.float32)
        for _ in range(steps):
            loss = torch.nn.functional.binary_cross_entropy_with_logits(layer(scaled[train])[:, 0], wanted)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        score[~train] = layer(scaled).detach().numpy()[~train, 0]
    return score
