"""Sensors as they would be worn in a recording: where they sit askew, drift, fall silent. Every batch is drawn anew."""

import numpy as np

import clips
import features
import net
import rotation

SPEEDS = (0.8, 1.0, 1.25)
OUT = 36
SHOWN = net.CONTEXT + OUT
# Frames before those that are shown, from which a silent sensor may still be held.
BEFORE = 60
LENGTH = BEFORE + SHOWN
MOUNT_DEG = 7
DRIFT_DEG = 3
MIRROR = np.diag([-1.0, 1, 1])
# Where on its segment a sensor sits, m.
SITS = np.array([[0, 0, 0], [0, 0.1, 0], [0.2, 0, 0], [-0.2, 0, 0], [0, -0.35, 0], [0, -0.35, 0]])


def positions(rotations, offsets):
    """Of each segment's first joint beside the pelvis'."""
    places = np.zeros((*rotations.shape[:-2], 3))
    for segment, parent in enumerate(clips.PARENTS):
        if parent >= 0:
            places[..., segment, :] = places[..., parent, :] + (rotations[..., parent, :, :] @ offsets[..., segment, :, None])[..., 0]
    return places


class Track:
    """A clip at one speed, its sensors' accelerations with it."""

    def __init__(self, clip, speed, mirrored):
        rotations, root = clips.at_rate(clip.rotations, clip.root, clips.RATE_HZ * speed) if speed != 1 else (clip.rotations, clip.root)
        offsets = clip.offsets
        if mirrored:
            order = list(clips.MIRRORED)
            rotations, root, offsets = MIRROR @ rotations[:, order] @ MIRROR, root @ MIRROR, offsets[order] @ MIRROR
        self.rotations, self.offsets, self.known = rotations.astype(np.float32), offsets.astype(np.float32), clip.known
        self.acc = accelerations(rotations, root, offsets).astype(np.float32)

    def __len__(self):
        return len(self.rotations)


def accelerations(rotations, root, offsets):
    """Second differences over 4/30 s of where the sensors are, m/s², without gravity."""
    of = list(features.SEGMENT_OF)
    places = root[:, None] + positions(rotations, offsets)[:, of] + (rotations[:, of] @ SITS[:, :, None])[..., 0]
    wide = np.concatenate([places[:1]] * 2 + [places] + [places[-1:]] * 2)
    acc = (wide[4:] + wide[:-4] - 2 * wide[2:-2]) * (clips.RATE_HZ / 2) ** 2
    # At both ends a clip breaks off; nothing is known of what would follow.
    acc[:2], acc[-2:] = acc[2], acc[-3]
    return acc


def tracks(all_clips):
    return [Track(clip, speed, mirrored) for clip in all_clips for speed in SPEEDS for mirrored in (False, True)]


def batch(all_tracks, weights, count, rng):
    """→ x [b, 66, SHOWN], truth [b, OUT, 15, 3, 3] beside the heading, offsets [b, 15, 3], weight [b, OUT, 15]."""
    chosen = [all_tracks[i] for i in rng.choice(len(all_tracks), count, p=weights)]
    ends = np.array([rng.integers(10, len(t)) for t in chosen])
    places = ends[:, None] - np.arange(LENGTH)[::-1]
    there = places >= 0
    clipped = np.maximum(places, 0)
    rotations = np.stack([t.rotations[p] for t, p in zip(chosen, clipped)])
    acc = np.stack([t.acc[p] for t, p in zip(chosen, clipped)])
    sensors, acc = worn(rotations[:, :, list(features.SEGMENT_OF)], acc, rng)
    present, guide = heard(count, rng)
    present &= there[..., None]
    heading = rotation.heading(np.take_along_axis(sensors, guide[:, None, None, None, None], axis=2)[:, :, 0])
    x = features.of_tracks(sensors, acc, present, heading)[..., BEFORE:]
    truth = np.swapaxes(heading, -1, -2)[:, -OUT:, None] @ rotations[:, -OUT:]
    weight = there[:, -OUT:, None] * np.stack([t.known for t in chosen])[:, None]
    return x, truth.astype(np.float32), np.stack([t.offsets for t in chosen]), weight.astype(np.float32)


def worn(sensors, acc, rng):
    """Askew on the limb, turned about the vertical, with a bias and some noise."""
    count = len(sensors)
    mount = rotation.of_vector(rng.normal(0, np.radians(MOUNT_DEG) / np.sqrt(3), (count, 1, 6, 3)))
    drift = rotation.about(1, rng.normal(0, np.radians(DRIFT_DEG), (count, 1, 6)))
    bias = rng.normal(0, 0.2, (count, 1, 6, 3)) + rng.normal(0, 0.1, acc.shape)
    return drift @ sensors @ mount, acc + bias


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
            if rng.random() < 0.2 and rng.random() < 0.7:
                present[i, :, sensor] = False
            if rng.random() < 0.35:
                start, length = rng.integers(-60, LENGTH), rng.integers(3, 151)
                present[i, max(0, start) : max(0, start + length), sensor] = False
    return present, guide
