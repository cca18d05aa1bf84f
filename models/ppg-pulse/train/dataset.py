"""Windows of BIDMC with the rate by two unlike QRS detectors, and what is done to them: another tempo, noise, and motion that was recorded elsewhere."""

import glob
import gzip
import json
import os

import numpy as np

import features
import node
import wfdb

RATE_HZ = 125
WINDOW_S, HOP_S = 8, 2


class Patient:
    """x: pleth at 125 Hz; beats_s of lead II; of each window its end (s) and its rate (bpm)."""

    def __init__(self, name, x, beats_s, ends_s, bpm):
        self.name, self.x, self.beats_s, self.ends_s, self.bpm = name, x, beats_s, ends_s, bpm


def load(data, cache):
    names = sorted(os.path.basename(p)[:-4] for p in glob.glob(f"{data}/ppg/bidmc/bidmc[0-9][0-9].hea"))
    os.makedirs(cache, exist_ok=True)
    patients = []
    for name in names:
        record = wfdb.read_record(f"{data}/ppg/bidmc/{name}")
        lead = [n.rstrip(",").strip() for n in record.names]
        if "PLETH" not in lead or "II" not in lead:
            continue
        ref = reference(cache, name, record.rate_hz, record.mv[lead.index("II")])
        ends, bpm = np.array(ref["windows"]).reshape(-1, 2).T
        patients.append(Patient(name, record.mv[lead.index("PLETH")], np.array(ref["beatsS"]), ends, bpm))
    return patients


def reference(cache, name, rate_hz, mv):
    path = os.path.join(cache, f"{name}.f32")
    if not os.path.exists(path + ".json"):
        np.ascontiguousarray(mv, dtype="<f4").tofile(path)
        node.run_script("pulse-references.ts", f"{rate_hz:g} {path}\n")
    with open(path + ".json") as f:
        return json.load(f)


def motions(data, cache):
    """[person] → float32 [3, samples] in g at 25 Hz, without gravity's slow part; pt-exercises, every unit."""
    path = os.path.join(cache, "motion.npz")
    if not os.path.exists(path):
        people = {}
        for file in sorted(glob.glob(f"{data}/motion/pt-exercises-5imu/s*/e*/u*/test.txt.gz")):
            person = file.split(os.sep)[-4]
            with gzip.open(file, "rt") as f:
                head = f.readline().strip().split(";")
                columns = [i for i, h in enumerate(head) if h.strip().lower().startswith("acc")]
                rows = np.genfromtxt(f, delimiter=";", usecols=columns)
            people.setdefault(person, []).append((rows.T / 9.80665).astype(np.float32))
        np.savez(path, **{p: np.concatenate(parts, axis=1) for p, parts in people.items()})
    with np.load(path) as f:
        return {p: f[p] for p in f.files}


def window(patient, end_s, tempo=1.0):
    """8 s of the pleth played `tempo` times as fast, ending at end_s, at 25 Hz; None where too little is there."""
    length = int(round(WINDOW_S * tempo * RATE_HZ))
    end = int(round(end_s * RATE_HZ))
    if end < length:
        return None
    return features.resampled(patient.x[end - length : end], RATE_HZ)


def rate_between(patient, from_s, to_s):
    beats = patient.beats_s[(patient.beats_s >= from_s) & (patient.beats_s < to_s)]
    return 60 * (len(beats) - 1) / (beats[-1] - beats[0]) if len(beats) > 2 else np.nan


def good_span(patient, from_s, to_s):
    """All windows that lie within count."""
    inside = patient.ends_s[(patient.ends_s >= from_s + WINDOW_S - 0.01) & (patient.ends_s <= to_s + 0.01)]
    return len(inside) >= max(1, int((to_s - from_s - WINDOW_S) / HOP_S))


def plain(patients):
    """Windows as recorded → (x [n, 200], bpm [n], index of the patient [n])."""
    rows = [(x, bpm, i) for i, p in enumerate(patients) for end, bpm in zip(p.ends_s, p.bpm) if (x := window(p, end)) is not None]
    return np.array([r[0] for r in rows]), np.array([r[1] for r in rows]), np.array([r[2] for r in rows])


def varied(patients, motion, count, rng):
    """Windows in other tempi, with noise, and some with motion → (x, acc [n, 3, 200], bpm, index of the patient)."""
    xs, accs, rates, owners = [], [], [], []
    while len(xs) < count:
        owner = rng.integers(len(patients))
        p = patients[owner]
        if len(p.ends_s) == 0:
            continue
        end = p.ends_s[rng.integers(len(p.ends_s))]
        own = rate_between(p, end - WINDOW_S, end)
        tempo = np.exp(rng.uniform(np.log(31), np.log(208))) / own if rng.random() < 0.7 else 1.0
        start = end - WINDOW_S * tempo
        if start < 0 or not np.isfinite(own) or not good_span(p, start, end):
            continue
        bpm = rate_between(p, start, end) * tempo
        x = window(p, end, tempo)
        if x is None or not features.LOW_BPM < bpm < features.HIGH_BPM:
            continue
        xs.append(disturbed(x, rng))
        rates.append(bpm)
        owners.append(owner)
        acc = np.zeros((3, features.COUNT))
        if rng.random() < 0.5:
            acc = moving(motion, rng)
            if rng.random() < 0.8:
                xs[-1] = xs[-1] + artefact(acc, rng) * np.std(xs[-1]) * 10 ** rng.uniform(-1, 0.5)
        accs.append(acc)
    return np.array(xs), np.array(accs), np.array(rates), np.array(owners)


def disturbed(x, rng):
    """Breathing, white noise, a step, either way up, any height."""
    t = np.arange(len(x)) / features.WORK_HZ
    spread = np.std(x) + 1e-9
    x = x + spread * rng.uniform(0, 1) * np.sin(2 * np.pi * (rng.uniform(0.1, 0.45) * t + rng.random()))
    if rng.random() < 0.5:
        x = x + spread * 10 ** rng.uniform(-2, 0.3) * rng.standard_normal(len(x))
    if rng.random() < 0.1:
        x = x + spread * rng.uniform(1, 5) * (np.arange(len(x)) > rng.integers(len(x)))
    return x * rng.choice([-1, 1])


def moving(motion, rng, tempo=(0.7, 1.6)):
    """8 s of somebody's movement, its axes turned at random."""
    person = motion[list(motion)[rng.integers(len(motion))]]
    speed = rng.uniform(*tempo)
    length = int(features.COUNT * speed) + 2
    at = rng.integers(person.shape[1] - length)
    places = at + np.arange(features.COUNT) * speed
    turned = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    return turned @ np.array([np.interp(places, np.arange(person.shape[1]), axis) for axis in person])


def artefact(acc, rng):
    """What a movement does to a pleth: all axes through filters of their own, some of it bent. Unit spread, zero where nothing moves."""
    moved = features.without_trend(acc, 2 * features.SLOW_HALF)
    out = np.zeros(acc.shape[1])
    for axis in moved:
        out += np.convolve(axis, rng.standard_normal(5) * np.exp(-np.arange(5) / 2))[: len(axis)] * rng.standard_normal()
    out = out + rng.uniform(0, 0.5) * np.abs(out) * np.sign(rng.standard_normal())
    return out / max(0.05, out.std())


def moved(patients, motion, count, rng):
    """Windows as recorded with an artefact of somebody's movement as high as the pulse up to three times → (x, acc, bpm, index of the patient). Generated."""
    xs, accs, rates, owners = [], [], [], []
    while len(xs) < count:
        owner = rng.integers(len(patients))
        p = patients[owner]
        if len(p.ends_s) == 0:
            continue
        i = rng.integers(len(p.ends_s))
        x = window(p, p.ends_s[i])
        if x is None:
            continue
        acc = moving(motion, rng, (1, 1))
        xs.append(x + artefact(acc, rng) * np.std(x) * 10 ** rng.uniform(0, 0.5))
        accs.append(acc)
        rates.append(p.bpm[i])
        owners.append(owner)
    return np.array(xs), np.array(accs), np.array(rates), np.array(owners)
