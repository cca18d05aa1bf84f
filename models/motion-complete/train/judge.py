"""How far a network's body lies from that of the watched clips, in degrees, told frame by frame over whole clips: with all sensors, one silent for two seconds in
every four (also when its last place is passed off as heard), one throughout, and head and wrists alone. What `npm run eval -- pose` does, without the gateway."""

import numpy as np
import torch

import dataset
import features
import net as network
from dataset import back

HEARD_FIRST, SILENT, AFTER, EVERY = 30, 60, 15, 120
LIMBS = {1: [3, 4], 2: [5, 7], 3: [6, 8], 4: [9, 11, 13], 5: [10, 12, 14]}


class Worn:
    """A clip with sensors on it, drawn from the seed."""

    def __init__(self, clip):
        self.track = dataset.Track(clip, 1, False)
        self.truth = self.track.rotations[None]
        acc = dataset.accelerations(self.truth, self.track.root[None], self.track.offsets[None])
        self.sensors, self.acc = dataset.worn(self.truth[:, :, dataset.OF], acc)
        self.known = self.track.known.clone()
        self.known[0] = False

    def all_heard(self):
        return torch.ones(1, len(self.track), 6, dtype=torch.bool)

    @torch.no_grad()
    def told(self, net, present, guide=0, passed_off=False):
        facing = dataset.heading(self.sensors[:, :, guide])
        x, held = features.of_tracks(self.sensors, self.acc, present, facing, torch.tensor([guide]))
        if passed_off:
            present, stood = self.all_heard(), self.acc * present[..., None]
            x, held = features.of_tracks(facing[:, :, None] @ held, stood, present, facing, torch.tensor([guide]))
        x = torch.cat([x[..., :1].expand(-1, -1, network.CONTEXT), x], -1)
        return facing[:, :, None] @ network.rotations(net(x), held, present)

    def degrees(self, told):
        """[t, 15]"""
        trace = (back(told) @ self.truth).diagonal(dim1=-2, dim2=-1).sum(-1)[0]
        return torch.rad2deg(torch.acos(((trace - 1) / 2).clamp(-1, 1)))

    def jerk(self, rotations, frames):
        p = dataset.positions(rotations, self.track.offsets[None])[0]
        return float((p[3:] - 3 * p[2:-1] + 3 * p[1:-2] - p[:-3]).norm(dim=-1).mean(1)[[f for f in frames if f + 3 < len(p)]].sum())


def figures(net, watched, seed=7):
    """Degrees are means over frames and the 14 segments behind the pelvis that the clips have; `jitter` is the jerk with all sensors beside the true one."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    sums = {}

    def add(key, value, count):
        old = sums.get(key, (0, 0))
        sums[key] = (old[0] + value, old[1] + count)

    for clip in watched:
        judge(net, Worn(clip), add, rng)
    return {key: round(value / count, 2) for key, (value, count) in sums.items() if count > 0}


def judge(net, worn, add, rng):
    end = len(worn.track)
    frames = list(range(min(HEARD_FIRST, end // 3), end))
    degrees = lambda told, frames: (float(worn.degrees(told)[frames][:, worn.known].mean(1).sum()), len(frames))
    full = worn.told(net, worn.all_heard())
    add("none", *degrees(full, frames))
    add("jitter", worn.jerk(full, frames), worn.jerk(worn.truth, frames))
    for sensor in range(1, 6):
        present = worn.all_heard()
        present[:, :, sensor] = False
        add("lost1_all", *degrees(worn.told(net, present), frames))
        if end < HEARD_FIRST + SILENT + AFTER:
            continue
        present, silent, scored = worn.all_heard(), [], []
        start = HEARD_FIRST + int(rng.integers(min(EVERY, end - HEARD_FIRST - SILENT - AFTER) + 1))
        while start + SILENT + AFTER <= end:
            present[:, start : start + SILENT, sensor] = False
            silent += range(start, start + SILENT)
            scored += range(start, start + SILENT + AFTER)
            start += EVERY
        limb = [segment for segment in LIMBS[sensor] if worn.known[segment]]
        for key, told in (("lost1", worn.told(net, present)), ("held", worn.told(net, present, passed_off=True)), ("none_at_lost1", full)):
            add(key, *degrees(told, scored))
            add(f"{key}_limb", float(worn.degrees(told)[silent][:, limb].sum()), len(silent) * len(limb))
    present = worn.all_heard()
    present[:, :, [0, 4, 5]] = False
    add("three", *degrees(worn.told(net, present, guide=1), frames))
