"""What simpler ways reach on the same beats: error of a linear reconstruction, likeness to the own median beat, the raw curve in place of the network's latent."""

import judge
import numpy as np
from dataset import LEARNING_S


def scored(train, test):
    """Name → (surprise, class letter) over the records of `test`."""
    normal = np.concatenate([r.normal() for r in train])
    mean = normal.mean(0)
    axes = np.linalg.svd((normal - mean)[::8], full_matrices=False)[2][:16]

    def reconstruction(r):
        x = r.beat - mean
        return ((x - x @ axes.T @ axes) ** 2).mean(1)

    def template(r):
        own = np.median(r.beat[r.at_s < LEARNING_S], axis=0)
        return 1 - np.array([np.corrcoef(x, own)[0, 1] if x.std() > 0 else 0 for x in r.beat])

    def by(surprise):
        rows = []
        for r in test:
            told = (r.at_s >= LEARNING_S) & np.isin(r.label, list("NSVFQ"))
            rows.append((surprise(r)[told], r.label[told]))
        return [np.concatenate([row[k] for row in rows]) for k in (0, 1)]

    return {
        "PCA reconstruction, 16 components of DS1": by(reconstruction),
        "1 − correlation with the own median beat": by(template),
        "the same memory on 16 components of DS1": judge.scored(test, lambda beat: (beat - mean) @ axes.T)[0],
    }
