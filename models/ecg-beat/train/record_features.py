"""Features of a whole record, its beats in the order in which the live pipeline would meet them."""

import features
import numpy as np
from beat_window import windows_of


def record_features(signal, rate_hz, peaks, wait_s=3.0, after_s=0.5, detect_s=0.2):
    """Both runs over a record's peaks (sample indices) in the order of the live pipeline → dict run → (beats [n, 2, SEGMENT], context [n, CONTEXT]).

    "first" comes `after_s` behind R; "final" behind the "first" of the fourth beat after, or `wait_s` behind R; a beat is known `detect_s` behind its R.
    """
    peaks = np.asarray(peaks)
    n = len(peaks)
    ys, shares = [], []
    for at in range(0, n, 512):
        windows, r_index = windows_of(signal, rate_hz, peaks[at : at + 512])
        x, share = features.resample(windows, rate_hz, r_index)
        ys.append(features.fill_and_filter(x))
        shares.append(share)
    y, share = np.concatenate(ys), np.concatenate(shares)
    at_s = peaks / rate_hz
    rr = np.diff(at_s)
    memory = features.Memory()
    out = {run: (np.zeros((n, 2, features.SEGMENT), np.float32), np.zeros((n, features.CONTEXT), np.float32)) for run in ("first", "final")}

    def put(run, k, after_count):
        before = [float(rr[i]) for i in range(k - 1, max(-1, k - 33), -1)]
        after = [float(rr[i]) for i in range(k, k + after_count)]
        out[run][0][k], out[run][1][k] = features.beat_features(memory, y[k], share[k], before, after, run)

    waiting = 0
    for k in range(n):
        # Beats whose patience ends before this one's first run; then those that this one completes.
        while waiting < k and at_s[waiting] + wait_s < at_s[k] + after_s:
            put("final", waiting, followers(at_s, waiting, at_s[waiting] + wait_s - detect_s))
            waiting += 1
        put("first", k, 0)
        while waiting <= k - 4:
            put("final", waiting, 4)
            waiting += 1
    for k in range(waiting, n):
        put("final", k, followers(at_s, k, at_s[k] + wait_s - detect_s))
    return out


def followers(at_s, k, until_s):
    """How many of the next four beats are known by `until_s`."""
    return int(np.searchsorted(at_s[k + 1 : k + 5], until_s, side="right"))
