"""The protocol between patients (five unlabelled minutes each, then every beat) on the beats of records, with a function that gives latents."""

import numpy as np
import personal
from dataset import LEARNING_S


def surprises(beats, latents):
    """Surprise of each beat of a record by its own first minutes."""
    own = personal.Personal()
    for i in np.flatnonzero(beats.at_s < LEARNING_S):
        own.learn(latents[i], beats.early[i])
    own.finish()
    return own.surprise(latents.astype(np.float64), beats.early)


def scored(records, latents_of):
    """(surprise, class letter) of all matched beats behind the first minutes, and the same by record."""
    by_record = {}
    for beats in records:
        told = (beats.at_s >= LEARNING_S) & np.isin(beats.label, list("NSVFQ"))
        by_record[beats.record] = (surprises(beats, latents_of(beats.beat))[told], beats.label[told])
    return [np.concatenate([row[k] for row in by_record.values()]) for k in (0, 1)], by_record


def figures(surprise, label):
    strange = label != "N"
    return {"auroc": auroc(surprise, strange), "auprc": auprc(surprise, strange), "beats": len(label), "abnormal": int(strange.sum())}


def auroc(score, positive):
    """Mann–Whitney, ties count half; None without both kinds."""
    n1, n0 = int(positive.sum()), int((~positive).sum())
    if n1 == 0 or n0 == 0:
        return None
    _, where, counts = np.unique(score, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks = (ends - (counts - 1) / 2)[where]
    return round(float((ranks[positive].sum() - n1 * (n1 + 1) / 2) / (n1 * n0)), 4)


def auprc(score, positive):
    """Average precision: the sum of precision over each rise of recall."""
    if not positive.any():
        return None
    order = np.argsort(-score, kind="stable")
    hits = np.cumsum(positive[order])
    last = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))
    precision = hits[last] / (last + 1)
    rises = np.diff(np.append(0, hits[last]))
    return round(float((precision * rises).sum() / hits[-1]), 4)
