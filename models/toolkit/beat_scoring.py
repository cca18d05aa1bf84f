"""Matches detected beats with reference beats (EC57 beat-by-beat rules) and counts classes. It only counts; it never chooses a threshold."""

import numpy as np

CLASS_OF = {s: c for c, symbols in {"N": "NLRBejn", "S": "AaJS", "V": "VEr", "F": "F", "Q": "/fQ?"}.items() for s in symbols}
FAR = 1 << 60


def beats_of(annotations):
    """(samples, classes, spans of ventricular flutter) of an annotation list; beats inside a span are left out."""
    samples, classes, spans, opened = [], [], [], None
    for sample, symbol, _, _ in sorted(annotations, key=lambda a: a[0]):
        if symbol == "[":
            opened = sample
        elif symbol == "]":
            if opened is not None:
                spans.append((opened, sample))
            opened = None
        elif opened is None and symbol in CLASS_OF:
            samples.append(sample)
            classes.append(CLASS_OF[symbol])
    if opened is not None:
        spans.append((opened, FAR))
    return samples, classes, spans


def match(reference, test, rate_hz, start=0):
    """Pairs two ascending lists of samples. Returns (pairs [(i, j)], missed [i], extra [j]) from sample `start` on."""
    w = int(0.15 * rate_hz + 0.5)
    ref = list(reference) + [FAR, FAR]
    tst = list(test) + [FAR, FAR]
    i = next(k for k, s in enumerate(ref) if s >= start)
    j = next(k for k, s in enumerate(tst) if s >= start)
    pairs, missed, extra = [], [], []
    if start > 0 and ref[i] < FAR:
        before = tst[j - 1] if j > 0 else -FAR
        if ref[i] - before <= w and ref[i] - before < abs(ref[i] - tst[j]):
            j -= 1
        elif tst[j] - start <= w and abs(tst[j + 1] - ref[i]) < abs(tst[j] - ref[i]):
            j += 1
    while ref[i] < FAR or tst[j] < FAR:
        a, b, a2, b2 = ref[i], tst[j], ref[i + 1], tst[j + 1]
        if b < a:
            near = a - b <= w and (a - b < abs(a - b2) or abs(a2 - b2) < abs(a - b2))
        else:
            near = b - a <= w and (b - a < abs(b - a2) or abs(b2 - a2) < abs(b - a2))
        if near:
            pairs.append((i, j))
            i += 1
            j += 1
        elif b < a:
            extra.append(j)
            j += 1
        else:
            missed.append(i)
            i += 1
    return pairs, missed, extra


class Counts:
    """Reference-to-test counts over any number of records; columns N S V F, `o` = missed; rows N S V F Q, `O` = extra."""

    def __init__(self):
        self.table = {(a, b): 0 for a in "NSVFQO" for b in "NSVFo"}

    def add(self, annotations, test_samples, test_labels, rate_hz, start):
        samples, classes, spans = beats_of(annotations)
        pairs, missed, extra = match(samples, test_samples, rate_hz, start)
        for i, j in pairs:
            self.table[classes[i], test_labels[j]] += 1
        for i in missed:
            self.table[classes[i], "o"] += 1
        for j in extra:
            if not any(a <= test_samples[j] <= b for a, b in spans):
                self.table["O", test_labels[j]] += 1
        return self

    def merged(self, other):
        for key, n in other.table.items():
            self.table[key] += n
        return self

    def figures(self):
        """Se, +P in percent; F1, acc, kappa and jk as fractions; None where a denominator is empty."""
        t = self.table
        v_tp, v_all = t["V", "V"], sum(t["V", b] for b in "NSVFo")
        v_fp = t["N", "V"] + t["S", "V"] + t["O", "V"]
        s_tp, s_all = t["S", "S"], sum(t["S", b] for b in "NSVFo")
        s_fp = t["N", "S"] + t["V", "S"] + t["F", "S"] + t["O", "S"]
        reference = sum(t[a, b] for a in "NSVF" for b in "NSVFo")
        square = np.array([[t[a, b] for b in "NSVF"] for a in "NSVF"], dtype=float)
        total = square.sum()
        agree = np.trace(square) / total if total else 0.0
        chance = float((square.sum(0) * square.sum(1)).sum() / total**2) if total else 1.0
        kappa = (agree - chance) / (1 - chance) if chance < 1 else None
        rates = {"v_se": ratio(v_tp, v_all), "v_ppv": ratio(v_tp, v_tp + v_fp), "s_se": ratio(s_tp, s_all), "s_ppv": ratio(s_tp, s_tp + s_fp)}
        out = {key: None if r is None else round(100 * r, 2) for key, r in rates.items()}
        out["v_f1"], out["s_f1"] = f1(rates["v_se"], rates["v_ppv"]), f1(rates["s_se"], rates["s_ppv"])
        out["acc"] = None if not reference else round(float(np.trace(square)) / reference, 4)
        out["kappa"] = None if kappa is None else round(kappa, 4)
        known = kappa is not None and all(r is not None for r in rates.values())
        out["jk"] = round(kappa / 2 + sum(rates.values()) / 8, 4) if known else None
        return out


def ratio(part, whole):
    return part / whole if whole else None


def f1(se, ppv):
    if se is None or ppv is None:
        return None
    return round(2 * se * ppv / (se + ppv), 4) if se + ppv else 0.0
