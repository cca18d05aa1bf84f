"""Figures of recordings: a recording is noise when more than two thirds of its windows are. It chooses a threshold where it is asked to."""

import numpy as np

CLASSES = "NAO~"


def of_recordings(windows):
    """Score of each recording from the scores of its windows: above a threshold where more than two thirds of them are."""
    return np.array([np.sort(scores)[len(scores) - 1 - 2 * len(scores) // 3] for scores in windows])


def f1(score, noise, threshold=0.0):
    called = score > threshold
    either = called.sum() + noise.sum()
    return float(2 * (called & noise).sum() / either) if either else None


def best_threshold(score, noise):
    """Middle of the range of thresholds whose F1 lies within .005 of the best: the best alone is luck."""
    tried = np.unique(np.quantile(score, np.linspace(0.7, 0.999, 300)))
    reached = np.array([f1(score, noise, t) for t in tried])
    near = tried[reached >= reached.max() - 0.005]
    return float((near.min() + near.max()) / 2)


def thresholds_of(score, noise, fold):
    """Of each fold, chosen on the recordings of the others."""
    return {k: best_threshold(score[fold != k], noise[fold != k]) for k in np.unique(fold)}


def auroc(score, noise):
    order = np.argsort(np.argsort(score))
    many = noise.sum()
    return float((order[noise].sum() - many * (many - 1) / 2) / many / (len(noise) - many))


def interval(score, noise):
    """Bootstrap of F1 over recordings, 1,000 resamples, seed 1, percentiles 2.5 and 97.5."""
    rng = np.random.default_rng(1)
    values = [f1(score[i], noise[i]) for i in (rng.integers(0, len(score), len(score)) for _ in range(1000))]
    return [round(float(np.percentile(values, q)), 3) for q in (2.5, 97.5)]


def figures(score, labels):
    """Of scores that are noise above 0."""
    noise = labels == "~"
    called = score > 0
    return {
        "noise_f1": f1(score, noise), "auroc": auroc(score, noise),
        "se": float(100 * called[noise].mean()), "ppv": float(100 * noise[called].mean()) if called.any() else None,
        **{c: float(100 * called[labels == c].mean()) for c in "NAO"},
    }  # fmt: skip


def reweighted_f1(score, labels, mix={"A": 738, "N": 5050, "O": 2456, "~": 284}):
    """F1 with each class as often as in the whole set of the challenge (models.md §1.4)."""
    called = score > 0
    rate = {c: float(called[labels == c].mean()) for c in CLASSES}
    return 2 * mix["~"] * rate["~"] / (mix["~"] + sum(mix[c] * rate[c] for c in CLASSES))
