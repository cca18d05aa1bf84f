"""Beats of MIT-BIH records as the gateway would see them: own detections, labels by matching, variants with noise, other leads and other rates. Cached."""

import os
from fractions import Fraction

import numpy as np
from scipy.signal import resample_poly

import beat_scoring
import features
import record_features
import node
import wfdb
from mitdb import path_of

LABELS = "NSVF"
LEARNING_S = 300
# lead (0, 1 or None = a mix of both at a random angle), noise, other rate
VARIANTS = [(0, False, False), (0, True, False), (None, False, False), (0, True, True), (None, False, False), (None, True, False)]
RATES_HZ = [100, 125, 128, 200, 250, 256, 300, 500]
SKIP = -1  # not for training: Q, inside flutter


class Beats:
    """One variant of a record: tensors of both runs, label index per beat, peaks in samples of the record's own rate."""

    def __init__(self, data):
        self.record = str(data["record"])
        self.beat = {"first": data["beat_first"], "final": data["beat_final"]}
        self.context = {"first": data["context_first"], "final": data["context_final"]}
        self.label = data["label"]
        self.peaks = data["peaks"]


def load(data_dir, cache_dir, records, variants):
    """Beats of each record and variant, made where the cache lacks them. Delete the cache folder after a change of detector or features."""
    os.makedirs(cache_dir, exist_ok=True)
    wanted = [(r, v, os.path.join(cache_dir, f"{r}-{v}.npz")) for r in records for v in variants]
    for r, v, path in wanted:
        if not os.path.exists(path):
            make(data_dir, cache_dir, r, v, path)
    out = []
    for _, _, path in wanted:
        with np.load(path) as data:
            out.append(Beats(data))
    return out


def make(data_dir, cache_dir, record, variant, path):
    source = wfdb.read_record(path_of(data_dir, record))
    annotations = wfdb.read_annotations(path_of(data_dir, record))
    rng = np.random.default_rng([int(record), variant])
    lead, noisy, other_rate = VARIANTS[variant]
    if lead is None:
        angle = rng.uniform(0, 2 * np.pi)
        signal = (np.cos(angle) * source.mv[0] + np.sin(angle) * source.mv[1]).astype(np.float32)
    else:
        signal = source.mv[lead]
    samples, classes, spans = beat_scoring.beats_of(annotations)
    if noisy:
        signal = add_noise(signal, source.rate_hz, samples, data_dir, rng)
    rate_hz = source.rate_hz
    if other_rate:
        rate_hz = float(rng.choice(RATES_HZ))
        ratio = Fraction(int(rate_hz), int(source.rate_hz))
        signal = resample_poly(signal.astype(np.float64), ratio.numerator, ratio.denominator, padtype="line").astype(np.float32)
    peaks = node.detect([(rate_hz, signal)], os.path.join(cache_dir, f"detect-{os.getpid()}"))[0]
    tensors = record_features.record_features(signal, rate_hz, peaks, 3.0 if variant == 0 else float(rng.choice([3.0, 6.0])))
    own = np.floor(peaks * (source.rate_hz / rate_hz) + 0.5).astype(np.int64)
    label = np.zeros(len(own), np.int8)  # a detection without a beat is no ectopic: N
    pairs, _, extra = beat_scoring.match(samples, own.tolist(), source.rate_hz)
    for i, j in pairs:
        label[j] = LABELS.find(classes[i])
    for j in extra:
        if any(a <= own[j] <= b for a, b in spans):
            label[j] = SKIP
    arrays = {f"{kind}_{run}": tensors[run][k] for run in tensors for k, kind in enumerate(("beat", "context"))}
    partial = path + ".tmp.npz"
    np.savez(partial, record=record, label=label, peaks=own, **arrays)
    os.replace(partial, path)


def add_noise(signal, rate_hz, beats, data_dir, rng):
    """Electrode motion, muscle or baseline noise (seconds 0–30 of nstdb, rewound) in stretches of 20–60 s at 6–24 dB of the record's QRS size."""
    half = int(0.05 * rate_hz)
    sizes = [np.ptp(signal[max(0, s - half) : s + half]) for s in beats[5:305]]
    power = np.median(sizes) ** 2 / 8
    noises = []
    for kind in ("em60", "ma60", "bw60"):
        noise = wfdb.read_record(os.path.join(data_dir, "ecg", "nstdb-partial", kind))
        part = noise.mv[:, : int(30 * noise.rate_hz)].astype(np.float64)
        noises.append(part - part.mean(axis=1, keepdims=True))
    out = signal.astype(np.float64)
    at = 0
    while at < len(out):
        length = int(rng.uniform(20, 60) * rate_hz)
        stretch = out[at : at + length]
        if rng.random() < 0.6:
            noise = noises[rng.integers(3)][rng.integers(2)]
            start = rng.integers(len(noise))
            n = np.resize(np.roll(noise, -start), len(stretch))
            gain = np.sqrt(power / 10 ** (rng.uniform(6, 24) / 10) / np.mean(noise**2))
            stretch += gain * n
        at += length
    return out.astype(np.float32)
