"""The network of `motion-complete`: causal convolutions over two seconds; each output frame sees the 54 frames before it.

What it says is put onto the sensors: a silent one, the spine, the neck and the feet are turned from where a sensor is or was last, elbows and knees bend about
one axis. The twin of ../turned-body.ts.
"""

import torch
from torch import nn

import clips
import features

WIDTH = 80
DILATIONS = (1, 2, 4, 8, 12)
KERNEL = 3
CONTEXT = (KERNEL - 1) * sum(DILATIONS)
# The sensor from which a segment is turned, by two turns of six numbers: from there, and beside the heading. The first six are the sensors' own.
BESIDE = ((0, 0), (1, 4), (2, 7), (3, 8), (4, 11), (5, 12), (0, 1), (0, 2), (1, 3), (4, 13), (5, 14))
# The segment above, the one below, and the axis of both about which the lower bends from the upper: as the skeletons of CMU have it.
HINGES = ((5, 7, clips.ELBOWS[0]), (6, 8, clips.ELBOWS[1]), (9, 11, (1.0, 0.0, 0.0)), (10, 12, (1.0, 0.0, 0.0)))
VALUES = 12 * len(BESIDE) + 2 * len(HINGES)


class MotionNet(nn.Module):
    def __init__(self):
        super().__init__()
        widths = [features.CHANNELS, *[WIDTH] * len(DILATIONS)]
        self.layers = nn.ModuleList(
            nn.Sequential(nn.Conv1d(a, b, KERNEL, dilation=d, bias=False), nn.BatchNorm1d(b), nn.ReLU()) for a, b, d in zip(widths, widths[1:], DILATIONS)
        )
        self.head = nn.Conv1d(WIDTH, VALUES, 1)
        self.straight = nn.Conv1d(features.CHANNELS, VALUES, 1)
        self.begin()

    @torch.no_grad()
    def begin(self):
        """No turn from the sensors, straight elbows and knees."""
        for layer in (self.head, self.straight):
            layer.weight.mul_(0.3)
            layer.bias.zero_()
        for i in range(len(BESIDE)):
            self.head.bias[[12 * i, 12 * i + 4]] = 1
        self.head.bias[12 * len(BESIDE) :: 2] = 1

    def forward(self, x):
        """[b, channels, t] → [b, VALUES, t − 54]."""
        y = self.layers[0](x)
        for layer, dilation in zip(self.layers[1:], DILATIONS[1:]):
            y = layer(y) + y[..., (KERNEL - 1) * dilation :]
        return self.head(y) + self.straight(x[..., CONTEXT:])


def square(a, b):
    """The first column is kept, the second made square to it."""
    a = nn.functional.normalize(a, dim=-1, eps=1e-6)
    b = nn.functional.normalize(b - (a * b).sum(-1, keepdim=True) * a, dim=-1, eps=1e-6)
    return torch.stack([a, b, torch.cross(a, b, dim=-1)], -1)


def about(axis, c, s):
    """Turns about an axis of length 1, by their cosines and sines."""
    x, y, z = axis
    k = torch.tensor([[0, -z, y], [z, 0, -x], [-y, x, 0]], dtype=torch.float32)
    return torch.eye(3) + s[..., None, None] * k + (1 - c)[..., None, None] * (k @ k)


def rotations(out, held, present):
    """out [b, VALUES, t]; held [b, t, 6, 3, 3], where each sensor is or was last beside the heading (noughts: never heard); present [b, t, 6] → [b, t, 15, 3, 3]."""
    values = out.transpose(1, 2)
    count = 12 * len(BESIDE)
    pairs = values[..., :count].reshape(*values.shape[:2], len(BESIDE), 2, 2, 3)
    body = [None] * 15
    for i, (sensor, segment) in enumerate(BESIDE):
        is_sensor = i < len(features.SEGMENT_OF)
        frame = held[:, :, sensor] if is_sensor else body[features.SEGMENT_OF[sensor]]
        columns = pairs[:, :, i, 0] @ frame.transpose(-1, -2) + pairs[:, :, i, 1]
        told = square(columns[..., 0, :], columns[..., 1, :])
        body[segment] = torch.where(present[:, :, sensor, None, None], held[:, :, sensor], told) if is_sensor else told
    bends = nn.functional.normalize(values[..., count:].reshape(*values.shape[:2], len(HINGES), 2), dim=-1, eps=1e-6)
    for i, (upper, lower, axis) in enumerate(HINGES):
        body[upper] = body[lower] @ about(axis, bends[..., i, 0], -bends[..., i, 1])
    return torch.stack(body, 2)
