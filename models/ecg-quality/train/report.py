"""Tables for card.md and metrics for the manifest, from scores that others made."""

import judge
import numpy as np

HEAD = ["F1 of noise", "Se %", "+P %", "N %", "A %", "O %", "AUROC"]


def cells(score, labels):
    f = judge.figures(score, labels)
    ppv = "–" if f["ppv"] is None else f"{f['ppv']:.1f}"
    return [f"{f['noise_f1']:.3f}", f"{f['se']:.1f}", ppv, *(f"{f[c]:.1f}" for c in "NAO"), f"{f['auroc']:.3f}"]


def table(first, rows, labels):
    out = ["| " + " | ".join([first, *HEAD]) + " |", "|" + "---|" * (len(HEAD) + 1)]
    return out + ["| " + " | ".join([name, *cells(score, labels if own is None else own)]) + " |" for name, score, own in rows]


def spread(results, key):
    values = [r["figures"][key] for r in results]
    return f"{np.mean(values):.3f} ± {np.std(values, ddof=1) if len(values) > 1 else 0:.3f}"


def lines(recordings, fold, results, chosen, scores, compared, threshold, steps):
    labels = np.array([r.label for r in recordings])
    int8 = scores["int8"]
    counts = ", ".join(f"{c} {int((labels == c).sum())}" for c in "NAO~")
    low, high = judge.interval(int8, labels == "~")
    out = [
        "",
        f"**Five folds by recording** ({len(recordings)} recordings: {counts}; twins on one side; a recording is noise when more than two thirds of its windows are; each fold's threshold chosen on the others).",
        f"{len(results)} seeds, fp32, mean ± sd: F1 {spread(results, 'noise_f1')}, AUROC {spread(results, 'auroc')}.",
        "",
        f"Seed {chosen['seed']}, the median by F1 and the committed one; Se and +P of noise, and of each readable class how many are called noise:",
        "",
        *table("what", [("this model, int8", int8, None), ("this model, fp32", scores["fp32"], None), *((n, s, None) for n, s in compared.items())], labels),
        "",
        f"95 % interval of the int8 F1 over recordings: [{low}, {high}]. With the classes as often as in the whole set of the challenge: F1 {judge.reweighted_f1(int8, labels):.3f}.",
        "",
        "Per fold, int8:",
        "",
        *table("fold", [(str(k), int8[fold == k], labels[fold == k]) for k in np.unique(fold)], labels),
        "",
        f"Committed: learnt from all of them, {steps} steps, threshold {threshold:.3f} on the logit.",
        "",
    ]
    order = np.argsort(int8)
    worst = {
        "Noise that was taken for readable, surest first": [i for i in order if labels[i] == "~" and int8[i] <= 0][:12],
        "Readable that was taken for noise, surest first": [i for i in order[::-1] if labels[i] != "~" and int8[i] > 0][:12],
    }
    for what, rows in worst.items():
        out.append(f"{what}: {', '.join(f'{recordings[i].name} ({labels[i]}, {int8[i]:+.1f})' for i in rows)}.")
    return out


def metrics(results, scores, labels):
    rounded = {p: {k: round(v, 4) for k, v in judge.figures(s, labels).items() if k in ("noise_f1", "auroc")} for p, s in scores.items()}
    mean = round(float(np.mean([r["figures"]["noise_f1"] for r in results])), 4)
    data = "cinc2017, 5 folds by recording"
    return [{"task": "quality", "data": data, "seeds": len(results), "noise_f1": mean}, *({"task": "quality", "data": data, "precision": p, **f} for p, f in rounded.items())]
