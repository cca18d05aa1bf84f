"""The network of `ecg-quality`: convolutions over eight seconds, what each of their channels is on the whole and at most, and two small layers."""

import torch
from torch import nn

# (channels in, channels out, kernel, stride)
CONVOLUTIONS = [(1, 12, 11, 4), (12, 16, 7, 2), (16, 24, 5, 2), (24, 32, 5, 2)]
HIDDEN = 16
CLASSES = 3


class QualityNet(nn.Module):
    """wave [n, 960], size [n, 1] → logit of noise [n], and in training what rhythm it is [n, 3] (normal, fibrillation, other)."""

    def __init__(self):
        super().__init__()
        self.convolutions = nn.ModuleList(nn.Conv1d(a, b, k, stride=s, padding=k // 2, bias=False) for a, b, k, s in CONVOLUTIONS)
        self.norms = nn.ModuleList(nn.BatchNorm1d(b) for _, b, _, _ in CONVOLUTIONS)
        self.hidden = nn.Linear(2 * CONVOLUTIONS[-1][1] + 1, HIDDEN)
        self.noise = nn.Linear(HIDDEN, 1)
        # Of no use afterwards: who can tell the rhythm has seen the beats.
        self.rhythm = nn.Linear(HIDDEN, CLASSES)
        self.dropout = nn.Dropout(0.2)

    def forward(self, wave, size):
        x = wave[:, None]
        for convolution, norm in zip(self.convolutions, self.norms):
            x = torch.relu(norm(convolution(x)))
        x = torch.cat([x.mean(2), x.amax(2), size], 1)
        x = self.dropout(torch.relu(self.hidden(x)))
        return self.noise(x)[:, 0], self.rhythm(x)
