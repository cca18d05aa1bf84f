"""The network of `ecg-beat`: four small convolutions over the beat and its difference to the person's shape, joined with the rhythm context."""

import torch
from torch import nn

import features

# (channels in, channels out, kernel, stride); plain convolutions: at these widths depthwise ones save little and train many times slower.
CONVOLUTIONS = [(2, 16, 9, 2), (16, 24, 5, 2), (24, 32, 5, 2), (32, 40, 3, 1)]
POSITIONS = 13


class BeatNet(nn.Module):
    """(beat [n, 2, 100], context [n, 27]) → logits [n, 4] in the order N S V F."""

    def __init__(self, dropout=0.25):
        super().__init__()
        self.convolutions = nn.ModuleList(nn.Conv1d(a, b, k, stride=s, padding=k // 2, bias=False) for a, b, k, s in CONVOLUTIONS)
        self.norms = nn.ModuleList(nn.BatchNorm1d(b) for _, b, _, _ in CONVOLUTIONS)
        # The beat is aligned on R, so each position of each channel keeps a weight of its own.
        width = CONVOLUTIONS[-1][1]
        self.pool = nn.Parameter(torch.randn(width, POSITIONS) * 0.3)
        self.pool_bias = nn.Parameter(torch.zeros(width))
        self.rhythm1 = nn.Linear(features.CONTEXT, 32)
        self.rhythm2 = nn.Linear(32, 32)
        self.join = nn.Linear(width + 32, 48)
        self.last = nn.Linear(48, 4)
        self.dropout = nn.Dropout(dropout)

    def forward(self, beat, context):
        x = beat
        for convolution, norm in zip(self.convolutions, self.norms):
            x = torch.relu(norm(convolution(x)))
        x = torch.relu((x * self.pool).sum(2) + self.pool_bias)
        r = torch.relu(self.rhythm2(torch.relu(self.rhythm1(context))))
        return self.last(self.dropout(torch.relu(self.join(self.dropout(torch.cat([x, r], 1))))))
