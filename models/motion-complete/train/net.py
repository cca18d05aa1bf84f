"""The network of `motion-complete`: causal convolutions over two seconds; each output frame sees the 54 frames before it."""

import torch
from torch import nn

import features

WIDTH = 88
DILATIONS = (1, 2, 4, 8, 12)
KERNEL = 3
CONTEXT = (KERNEL - 1) * sum(DILATIONS)
VALUES = 15 * 6


class MotionNet(nn.Module):
    def __init__(self):
        super().__init__()
        widths = [features.CHANNELS, *[WIDTH] * len(DILATIONS)]
        self.layers = nn.ModuleList(
            nn.Sequential(nn.Conv1d(a, b, KERNEL, dilation=d, bias=False), nn.BatchNorm1d(b), nn.ReLU()) for a, b, d in zip(widths, widths[1:], DILATIONS)
        )
        self.head = nn.Conv1d(WIDTH, VALUES, 1)
        self.straight = nn.Conv1d(features.CHANNELS, VALUES, 1)

    def forward(self, x):
        """[b, 66, t] → [b, 90, t − 54]."""
        y = self.layers[0](x)
        for layer, dilation in zip(self.layers[1:], DILATIONS[1:]):
            y = layer(y) + y[..., (KERNEL - 1) * dilation :]
        return self.head(y) + self.straight(x[..., CONTEXT:])


def rotations(out):
    """[b, 90, t] → [b, t, 15, 3, 3]: the first column is kept, the second made square to it."""
    pair = out.transpose(1, 2).reshape(out.shape[0], out.shape[2], 15, 2, 3)
    a = nn.functional.normalize(pair[..., 0, :], dim=-1, eps=1e-6)
    b = pair[..., 1, :]
    b = nn.functional.normalize(b - (a * b).sum(-1, keepdim=True) * a, dim=-1, eps=1e-6)
    return torch.stack([a, b, torch.cross(a, b, dim=-1)], -1)
