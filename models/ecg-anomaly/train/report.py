"""Tables for card.md and metrics for the manifest, from scores that others made."""

import judge
import numpy as np


def shown(value):
    return "–" if value is None else f"{value:.4f}"


def row(name, surprise, label):
    each = [judge.auroc(surprise[(label == "N") | (label == c)], label[(label == "N") | (label == c)] != "N") for c in "SVF"]
    f = judge.figures(surprise, label)
    return f"| {name} | {shown(f['auroc'])} | {shown(f['auprc'])} | {' | '.join(shown(e) for e in each)} | {100 * f['abnormal'] / f['beats']:.1f} | {f['beats']} |"


def head(first):
    return [f"| {first} | AUROC | AUPRC | S | V | F | abnormal % | beats |", "|---|---|---|---|---|---|---|---|"]


def interval(by_record):
    """Bootstrap over records, 1,000 resamples, seed 1, percentiles 2.5 and 97.5 of the pooled AUROC."""
    rng, units, values = np.random.default_rng(1), list(by_record.values()), []
    for _ in range(1000):
        drawn = [units[i] for i in rng.integers(0, len(units), len(units))]
        value = judge.auroc(*[np.concatenate([u[k] for u in drawn]) if k == 0 else np.concatenate([u[1] for u in drawn]) != "N" for k in (0, 1)])
        if value is not None:
            values.append(value)
    return [round(float(np.percentile(values, q)), 4) for q in (2.5, 97.5)]


def lines(results, chosen, tested, compared, steps):
    """Lines of Markdown."""
    spread = {k: [r["figures"][k] for r in results] for k in ("auroc", "auprc")}
    sd = {k: (np.mean(v), np.std(v, ddof=1) if len(v) > 1 else 0.0) for k, v in spread.items()}
    out = [
        "",
        f"**Folds inside DS1** ({len(results)} seeds, mean ± sd; 2 folds by record; own detections; five unlabelled minutes, then every beat; models.md §1.8)",
        f": pooled AUROC {sd['auroc'][0]:.4f} ± {sd['auroc'][1]:.4f}, AUPRC {sd['auprc'][0]:.4f} ± {sd['auprc'][1]:.4f}.",
        "",
        f"Committed: seed {chosen['seed']}, the median by validation; 1 in 100 normal beats exceeds a surprise of {chosen['decision'][0]:g}, 1 in 1,000 of {chosen['decision'][1]:g}. {steps} steps a network.",
    ]
    if not tested:
        return out
    (_, by_record) = tested["int8"]
    out += ["", f"**DS2, records {', '.join(by_record)}** (unseen; pooled; columns S, V, F: AUROC of that class against normal)", "", *head("what")]
    out += [row(f"this model, {precision}", *pooled) for precision, (pooled, _) in tested.items()]
    for left_out in ("213", "222"):
        if left_out in by_record:
            rest = [v for k, v in by_record.items() if k != left_out]
            out.append(row(f"int8, without {left_out}", *[np.concatenate([v[k] for v in rest]) for k in (0, 1)]))
    out += [row(name, *pair) for name, pair in compared.items()]
    low, high = interval(by_record)
    known = [judge.auroc(s, c != "N") for s, c in by_record.values() if (c != "N").sum() >= 10 and (c == "N").sum() >= 10]
    out += ["", f"95 % interval of the pooled AUROC over records: [{low}, {high}]; mean of the {len(known)} records with ten of each kind {np.mean(known):.4f}."]
    out += ["", "Per record, int8, worst first:", "", *head("record")]
    ranked = sorted(by_record.items(), key=lambda item: judge.auroc(item[1][0], item[1][1] != "N") or 2)
    return out + [row(name, *pair) for name, pair in ranked]


def metrics(results, tested):
    out = [{"task": "anomaly", "protocol": "inter", "data": "folds inside DS1", "auroc": round(float(np.mean([r["figures"]["auroc"] for r in results])), 4)}]
    for precision, (pooled, by_record) in tested.items():
        f = judge.figures(*pooled)
        data = f"mitdb DS2 ({len(by_record)} records)"
        out.append({"task": "anomaly", "protocol": "inter", "data": data, "precision": precision, "auroc": f["auroc"], "auprc": f["auprc"]})
    return out
