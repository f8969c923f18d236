"""A recording as an estimate takes it, checked and in whole numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from bandsim.errors import RecordingError
from bandsim.stimulus import FULL_SCALE_COUNTS, OPTICAL_STACKS, FloatArray
from vitalband.analysis.agreement import BoolArray
from vitalband.signal.integers import Integers

LIGHTS = ("red", "infrared", "green", "blue")
"""Names of channels; the place of one is its number in a message."""

MOST_CHANNELS = 4
SLOWEST_HZ, FASTEST_HZ = 4.0, 1000.0
"""Rates of light and of acceleration."""

MOST_MEDIAN_G = 4.0
"""What the band's IMU saturates at."""

_MIDDLE_COUNTS = (FULL_SCALE_COUNTS + 1) // 2
_LEAST_SHARE = 0.5
"""A channel with less than this share of the samples of the fullest one is left out."""

_FEWEST_COUNTS = 16
"""Different values that rounding must leave, where there are so many: below, rounding destroys the pulse."""

_BLOCK_S = 8.0
_STILL_COUNTS, _STILL_SHARE = 16.0, 1 / 32
"""A channel that varies by less in 8 s than both this and this share of what another does stands still."""


@dataclass(frozen=True)
class Light:
    """Counts (n, channels) of 0 to 262143 at `rate_hz`; `present` (n,) says which samples are there."""

    counts: Integers
    present: BoolArray
    rate_hz: float
    channels: tuple[str, ...]
    stack: str
    has_level: tuple[bool, ...]
    """Of each channel: whether its counts are an amount of light, not a pulse without its level."""

    def place(self, name: str) -> int | None:
        """Where the first channel of a name is."""
        return self.channels.index(name) if name in self.channels else None


@dataclass(frozen=True)
class Samples:
    """Values (n, columns) at `rate_hz`; a row with NaN is a sample that is not there."""

    values: FloatArray
    rate_hz: float


@dataclass(frozen=True, kw_only=True)
class InputRecording:
    """All that may be known of a recording, times in s from its first sample.

    `accel_g` (n, 3), `skin_temperature_c` (n, 1); `cuff` (k, 3) rows of time, systolic, diastolic;
    `activity_counts` and `heart_rate_bpm` (k, 2) rows of time and value.
    """

    light: Light | None = None
    accel_g: Samples | None = None
    skin_temperature_c: Samples | None = None
    cuff: FloatArray | None = None
    activity_counts: FloatArray | None = None
    heart_rate_bpm: FloatArray | None = None
    notes: tuple[str, ...] = ()
    """What whoever runs it should know of how it was read."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to run on."""
        return not self.duration_s and (self.activity_counts is None or not len(self.activity_counts))

    @property
    def duration_s(self) -> Fraction:
        """From the first sample to the end of the last."""
        ends = [Fraction(0)]
        if self.light is not None:
            ends.append(len(self.light.counts) / exact(self.light.rate_hz))
        for samples in (self.accel_g, self.skin_temperature_c):
            if samples is not None:
                ends.append(len(samples.values) / exact(samples.rate_hz))
        ends += [Fraction(float(rows[-1, 0])) for rows in (self.cuff,) if rows is not None and len(rows)]
        return max(ends)


def whole_rows(values: FloatArray) -> BoolArray:
    """Which rows (n,) of an array (n, columns) have no NaN."""
    return np.logical_and.reduce(np.isfinite(values), axis=1)


def exact(rate_hz: float) -> Fraction:
    """The rate that was meant: 1 / 0.008 is 125, whatever the last binary digit."""
    return Fraction(rate_hz).limit_denominator(100_000)


def acceleration_of(values: FloatArray, rate_hz: float) -> tuple[Samples, tuple[str, ...]]:
    """Acceleration in g, and a note when it had to be scaled: half of all samples cannot be past 4 g."""
    known = values[whole_rows(values)]
    size = float(np.median(np.linalg.norm(known, axis=1))) if len(known) else 1.0
    if size <= MOST_MEDIAN_G:
        return Samples(values, rate_hz), ()
    note = f"accel_g has a median size of {size:.4g}, which is not in g: scaled so that it is 1 g"
    return Samples(values / size, rate_hz), (note,)


def light_of(
    values: FloatArray, rate_hz: float, channels: Sequence[str], stack: str, where: str
) -> Light | None:
    """Light of an array (n, channels), NaN where a sample is missing; None when nothing is there.

    A channel with negative values is a pulse without its level, and moved up by half the full scale.
    RecordingError when it cannot be counts of 18 bits.
    """
    if stack not in OPTICAL_STACKS:
        raise RecordingError(
            f"{where}: wanted an optical_stack of {', '.join(OPTICAL_STACKS)}, got {stack!r}"
        )
    strange = [name for name in channels if name not in LIGHTS]
    if strange:
        raise RecordingError(f"{where}: wanted ppg_channels of {', '.join(LIGHTS)}, got {strange[0]!r}")
    if values.shape[1] != len(channels) or not 1 <= len(channels) <= MOST_CHANNELS:
        raise RecordingError(
            f"{where}: wanted ppg of 1 to {MOST_CHANNELS} columns and as many ppg_channels, "
            f"got {values.shape[1]} columns and {len(channels)} names"
        )
    known = np.isfinite(values)
    shares = known.sum(axis=0)
    if not shares.any():
        return None
    kept = [place for place, share in enumerate(shares) if share >= _LEAST_SHARE * shares.max()]
    kept = _lively(values, kept, rate_hz)
    columns = [
        _counts(values[:, place], f"{where}: channel {place + 1}, {channels[place]}") for place in kept
    ]
    return Light(
        counts=np.column_stack(columns),
        present=whole_rows(values[:, kept]),
        rate_hz=rate_hz,
        channels=tuple(channels[place] for place in kept),
        stack=stack,
        has_level=tuple(has_level(values[:, place], rate_hz) for place in kept),
    )


def _lively(values: FloatArray, places: list[int], rate_hz: float) -> list[int]:
    """The columns without those that stand still beside another, as the green of a phone that sees red."""
    spreads = [
        float(np.median([_spread(block) for block in _blocks(values[:, at], rate_hz)])) for at in places
    ]
    limit = min(_STILL_COUNTS, max(spreads) * _STILL_SHARE)
    return [at for at, spread in zip(places, spreads, strict=True) if spread >= limit]


def _counts(values: FloatArray, where: str) -> Integers:
    known = values[np.isfinite(values)]
    low, high = float(known.min()), float(known.max())
    offset = _MIDDLE_COUNTS if low < 0 else 0
    if low + offset < 0 or high + offset > FULL_SCALE_COUNTS:
        raise RecordingError(
            f"{where}: wanted whole counts of 18 bits, 0 to {FULL_SCALE_COUNTS} or around zero "
            f"-{_MIDDLE_COUNTS} to {_MIDDLE_COUNTS - 1}, got {low:g} to {high:g}"
        )
    counts = np.rint(known)
    if len(np.unique(counts)) < _FEWEST_COUNTS <= len(np.unique(known)):
        raise RecordingError(
            f"{where}: wanted whole counts, got fractions from {low:g} to {high:g}; scale them"
        )
    return np.rint(np.where(np.isfinite(values), values, max(low, 0.0))).astype(np.int64) + offset


def has_level(values: FloatArray, rate_hz: float) -> bool:
    """Whether a channel's values are an amount of light: never negative, and mostly larger than they vary.

    They vary by the distance of the 5th and 95th percentile of 8 s, and must be larger in half of these.
    """
    known = values[np.isfinite(values)]
    if known.min() < 0:
        return False
    is_larger = [_spread(block) < np.median(block) for block in _blocks(values, rate_hz)]
    return float(np.mean(is_larger)) >= 0.5


def _blocks(values: FloatArray, rate_hz: float) -> list[FloatArray]:
    """What there is of a channel, in pieces of 8 s."""
    known = values[np.isfinite(values)]
    size = max(2, round(_BLOCK_S * rate_hz))
    return [known[start : start + size] for start in range(0, max(1, len(known) - size // 2), size)]


def _spread(block: FloatArray) -> float:
    low, high = np.percentile(block, (5, 95))
    return float(high - low)
