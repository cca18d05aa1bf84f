"""What is usual for one person, and how unusual a beat is: the twin of ../personal.ts, by which training chooses its numbers."""

import numpy as np

MOST_ROWS = 72
UNIT = 1000  # latents are kept as int16 thousandths
EARLY = 0.12  # of the natural logarithm of the pace
EARLY_NEIGHBOURS = 5
EARLY_SHARE = 0.45
LEFT_OUT = 0.1
NEAR_SHARE = 0.25
OWN_SPREAD_WEIGHT = 0.5
LEAST_SCATTER = 0.03
RHYTHM_WEIGHT = 2.0
LEAST_DISTANCE = 1e-3


def earliness(rr_s, before_s):
    """How much sooner the beat came than the (at most 8) before it, as a logarithm, −1 … 1.2; 0 where nobody knows."""
    if not np.isfinite(rr_s) or len(before_s) == 0:
        return 0.0
    return float(np.clip(np.log(max(np.median(before_s), 1e-3) / max(rr_s, 1e-3)), -1.0, 1.2))


class Personal:
    def __init__(self):
        self.rows, self.early, self.seen, self.every = [], [], 0, 1
        self.spread = None

    def learn(self, latent, early):
        self.seen += 1
        if self.seen % self.every:
            return
        self.rows.append(np.rint(np.asarray(latent, np.float64) * UNIT).clip(-32768, 32767) / UNIT)
        self.early.append(float(np.rint(early * UNIT) / UNIT))
        if len(self.rows) == MOST_ROWS:
            self.rows, self.early, self.every = self.rows[1::2], self.early[1::2], self.every * 2

    def finish(self):
        rows, early = np.array(self.rows), np.array(self.early)
        between = distances(rows, rows)
        np.fill_diagonal(between, np.inf)
        nearest = np.argsort(between, 1, kind="stable")[:, :EARLY_NEIGHBOURS]
        is_early = early > EARLY
        share = (is_early[nearest].sum(1) + is_early) / (nearest.shape[1] + 1)
        kept = np.flatnonzero(share <= EARLY_SHARE)
        if len(kept) < 0.3 * len(rows):
            kept = np.arange(len(rows))
        # The farthest from the rest are left out, since the minutes may hold ectopics of another kind.
        far = near_mean(between[np.ix_(kept, kept)], max(3, len(kept) // 10))
        kept = np.sort(kept[np.argsort(far, kind="stable")[: len(kept) - int(LEFT_OUT * len(kept))]])
        self.rows = rows[kept]
        own = near_mean(between[np.ix_(kept, kept)], self.neighbours())
        self.spread = float(np.median(own))
        self.usual_early = float(np.median(early[kept]))
        self.scatter = max(1.48 * float(np.median(np.abs(early[kept] - self.usual_early))), LEAST_SCATTER)

    def neighbours(self):
        return max(3, round(NEAR_SHARE * len(self.rows)))

    def surprise(self, latents, early):
        """Of each row of latents [n, 16] with its earliness [n]; a logarithm, larger for what is less usual."""
        near = near_mean(distances(latents, self.rows), self.neighbours())
        shape = np.log(np.maximum(near, LEAST_DISTANCE)) - OWN_SPREAD_WEIGHT * np.log(max(self.spread, LEAST_DISTANCE))
        return shape + RHYTHM_WEIGHT * np.maximum(early - self.usual_early - 2 * self.scatter, 0)


def distances(a, b):
    return np.sqrt(np.maximum((a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2 * a @ b.T, 0))


def near_mean(between, k):
    """Mean of the k least of each row."""
    return np.sort(between, axis=1)[:, :k].mean(1)
