"""Fits one network: beats of one person lie together, unusual and other people's ones apart, at distances that mean the same for everybody."""

import copy

import torch
import torch.nn.functional as F

from moving_average import follow
from net import LATENT, AnomalyNet
from synthetic import uniform, unusual

PEOPLE = 10
SUPPORT = 12
QUERIES = 10
NEIGHBOURS = 3
DRAWING_WEIGHT = 20


def noisy(x, noise, g):
    """x [n, 100] with up to 0.06 of the QRS height of recorded noise, another gain and a sample early or late."""
    n, length = x.shape
    at = torch.randint(0, noise.shape[1] - length, (n, 1), generator=g, device=g.device) + torch.arange(length, device=x.device)
    row = torch.randint(0, len(noise), (n, 1), generator=g, device=g.device)
    loud = uniform(n, 0, 0.06, g) * (uniform(n, 0, 1, g) < 0.6)
    x = (x + noise[row, at] * loud) * torch.exp(0.06 * torch.randn(n, 1, generator=g, device=g.device))
    shift = torch.randint(-1, 2, (n, 1), generator=g, device=g.device)
    x = torch.gather(x, 1, (torch.arange(length, device=x.device)[None] - shift).clamp(0, length - 1))
    return x - x.mean(1, keepdim=True)


def fit(pools, noise, seed, steps, device="cpu", peak_rate=2e-3, log=lambda line: None):
    """`pools` = normal beats [n, 100] of each person, `noise` [rows, samples] at 120 Hz of unit spread → AnomalyNet in eval mode (moving average)."""
    torch.manual_seed(seed)
    g = torch.Generator(device).manual_seed(seed)
    pools = [torch.as_tensor(p, device=device) for p in pools]
    noise = torch.as_tensor(noise, device=device)
    net = AnomalyNet().to(device)
    average = copy.deepcopy(net)
    optimiser = torch.optim.AdamW(net.parameters(), lr=peak_rate, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, peak_rate, total_steps=steps, pct_start=0.2)
    people = min(PEOPLE, len(pools))
    total = torch.zeros(2, device=device)

    def some(person, count):
        pool = pools[person]
        return pool[torch.randint(0, len(pool), (count,), generator=g, device=device)]

    for step in range(steps):
        drawn = torch.randperm(len(pools), generator=g, device=device)[:people].tolist()
        support = torch.cat([some(p, SUPPORT) for p in drawn])
        usual = torch.cat([some(p, QUERIES) for p in drawn])
        source = torch.cat([some(p, QUERIES) for p in drawn])
        other = torch.cat([some(p, QUERIES) for p in drawn[1:] + drawn[:1]])
        x = torch.cat([support, usual, unusual(source, other, g)])
        turned = torch.where(uniform(people, 0, 1, g) < 0.5, -1.0, 1.0)
        x = noisy(x, noise, g) * torch.cat([turned.repeat_interleave(k, 0) for k in (SUPPORT, QUERIES, QUERIES)])
        z = net.encode(x)
        own, normal, strange = (part.view(people, -1, LATENT) for part in z.split([people * SUPPORT, people * QUERIES, people * QUERIES]))

        def chance(queries):
            near = torch.cdist(queries, own).topk(NEIGHBOURS, dim=-1, largest=False).values.mean(-1)
            return net.slope * torch.log(near + 1e-3) - net.offset

        apart = F.softplus(chance(normal)).mean() + F.softplus(-chance(strange)).mean()
        drawing = ((net.decode(z) - x) ** 2).mean()
        optimiser.zero_grad()
        (apart + DRAWING_WEIGHT * drawing).backward()
        optimiser.step()
        schedule.step()
        follow(average, net, step)
        total += torch.stack([apart.detach(), drawing.detach()])
        if step % 200 == 199:
            log(f"step {step + 1}/{steps} apart {float(total[0]) / 200:.3f} drawing {float(total[1]) / 200:.4f}")
            total.zero_()
    return average.eval()
