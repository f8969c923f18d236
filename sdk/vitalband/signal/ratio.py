"""Ratio of ratios of two colours of light, without looking for beats: the oracle of `dsp/ratio.py`.

The ratio of ratios R = (AC_a / DC_a) / (AC_b / DC_b) is what pulse oximeters calibrate against arterial
saturation. Here AC_a / AC_b is the slope of the line through the origin that fits the two channels' own
slopes with least squared distances at right angles (total least squares), which noise in either channel
biases least.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

RISE = 3
"""Samples over which a slope is taken: 0.12 s at 25 Hz."""

TREND = 25
"""Samples whose mean slope is the drift that is taken off: 1 s."""

SECOND, HOP = 25, 12
"""Samples of a part that has a ratio of its own, and from one part to the next."""

CLIP = 8.0
"""Slopes larger than this many mean sizes are movement."""


def free_slopes(windows: Floats) -> Floats:
    """Rise over `RISE` samples less its mean over `TREND`: (..., n) -> (..., n - 3), n at least 28.

    At the ends the mean is that of the first, or last, whole `TREND` slopes.
    """
    if windows.shape[-1] < RISE + TREND:
        raise ValueError(f"wanted windows of {RISE + TREND} samples or more, got {windows.shape[-1]}")
    slope = windows[..., RISE:] - windows[..., :-RISE]
    edges = [(0, 0)] * (slope.ndim - 1)
    total = np.cumsum(np.pad(slope, [*edges, (1, 0)]), axis=-1)
    mean = (total[..., TREND:] - total[..., :-TREND]) / TREND
    return slope - np.pad(mean, [*edges, (TREND // 2, TREND // 2)], mode="edge")


def slope_ratio(a: Floats, b: Floats) -> Floats:
    """Total least squares over the last axis: size of `a` to that of `b`, 0 where they oppose."""
    aa, bb, ab = (a * a).sum(axis=-1), (b * b).sum(axis=-1), (a * b).sum(axis=-1)
    t = aa - bb
    is_like = ab > 0
    return np.where(is_like, (t + np.sqrt(t * t + 4 * ab * ab)) / (2 * np.where(is_like, ab, 1.0)), 0.0)


def ratio_of_ratios(above: Floats, below: Floats) -> tuple[Floats, Floats]:
    """Ratio of ratios of two stacks of windows (..., n) of counts, and the correlation of their slopes.

    The ratio is the median over parts of a second; both are 0 where the slopes have nothing in common.
    """
    a, b = free_slopes(above), free_slopes(below)
    limit = CLIP * np.maximum(np.abs(a).mean(axis=-1), np.abs(b).mean(axis=-1))[..., None]
    a, b = np.clip(a, -limit, limit), np.clip(b, -limit, limit)
    count = a.shape[-1]
    starts = range((count - SECOND) % HOP, count - SECOND + 1, HOP)
    parts = [(a[..., start : start + SECOND], b[..., start : start + SECOND]) for start in starts]
    slope = np.median(np.stack([slope_ratio(*part) for part in parts]), axis=0)
    aa = sum((part * part).sum(axis=-1) for part, _ in parts)
    bb = sum((part * part).sum(axis=-1) for _, part in parts)
    ab = sum((one * other).sum(axis=-1) for one, other in parts)
    size = np.sqrt(np.asarray(aa * bb, dtype=np.float64))
    correlation = np.divide(ab, size, out=np.zeros_like(size), where=size > 0)
    is_like = (correlation > 0) & (slope > 0)
    level = below.mean(axis=-1) / np.maximum(above.mean(axis=-1), 1.0)
    return np.where(is_like, slope * level, 0.0), np.where(is_like, correlation, 0.0)
