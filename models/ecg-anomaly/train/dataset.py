"""Beats of MIT-BIH records as the gateway would see them: own detections, features, labels by matching. Cached outside git."""

import os

import beat_scoring
import beat_window
import features
import node
import numpy as np
import personal
import wfdb
from mitdb import path_of

LEARNING_S = 300


class Beats:
    """Of one record: `beat` [n, 100] as at rest and `came` as it came, class letter per beat ("?" = matched to none, "!" = inside flutter), time in s, earliness."""

    def __init__(self, data):
        self.record = str(data["record"])
        self.beat, self.came, self.label, self.at_s, self.early = (data[name] for name in ("beat", "came", "label", "at_s", "early"))

    def normal(self):
        return self.came[self.label == "N"]


def lead_of(record):
    """The first lead; MLII stands second in 114."""
    return record.names.index("MLII") if "MLII" in record.names else 0


def load(data_dir, cache_dir, records):
    """Delete the cache folder after a change of detector or features."""
    os.makedirs(cache_dir, exist_ok=True)
    out = []
    for r in records:
        path = os.path.join(cache_dir, f"{r}.npz")
        if not os.path.exists(path):
            make(data_dir, cache_dir, r, path)
        with np.load(path) as data:
            out.append(Beats(data))
    return out


def make(data_dir, cache_dir, record, path):
    source = wfdb.read_record(path_of(data_dir, record))
    signal = source.mv[lead_of(source)]
    peaks = node.detect([(source.rate_hz, signal)], os.path.join(cache_dir, f"detect-{os.getpid()}"))[0]
    memory = features.Memory()
    at_s = peaks / source.rate_hz
    beats = []
    for at in range(0, len(peaks), 512):
        windows, r_index = beat_window.windows_of(signal, source.rate_hz, peaks[at : at + 512])
        x, share = beat_window.resample(windows, source.rate_hz, r_index)
        beats += [features.both_features(memory, y, s, rr_before(at_s, at + k)) for k, (y, s) in enumerate(zip(beat_window.fill_and_filter(x), share))]
    samples, classes, spans = beat_scoring.beats_of(wfdb.read_annotations(path_of(data_dir, record)))
    label = np.full(len(peaks), "?")
    pairs, _, extra = beat_scoring.match(samples, peaks.tolist(), source.rate_hz)
    for i, j in pairs:
        label[j] = classes[i]
    for j in extra:
        if any(a <= peaks[j] <= b for a, b in spans):
            label[j] = "!"
    partial = path + ".tmp.npz"
    beat, came = np.array(beats, np.float32).transpose(1, 0, 2)
    np.savez(partial, record=record, beat=beat, came=came, label=label, at_s=at_s, early=earliness(at_s))
    os.replace(partial, path)


def rr_before(at_s, i):
    """Intervals that end at beat i and before, newest first."""
    return np.diff(at_s[max(0, i - features.NEWEST_RR) : i + 1])[::-1]


def earliness(at_s):
    rr = np.diff(at_s, prepend=np.nan)
    return np.array([personal.earliness(rr[i], rr[max(1, i - 8) : i]) for i in range(len(rr))])


def noise(data_dir):
    """Electrode motion, muscle and baseline noise at 120 Hz, seconds 0–30 of nstdb, slow part away, unit spread → float32 [rows, samples]."""
    rows = []
    for kind in ("em60", "ma60", "bw60"):
        record = wfdb.read_record(os.path.join(data_dir, "ecg", "nstdb-partial", kind))
        for channel in record.mv[:, : int(30 * record.rate_hz)].astype(np.float64):
            step = int(record.rate_hz) // beat_window.RATE_HZ
            slow = channel[: len(channel) // step * step].reshape(-1, step).mean(1)
            fast = slow - np.convolve(slow, np.ones(60) / 60, "same")
            rows.append(fast / fast.std())
    return np.array(rows, np.float32)
