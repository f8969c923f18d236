"""Recordings as the band's step counter sees them, and its fit to the counts of whole recordings."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bandsim.recordings import list_recordings, load_recording
from vitalband.signal.activity import counts_of, magnitude_q10
from vitalband.signal.integers import Integers
from vitalband.signal.steps import SIDE, Hops, hops_of

Floats = NDArray[np.float64]

WATCH, TREADMILL = "sensorwatch", "troika"
_SWINGING_G = 0.1
_SLOWEST_HZ, _FASTEST_HZ = 1.2, 3.6
_SPECTRUM_S = 8
_LEARNED_TOLERANCE = 3.0
_TREADMILL_SHARE = 0.15
DECAY = 0.03


@dataclass(frozen=True)
class Walk:
    """One recording: `steps` as counted, or of a treadmill what the spectrum of acceleration says."""

    name: str
    part: str
    steps: float
    seconds: float
    is_walk: bool
    is_second_half: bool
    hops: Hops
    smoothed_hops: Hops
    """The same recording brought to 25 Hz by straight lines first, as a host may: learned from as well."""

    @property
    def is_hand_work(self) -> bool:
        return self.name.startswith(("dishwasher", "dressing", "shoe-laces"))


def cadence_steps(magnitude_g: Floats, rate_hz: float) -> float:
    """Steps of a run: the strongest frequency of 1.2 to 3.6 Hz of each 8 s whose deviation passes 0.1 g."""
    size = int(_SPECTRUM_S * rate_hz)
    total = 0.0
    for start in range(0, len(magnitude_g) - size + 1, size):
        window = magnitude_g[start : start + size]
        window = window - window.mean()
        if window.std() > _SWINGING_G:
            frequencies = np.fft.rfftfreq(8192, 1 / rate_hz)
            power = np.abs(np.fft.rfft(window * np.hanning(size), 8192))
            power[(frequencies < _SLOWEST_HZ) | (frequencies > _FASTEST_HZ)] = 0
            total += float(frequencies[np.argmax(power)]) * _SPECTRUM_S
    return total


def walks(data: Path) -> list[Walk]:
    """All recordings with counted steps, and the treadmill runs after them."""
    splits = {
        path.parent.name: json.loads(path.read_text())["set2"] for path in (data / WATCH).glob("*/split.json")
    }
    found: list[Walk] = []
    for place, name in enumerate(list_recordings(data)):
        kind, _, key = name.partition("/")
        if kind not in (WATCH, TREADMILL):
            continue
        recording = load_recording(name, data)
        acceleration = recording.accel_g
        assert acceleration is not None
        rate_hz = recording.accel_rate_hz
        hops = hops_of(magnitude_q10(counts_of(acceleration), round(1000 * rate_hz)))
        smoothed = hops_of(magnitude_q10(counts_of(_at_25_hz(acceleration, rate_hz)), 25_000))
        part, _, title = key.partition("/")
        if kind == WATCH:
            steps = float(recording.references["steps"][-1, 1])
            walk = Walk(title, part, steps, recording.duration_s, "walking" in title,
                        f"{title}.csv" in splits[part], hops, smoothed)  # fmt: skip
        else:
            steps = cadence_steps(np.linalg.norm(acceleration, axis=1), rate_hz)
            walk = Walk(key, TREADMILL, steps, recording.duration_s, True, bool(place & 1), hops, smoothed)
        found.append(walk)
    return sorted(found, key=lambda each: each.part == TREADMILL)


def _at_25_hz(acceleration_g: Floats, rate_hz: float) -> Floats:
    """Samples (n, 3) interpolated to 25 Hz from a lower rate; of a higher one means of whole numbers."""
    if rate_hz >= 25:
        each = int(rate_hz // 25)
        return acceleration_g[: len(acceleration_g) // each * each].reshape(-1, each, 3).mean(axis=1)
    times_s = np.arange(int((len(acceleration_g) - 1) / rate_hz * 25) + 1) / 25
    given_s = np.arange(len(acceleration_g)) / rate_hz
    return np.stack([np.interp(times_s, given_s, axis) for axis in acceleration_g.T], axis=1)


def _smoothed(features: Integers) -> Floats:
    """Means of nine hops: the score of a hop is that of its neighbours' too, and linear in them."""
    padded = np.pad(features.astype(np.float64), ((SIDE, SIDE), (0, 0)), mode="edge")
    sums = np.cumsum(np.vstack([np.zeros(features.shape[1]), padded]), axis=0)
    return (sums[2 * SIDE + 1 :] - sums[: -2 * SIDE - 1]) / (2 * SIDE + 1)


def fitted(learned: Sequence[Walk]) -> tuple[Integers, int]:
    """Weights and bias with 16 fraction bits, from the count of each recording alone.

    Minimised: half the mean over walks and half that over the rest of sqrt(e^2 + 9) - 3, where e is the sum
    over hops of candidates x logistic(score) less the count; treadmill runs together weigh 0.15 of the
    walks; a ridge of 0.03 on standardised features. L-BFGS from zero.
    """
    both = [*learned, *(replace(walk, hops=walk.smoothed_hops) for walk in learned)]
    rows = [walk for walk in both if len(walk.hops.candidates)]
    inputs = [_smoothed(walk.hops.features) for walk in rows]
    standard = np.vstack([x for x, walk in zip(inputs, rows, strict=True) if walk.part != TREADMILL])
    middle, spread = standard.mean(axis=0), standard.std(axis=0) + 1e-6
    x = np.vstack([np.c_[(each - middle) / spread, np.ones(len(each))] for each in inputs])
    count = np.concatenate([walk.hops.candidates for walk in rows]).astype(np.float64)
    starts = np.cumsum([0] + [len(each) for each in inputs])[:-1]
    owner = np.repeat(np.arange(len(rows)), [len(each) for each in inputs])
    wanted = np.array([walk.steps for walk in rows])
    share = _shares(rows)

    def loss(weights: Floats) -> tuple[float, Floats]:
        gate = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        error = np.add.reduceat(count * gate, starts) - wanted
        size = np.sqrt(error**2 + _LEARNED_TOLERANCE**2)
        slope = x.T @ (count * gate * (1 - gate) * (share * error / size)[owner])
        slope[:-1] += 2 * DECAY * weights[:-1]
        value = (share * (size - _LEARNED_TOLERANCE)).sum() + DECAY * (weights[:-1] ** 2).sum()
        return float(value), slope

    start = np.zeros(x.shape[1])
    weights = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 200}).x
    natural = weights[:-1] / spread
    bias = weights[-1] - natural @ middle
    return np.rint(natural * 65536).astype(np.int64), round(float(bias) * 65536)


def _shares(rows: Sequence[Walk]) -> Floats:
    kinds = np.array([2 if walk.part == TREADMILL else int(walk.is_walk) for walk in rows])
    shares = np.array([0.5, 0.5, 0.5 * _TREADMILL_SHARE])
    sizes = np.maximum(1, np.bincount(kinds, minlength=3))
    return (shares / sizes)[kinds]
