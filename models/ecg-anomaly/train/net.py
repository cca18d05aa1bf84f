"""The network of `ecg-anomaly`: an auto-encoder of one beat. The code (latent) is where beats of one person are compared; the decoder draws what was expected."""

import torch
from torch import nn

POINTS = 100
LATENT = 16
# (channels in, channels out, kernel, stride)
CONVOLUTIONS = [(1, 16, 9, 2), (16, 24, 5, 2), (24, 32, 5, 2), (32, 32, 3, 1)]
HIDDEN = 96


class AnomalyNet(nn.Module):
    """encode: beat [n, points] → latent [n, 16]; decode: latent → beat [n, points]."""

    def __init__(self, points=POINTS, latent=LATENT):
        super().__init__()
        self.convolutions = nn.ModuleList(nn.Conv1d(a, b, k, stride=s, padding=k // 2, bias=False) for a, b, k, s in CONVOLUTIONS)
        self.norms = nn.ModuleList(nn.BatchNorm1d(b) for _, b, _, _ in CONVOLUTIONS)
        self.latent = nn.Linear(CONVOLUTIONS[-1][1] * -(-points // 8), latent)
        self.decode1 = nn.Linear(latent, HIDDEN)
        self.decode2 = nn.Linear(HIDDEN, points)
        # How a distance becomes a chance in training; of no use afterwards.
        self.slope = nn.Parameter(torch.tensor(2.0))
        self.offset = nn.Parameter(torch.tensor(0.0))

    def encode(self, beat):
        x = beat[:, None]
        for convolution, norm in zip(self.convolutions, self.norms):
            x = torch.relu(norm(convolution(x)))
        return self.latent(x.flatten(1))

    def decode(self, latent):
        return self.decode2(torch.relu(self.decode1(latent)))
