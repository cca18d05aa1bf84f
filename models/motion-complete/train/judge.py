"""How far a network's body lies from that of the watched clips, in degrees: with all sensors, one silent for the last two seconds, one throughout, and head and wrists alone."""

import numpy as np
import torch

import dataset
import features
import net as network
import rotation

WAYS = {"none": (), "lost1": None, "lost1_all": None, "three": (0, 4, 5)}
SILENT = 60


def figures(net, watched, seed=7):
    """Means over the 14 segments behind the pelvis that the clips have."""
    rng = np.random.default_rng(seed)
    out = {}
    for way, silent in WAYS.items():
        errors = [error for clip in watched for error in errors_of(net, clip, way, silent, rng)]
        out[way] = round(float(np.mean(errors)), 2) if errors else None
    return out


def errors_of(net, clip, way, silent, rng):
    track = dataset.Track(clip, 1, False)
    end = len(track)
    shown = np.maximum(np.arange(end - dataset.LENGTH, end), 0)
    there = np.arange(end - dataset.LENGTH, end) >= 0
    truth = track.rotations[shown]
    sensors, acc = dataset.worn(truth[None][:, :, list(features.SEGMENT_OF)], track.acc[shown][None], rng)
    for one in range(1, 6) if silent is None else (None,):
        present = np.tile(there[None, :, None], (1, 1, 6))
        since = -SILENT if way == "lost1" else 0
        for sensor in (one,) if silent is None else silent:
            present[:, since:, sensor] = False
        guide = 0 if present[0, -1, 0] else 1
        heading = rotation.heading(sensors[:, :, guide])
        x = features.of_tracks(sensors, acc, present, heading)
        with torch.no_grad():
            told = network.rotations(net(torch.from_numpy(x)))[0].numpy()
        count = min(SILENT, len(told))
        told = heading[0, -count:, None] @ told[-count:]
        apart = rotation.angle_deg(told, truth[-count:])
        yield float(apart[:, clip.known & (np.arange(15) > 0)][there[-count:]].mean())
