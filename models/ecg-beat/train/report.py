"""Tables for card.md and metrics for the manifest, from counts that others made."""

import numpy as np

import beat_scoring

KEYS = ("v_se", "v_ppv", "v_f1", "s_se", "s_ppv", "s_f1", "acc", "jk")


def row(name, figures):
    return f"| {name} | " + " | ".join("–" if figures[k] is None else f"{figures[k]:g}" for k in KEYS) + " |"


def header(first):
    return [f"| {first} | V Se | V +P | V F1 | S Se | S +P | S F1 | acc | jk |", "|---|" + "---|" * len(KEYS)]


def mean_sd(results, run):
    values = {k: [r["figures"][run][k] for r in results] for k in KEYS}
    return {k: (float(np.mean(v)), float(np.std(v, ddof=1)) if len(v) > 1 else 0.0) for k, v in values.items()}


def interval(by_record, key):
    """Bootstrap over records, 1,000 resamples, seed 1, percentiles 2.5 and 97.5; None below 5 records."""
    if len(by_record) < 5:
        return None
    rng, units, values = np.random.default_rng(1), list(by_record.values()), []
    for _ in range(1000):
        total = beat_scoring.Counts()
        for i in rng.integers(0, len(units), len(units)):
            total.merged(units[i])
        value = total.figures()[key]
        if value is not None:
            values.append(value)
    return [round(float(np.percentile(values, q)), 4) for q in (2.5, 97.5)]


def without(by_record, names):
    total = beat_scoring.Counts()
    for name, counts in by_record.items():
        if name not in names:
            total.merged(counts)
    return total.figures()


def record_mean(by_record):
    figures = [c.figures() for c in by_record.values()]
    known = {k: [f[k] for f in figures if f[k] is not None] for k in KEYS}
    return {k: round(float(np.mean(v)), 4) if v else None for k, v in known.items()}


def figures(results, chosen, tested, steps):
    """Lines of Markdown."""
    lines = ["", f"**Folds inside DS1** ({len(results)} seeds, mean ± sd; 4 folds by record; own detections; from 5:00 on; models.md §1.1–1.2)", ""]
    lines += header("run")
    for run in ("first", "final"):
        spread = mean_sd(results, run)
        digits = {k: 4 if k in ("v_f1", "s_f1", "acc", "jk") else 2 for k in KEYS}
        lines.append(f"| {run} | " + " | ".join(f"{spread[k][0]:.{digits[k]}f} ± {spread[k][1]:.{digits[k]}f}" for k in KEYS) + " |")
    t = chosen["thresholds"]
    lines += ["", f"Committed: seed {chosen['seed']}, the median by validation. Temperature {chosen['temperature']:g}; thresholds V {t['V']:g}, S {t['S']:g}, F {t['F']:g}, "
              "chosen on the held-out folds.", f"{steps} steps a network."]  # fmt: skip
    if not tested:
        return lines
    gross, by_record, labels = tested["int8"]["final"]
    names = ", ".join(by_record)
    lines += ["", f"**DS2, records {names}** (unseen; gross over records)", "", *header("run, precision")]
    for run in ("first", "final"):
        for precision in ("int8", "fp32"):
            lines.append(row(f"{run}, {precision}", tested[precision][run][0].figures()))
    lines.append(row("final, int8, mean over records", record_mean(by_record)))
    if "222" in by_record:
        lines.append(row("final, int8, without 222", without(by_record, {"222"})))
    if "202" in by_record:
        lines.append(row("final, int8, without 202 (same person as 201)", without(by_record, {"202"})))
    same = np.mean(labels == tested["fp32"]["final"][2])
    ci = {run: interval(tested["int8"][run][1], "v_f1") for run in ("first", "final")}
    lines += ["", f"95 % interval of V F1 over records: first {ci['first']}, final {ci['final']}. int8 and fp32 give the same label on {100 * same:.2f} % of the beats.", ""]
    lines += ["Per record, final run, int8:", "", *header("record")]
    lines += [row(name, c.figures()) for name, c in by_record.items()]
    t = gross.table
    lines += ["", "Gross table, final run, int8 (rows reference, columns ours; O = a detection without a beat, o = a beat missed):", "", "| | N | S | V | F | o |", "|---|---|---|---|---|---|"]
    lines += [f"| {a} | " + " | ".join(str(t[a, b]) for b in "NSVFo") + " |" for a in "NSVFQO"]
    return lines


def metrics(results, tested):
    out = []
    for run in ("first", "final"):
        spread = mean_sd(results, run)
        entry = {"task": "beats", "data": "mitdb DS1, 4 folds by record", "run": run, "precision": "fp32", "seeds": len(results)}
        out.append({**entry, **{k: round(spread[k][0], 4) for k in KEYS}, **{f"{k}_sd": round(spread[k][1], 4) for k in KEYS}})
    for precision in tested:
        for run in ("first", "final"):
            gross, by_record, _ = tested[precision][run]
            entry = {"task": "beats", "data": f"mitdb DS2 ({len(by_record)} records)", "run": run, "precision": precision}
            out.append({**entry, **gross.figures(), "v_f1_ci95": interval(by_record, "v_f1")})
    return out
