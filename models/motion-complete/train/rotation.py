"""Rotations as matrices [..., 3, 3] that turn columns: what the training needs of them."""

import numpy as np


def about(axis, angle):
    """Turns about one of the axes 0 1 2 by angles in radians."""
    c, s = np.cos(angle), np.sin(angle)
    out = np.zeros((*np.shape(angle), 3, 3))
    i, j = (axis + 1) % 3, (axis + 2) % 3
    out[..., axis, axis] = 1
    out[..., i, i], out[..., j, j], out[..., i, j], out[..., j, i] = c, c, -s, s
    return out


def of_vector(v):
    """Rodrigues: the direction is the axis, the length the angle."""
    angle = np.linalg.norm(v, axis=-1)[..., None, None]
    x, y, z = np.moveaxis(v, -1, 0)
    zero = np.zeros_like(x)
    k = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], -1).reshape(*x.shape, 3, 3)
    small = np.maximum(angle, 1e-12)
    return np.eye(3) + np.sin(angle) / small * k + (1 - np.cos(angle)) / small**2 * (k @ k)


def of_quaternion(q):
    """w x y z, of any length but 0."""
    w, x, y, z = np.moveaxis(q / np.linalg.norm(q, axis=-1, keepdims=True), -1, 0)
    rows = [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y), 2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)]
    rows += [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)]
    return np.stack(rows, -1).reshape(*w.shape, 3, 3)


def to_quaternion(r):
    """w x y z with w ≥ 0; by the largest of the four, so that none is divided by what is near 0."""
    m = r.reshape(-1, 3, 3)
    d = np.stack([m[:, 0, 0], m[:, 1, 1], m[:, 2, 2]], -1)
    four = np.stack([1 + d.sum(-1), 1 + d[:, 0] - d[:, 1] - d[:, 2], 1 - d[:, 0] + d[:, 1] - d[:, 2], 1 - d[:, 0] - d[:, 1] + d[:, 2]], -1)
    a, b, c = m[:, 2, 1] - m[:, 1, 2], m[:, 0, 2] - m[:, 2, 0], m[:, 1, 0] - m[:, 0, 1]
    e, f, g = m[:, 1, 0] + m[:, 0, 1], m[:, 0, 2] + m[:, 2, 0], m[:, 2, 1] + m[:, 1, 2]
    rows = [np.stack(r, -1) for r in ((four[:, 0], a, b, c), (a, four[:, 1], e, f), (b, e, four[:, 2], g), (c, f, g, four[:, 3]))]
    q = np.stack(rows, 1)[np.arange(len(m)), four.argmax(-1)]
    q = q / np.linalg.norm(q, axis=-1, keepdims=True)
    return (q * np.where(q[:, :1] < 0, -1, 1)).reshape(*r.shape[:-2], 4)


def heading(r):
    """The part of a rotation that is about the vertical: its twist about y."""
    q = to_quaternion(r)
    angle = 2 * np.arctan2(q[..., 2], q[..., 0])
    return about(1, angle)
