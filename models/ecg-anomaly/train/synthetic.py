"""Unusual beats made of normal ones, so that no abnormal label is needed: wide, turned, fused, early, without P wave, with another ST and T, of another person."""

import torch

R_AT = 40  # sample of the R peak in a beat of 100 at 120 Hz


def uniform(n, low, high, g):
    return torch.rand(n, 1, generator=g, device=g.device) * (high - low) + low


def stretched(x, factor):
    """x [n, 100] drawn out round R by factor [n, 1]."""
    t = torch.arange(x.shape[1], device=x.device, dtype=x.dtype)[None]
    at = (R_AT + (t - R_AT) / factor).clamp(0, x.shape[1] - 1.001)
    low = at.floor().long()
    part = at - low
    return torch.gather(x, 1, low) * (1 - part) + torch.gather(x, 1, low + 1) * part


def ramp(x, middle, width):
    """1 before `middle`, 0 behind it, falling over `width` samples."""
    t = torch.arange(x.shape[1], device=x.device, dtype=x.dtype)[None]
    return ((middle - t) / width).clamp(0, 1)


def unusual(x, other, g):
    """x, other [n, 100] of the same and of other people → [n, 100]; `g` is a torch.Generator."""
    n, length = x.shape
    sign = torch.where(uniform(n, 0, 1, g) < 0.5, -1.0, 1.0)
    t = torch.arange(length, device=x.device, dtype=x.dtype)[None]
    base = x[:, :34].median(1, keepdim=True).values
    before = ramp(x, 36, 6)
    # The T wave of the beat before lies where the P wave was.
    shift = torch.randint(30, 62, (n, 1), generator=g, device=g.device)
    at = (t.long() + shift).clamp(max=length - 1)
    tail = torch.gather(x, 1, at) * (t + shift < length)
    p_wave = x - base
    moved = torch.gather(p_wave, 1, (t.long() + torch.randint(6, 14, (n, 1), generator=g, device=g.device)) % length)
    choice = uniform(n, 0, 3, g)
    p_new = torch.where(choice < 1, torch.zeros_like(x), torch.where(choice < 2, -p_wave, moved))
    bump = torch.exp(-0.5 * ((t - uniform(n, 55, 80, g)) / uniform(n, 6, 14, g)) ** 2)
    weight = uniform(n, 0.25, 0.7, g)
    kinds = torch.stack([
        stretched(x, uniform(n, 1.4, 2.8, g)) * uniform(n, 0.7, 1.6, g),
        -stretched(x, uniform(n, 1.2, 2.6, g)) * uniform(n, 0.5, 1.6, g),
        (1 - weight) * x + weight * stretched(other, uniform(n, 1.2, 2.5, g)) * sign * uniform(n, 0.8, 1.5, g),
        x * (1 - before) + before * tail * uniform(n, 0.7, 1.2, g),
        x * (1 - before) + before * (base + p_new),
        x + bump * sign * uniform(n, 0.25, 0.8, g),
        other,
    ])  # fmt: skip
    kind = torch.randint(0, len(kinds), (n,), generator=g, device=g.device)
    y = kinds[kind, torch.arange(n, device=x.device)]
    return y - y.mean(1, keepdim=True)
