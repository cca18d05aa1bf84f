"""The network of `ppg-pulse`: convolutions over the logarithm of the rate, so that what it has learnt of one rate holds for all, harmonics included."""

import torch
from torch import nn

import features

CHANNELS = 16
DILATIONS = (1, 4, 16, 4)
KERNEL = 5


class PulseNet(nn.Module):
    def __init__(self):
        super().__init__()
        widths = [features.CHANNELS, *[CHANNELS] * len(DILATIONS)]
        self.layers = nn.ModuleList(
            nn.Sequential(nn.Conv1d(a, b, KERNEL, dilation=d, padding=d * (KERNEL // 2), bias=False), nn.BatchNorm1d(b), nn.ReLU())
            for a, b, d in zip(widths, widths[1:], DILATIONS)
        )
        self.head = nn.Conv1d(CHANNELS, 1, 1)

    def forward(self, x):
        """[n, 6, 174] → logits [n, 174], of which the first 128 are rates."""
        for layer in self.layers:
            x = layer(x)
        return self.head(x)[:, 0]

    def rates(self, x):
        return torch.log_softmax(self.forward(x)[:, : features.SHOWN], dim=1)
