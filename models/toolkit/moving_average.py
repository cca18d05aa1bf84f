"""The moving average of a network's weights over its training, which is what is kept of it."""

import torch


def follow(average, net, step):
    """Moves `average` towards `net` behind optimiser step number `step` (from 0): fast at first, by 0.005 in the end."""
    keep = min(0.995, (step + 1) / (step + 10))
    with torch.no_grad():
        for a, p in zip(average.state_dict().values(), net.state_dict().values()):
            if a.dtype.is_floating_point:
                a.mul_(keep).add_(p, alpha=1 - keep)
            else:
                a.copy_(p)
