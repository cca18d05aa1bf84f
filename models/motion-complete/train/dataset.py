"""Sensors as they would be worn in a recording: where they sit askew, drift, fall silent. Bodies are put together anew for every few batches, the sensors for each."""

import numpy as np
import torch

import clips
import features
import net

SPEEDS = (0.8, 1.0, 1.25)
OUT = 60
SHOWN = net.CONTEXT + OUT
# Frames before those that are shown, from which a silent sensor may still be held.
BEFORE = 40
LENGTH = BEFORE + SHOWN
MOUNT_DEG = 7
DRIFT_DEG = 3
MIRROR = np.diag([-1.0, 1, 1])
# Where on its segment a sensor sits, m.
SITS = torch.tensor([[0, 0, 0], [0, 0.1, 0], [0.2, 0, 0], [-0.2, 0, 0], [0, -0.35, 0], [0, -0.35, 0]])
OF = list(features.SEGMENT_OF)
UPPER = list(range(1, 9))
ARMS = ([5, 7], [6, 8])
LEGS = ([9, 11, 13], [10, 12, 14])

# Shares of the bodies whose trunk and arms, or one arm, are another's, whose joints are bent otherwise throughout, and that lean as a whole.
OTHER_UPPER, OTHER_ARM, BENT, LEANING = 0.4, 0.3, 0.5, 0.1
# Degrees by which joints are bent otherwise.
TRUNK, SHOULDER, ELBOW, HIP, KNEE, PELVIS, LEAN = 8, 15, 12, 7, 6, 8, 35


class Track:
    """A clip at one speed."""

    def __init__(self, clip, speed, mirrored):
        rotations, root = clips.at_rate(clip.rotations, clip.root, clips.RATE_HZ * speed) if speed != 1 else (clip.rotations, clip.root)
        offsets = clip.offsets
        if mirrored:
            order = list(clips.MIRRORED)
            rotations, root, offsets = MIRROR @ rotations[:, order] @ MIRROR, root @ MIRROR, offsets[order] @ MIRROR
        self.rotations, self.root, self.offsets = (torch.from_numpy(a.astype(np.float32)) for a in (rotations, root, offsets))
        self.known = torch.from_numpy(clip.known)

    def __len__(self):
        return len(self.rotations)


def tracks(all_clips):
    return [Track(clip, speed, mirrored) for clip in all_clips for speed in SPEEDS for mirrored in (False, True)]


def back(turns):
    return turns.transpose(-1, -2)


def of_vector(v):
    """Rodrigues: the direction is the axis, the length the angle."""
    angle = v.norm(dim=-1, keepdim=True).clamp(min=1e-8)[..., None]
    x, y, z = v.unbind(-1)
    zero = torch.zeros_like(x)
    k = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], -1).reshape(*x.shape, 3, 3) / angle
    return torch.eye(3) + torch.sin(angle) * k + (1 - torch.cos(angle)) * (k @ k)


def about_vertical(angle):
    c, s, zero, one = angle.cos(), angle.sin(), torch.zeros_like(angle), torch.ones_like(angle)
    return torch.stack([c, zero, s, zero, one, zero, -s, zero, c], -1).reshape(*angle.shape, 3, 3)


def heading(turns):
    """The part of a rotation that is about the vertical: its twist about y."""
    return about_vertical(torch.atan2(turns[..., 0, 2] - turns[..., 2, 0], turns[..., 0, 0] + turns[..., 2, 2]))


def positions(rotations, offsets):
    """Of each segment's first joint beside the pelvis'."""
    out = [torch.zeros_like(rotations[:, :, 0, :, 0])]
    for segment in range(1, len(clips.PARENTS)):
        parent = clips.PARENTS[segment]
        out.append(out[parent] + torch.einsum("btij,bj->bti", rotations[:, :, parent], offsets[:, segment]))
    return torch.stack(out, 2)


def accelerations(rotations, root, offsets):
    """Second differences over 4/30 s of where the sensors are, m/s², without gravity."""
    places = root[:, :, None] + positions(rotations, offsets)[:, :, OF] + torch.einsum("btkij,kj->btki", rotations[:, :, OF], SITS)
    acc = torch.zeros_like(places)
    acc[:, 2:-2] = (places[:, 4:] + places[:, :-4] - 2 * places[:, 2:-2]) * (clips.RATE_HZ / 2) ** 2
    # At both ends a clip breaks off; nothing is known of what would follow.
    acc[:, :2], acc[:, -2:] = acc[:, 2:3], acc[:, -3:-2]
    return acc


def bodies(all_tracks, weights, count, rng):
    """→ rotations [b, LENGTH, 15, 3, 3], accelerations [b, LENGTH, 6, 3], offsets [b, 15, 3], known [b, 15], there [b, LENGTH]."""
    chosen = [all_tracks[i] for i in rng.choice(len(all_tracks), count, p=weights)]
    ends = np.array([rng.integers(10, len(t)) for t in chosen])
    places = torch.from_numpy(ends[:, None] - np.arange(LENGTH)[::-1])
    there, clipped = places >= 0, places.clamp(min=0)
    rotations = torch.stack([t.rotations[p] for t, p in zip(chosen, clipped)])
    root = torch.stack([t.root[p] for t, p in zip(chosen, clipped)])
    offsets, known = (torch.stack([getattr(t, name) for t in chosen]) for name in ("offsets", "known"))
    rotations, known, there = put_together(rotations, known, there)
    bent(rotations)
    leaning = degrees(count, LEAN) * (torch.rand(count, 1) < LEANING)
    leaning[:, 1] = 0
    turn = of_vector(leaning)[:, None]
    rotations, root = turn[:, None] @ rotations, (turn @ root[..., None])[..., 0]
    return rotations, accelerations(rotations, root, offsets), offsets, known, there


def put_together(rotations, known, there):
    """On some pelves and legs the trunk and arms of another, on some chests another's arm."""
    count = len(rotations)
    for parent, segments, share in ((0, UPPER, OTHER_UPPER), (2, ARMS[0], OTHER_ARM), (2, ARMS[1], OTHER_ARM)):
        whose = torch.where(torch.rand(count) < share, torch.randperm(count), torch.arange(count))
        other = rotations[whose]
        rotations[:, :, segments] = rotations[:, :, parent, None] @ back(other[:, :, parent, None]) @ other[:, :, segments]
        known[:, segments] = known[whose][:, segments]
        there = there & there[whose]
    return rotations, known, there


def degrees(count, sd):
    return torch.randn(count, 3) * np.radians(sd)


def bent(rotations):
    """In place: joints of some bodies are bent otherwise than they were, by the same in every frame."""
    count = len(rotations)
    some = (torch.rand(count, 1) < BENT).float()

    def turned(parent, segments, sd):
        own, turn = rotations[:, :, parent, None], of_vector(degrees(count, sd) * some)[:, None, None]
        rotations[:, :, segments] = own @ turn @ back(own) @ rotations[:, :, segments]

    turned(0, UPPER, TRUNK)
    for side in (0, 1):
        turned(2, ARMS[side], SHOULDER)
        turned(0, LEGS[side], HIP)
        for hinge, sd, beyond in ((side, ELBOW, []), (2 + side, KNEE, [13 + side])):
            upper, lower, axis = net.HINGES[hinge]
            new = rotations[:, :, upper] @ hinged(rotations, upper, lower, axis, torch.randn(count, 1) * some * np.radians(sd))
            for segment in beyond:
                rotations[:, :, segment] = new @ back(rotations[:, :, lower]) @ rotations[:, :, segment]
            rotations[:, :, lower] = new
    rotations[:, :, 0] = rotations[:, :, 0] @ of_vector(degrees(count, PELVIS) * some * torch.tensor([1, 0.4, 0.4]))[:, None]


def hinged(rotations, upper, lower, axis, more):
    """How the lower segment lies in the upper one, bent farther by so much; no hinge bends backwards."""
    between = back(rotations[:, :, upper]) @ rotations[:, :, lower]
    off = torch.stack([between[..., 2, 1] - between[..., 1, 2], between[..., 0, 2] - between[..., 2, 0], between[..., 1, 0] - between[..., 0, 1]], -1)
    angle = torch.atan2((off * torch.tensor(axis)).sum(-1) / 2, (between.diagonal(dim1=-2, dim2=-1).sum(-1) - 1) / 2) + more
    angle = torch.where(angle < 0, -0.3 * angle, angle)
    return net.about(axis, angle.cos(), angle.sin())


def batch(shown, rng):
    """→ x [b, 138, SHOWN], then of the OUT newest frames: where each sensor is or was last [b, OUT, 6, 3, 3] and whether it is heard, truth [b, OUT, 15, 3, 3]
    beside the heading, offsets [b, 15, 3], weight [b, OUT, 15]."""
    rotations, acc, offsets, known, there = shown
    sensors, acc = worn(rotations[:, :, OF], acc)
    present, guide = heard(len(rotations), rng)
    present &= there[..., None]
    facing = heading(sensors[torch.arange(len(guide)), :, guide])
    x, held = features.of_tracks(sensors, acc, present, facing, guide)
    truth = back(facing)[:, -OUT:, None] @ rotations[:, -OUT:]
    weight = there[:, -OUT:, None].float() * known[:, None].float()
    return x[..., BEFORE:], held[:, -OUT:], present[:, -OUT:], truth, offsets, weight


def worn(sensors, acc):
    """Askew on the limb, turned about the vertical, with a bias and some noise."""
    count = len(sensors)
    mount = of_vector(torch.randn(count, 1, 6, 3) * np.radians(MOUNT_DEG) / np.sqrt(3))
    drift = about_vertical(torch.randn(count, 1, 6) * np.radians(DRIFT_DEG))
    return drift @ sensors @ mount, acc + 0.2 * torch.randn(count, 1, 6, 3) + 0.1 * torch.randn(acc.shape)


def heard(count, rng):
    """Which sensors speak when, and the one whose heading the others are seen from, which always does: mostly the pelvis, else the head, else another."""
    present = np.ones((count, LENGTH, 6), bool)
    guide = np.zeros(count, int)
    for i in range(count):
        draw = rng.random()
        if draw < 0.2:
            guide[i] = 1 if draw < 0.15 else rng.integers(2, 6)
            since = 0 if rng.random() < 0.6 else rng.integers(LENGTH)
            present[i, since:, : 1 if guide[i] == 1 else 2] = False
        # Head and wrists alone, or any other few.
        if draw < 0.08:
            present[i, :, 4:] = False
        for sensor in range(6):
            if sensor == guide[i]:
                continue
            if rng.random() < 0.14:
                present[i, :, sensor] = False
            if rng.random() < 0.35:
                start, length = rng.integers(-60, LENGTH), rng.integers(3, 121)
                present[i, max(0, start) : max(0, start + length), sensor] = False
    return torch.from_numpy(present), torch.from_numpy(guide)
