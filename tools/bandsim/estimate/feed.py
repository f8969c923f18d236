"""Turns a recording into messages for the lane, step by step: what a step sees lies before it."""

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor

import numpy as np

from bandsim.estimate.messages import (
    HAS_CONTACT_LEVEL,
    HAS_EPOCHS,
    HAS_OXYGEN,
    IS_KNOWN_WORN,
    NO_CHANNEL,
    SETUP,
    Kind,
    message,
)
from bandsim.estimate.recording import (
    LIGHTS,
    MOST_CHANNELS,
    InputRecording,
    Light,
    Samples,
    exact,
    whole_rows,
)
from bandwire.catalogue import READING_COUNT
from vitalband.signal.activity import counts_of
from vitalband.signal.integers import Integers
from vitalband.signal.resample import RATE_HZ, Resampled, resampled
from vitalband.signal.sleep import EPOCH_S, epochs_of

STEP_S = 2
LEAST_CONTACT_COUNTS = {"max30101": 18_000, "phone_rgb": 13_500}
"""Counts that the contact channel must reach in a tenth of the time before its level tells contact: half
again as much as what counts as on the wrist, for other devices' levels have another scale."""

MOTION_RATES_HZ = (10.0, 200.0)
"""What the firmware's motion takes as it comes; other rates reach it at 25 Hz."""

_NOMINAL_MILLIHERTZ = 26_000
_MOST_MOVES = 60
"""Samples of a message: what the firmware takes in one go, 64."""

_MOST_HELD = RATE_HZ // 2
"""Values of acceleration that are missing beside light and filled with the last one: half a second."""

_OXYGEN_CHANNELS = {"max30101": ("red", "infrared"), "phone_rgb": ("red", "green", "blue")}


class _Motion:
    """Acceleration in the IMU's counts: as it was recorded, and at the rate of the light."""

    def __init__(self, accel: Samples) -> None:
        self.rate_hz = accel.rate_hz
        self.present = whole_rows(accel.values)
        self.counts = counts_of(np.where(self.present[:, None], accel.values, 0.0))
        self.steady = resampled(self.counts, self.present, accel.rate_hz)


class Feed:
    """The messages of one recording; steps end at 2, 4, ... s up to its end."""

    def __init__(self, recording: InputRecording) -> None:
        self._recording = recording
        self.steps = floor(recording.duration_s / STEP_S)
        self.has_oxygen = recording.light is not None and _has_oxygen(recording.light)
        light, accel = recording.light, recording.accel_g
        self._light = None if light is None else resampled(light.counts, light.present, light.rate_hz)
        self._is_native = accel is None or MOTION_RATES_HZ[0] <= accel.rate_hz <= MOTION_RATES_HZ[1]
        self._motion = None if accel is None else _Motion(accel)
        self._held = _MOST_HELD + 1
        self._last = np.zeros((1, 3), np.int64)

    def setup(self) -> bytes:
        """The bytes that come first."""
        light = self._recording.light
        roles = [] if light is None else [LIGHTS.index(name) for name in light.channels]
        flags = IS_KNOWN_WORN if light is None else 0
        flags |= HAS_OXYGEN if self.has_oxygen else 0
        flags |= HAS_CONTACT_LEVEL if light is not None and tells_contact(light) else 0
        flags |= HAS_EPOCHS if self._recording.activity_counts is not None else 0
        stack = "max30101" if light is None else light.stack
        padded = [*roles, *[NO_CHANNEL] * MOST_CHANNELS][:MOST_CHANNELS]
        return SETUP.pack(*padded, len(roles), flags, READING_COUNT, self._millihertz(), stack.encode())

    def _millihertz(self) -> int:
        accel = self._recording.accel_g
        if accel is None:
            return _NOMINAL_MILLIHERTZ
        return round(1000 * (accel.rate_hz if self._is_native else RATE_HZ))

    def messages(self) -> Iterator[bytes]:
        """Everything after the setup."""
        for step in range(self.steps):
            before_s, now_s = step * STEP_S, (step + 1) * STEP_S
            yield from self._samples(Fraction(before_s), Fraction(now_s))
            yield message(Kind.STEP, numbers=(now_s,))
        yield from self._samples(Fraction(self.steps * STEP_S), self._recording.duration_s)
        for epoch in zip(*(column.tolist() for column in self.epochs()), strict=True):
            yield message(Kind.EPOCH, numbers=epoch)
        yield message(Kind.FINISH)

    def epochs(self) -> tuple[Integers, Integers, Integers]:
        """Counts, rates and deviations of the epochs of a recording of activity counts."""
        counts, rates = self._recording.activity_counts, self._recording.heart_rate_bpm
        if counts is None or not len(counts):
            return epochs_of(np.empty((0, 2)), np.empty((0, 2)), 0)
        number = max(0, floor(counts[-1, 0] / EPOCH_S) + 1)
        return epochs_of(counts, np.empty((0, 2)) if rates is None else rates, number)

    def _samples(self, since_s: Fraction, until_s: Fraction) -> Iterator[bytes]:
        yield from self._cuff(since_s, until_s)
        yield from self._temperature(since_s, until_s)
        yield from self._light_and_acceleration(since_s, until_s)
        yield from self._moves(since_s, until_s)

    def _cuff(self, since_s: Fraction, until_s: Fraction) -> Iterator[bytes]:
        rows = self._recording.cuff
        for time_s, systolic, diastolic in () if rows is None else rows:
            if since_s <= time_s < until_s or (time_s < 0 and not since_s):
                numbers = (round(systolic), round(diastolic), floor(time_s))
                yield message(Kind.CUFF, numbers=numbers)

    def _temperature(self, since_s: Fraction, until_s: Fraction) -> Iterator[bytes]:
        samples = self._recording.skin_temperature_c
        if samples is None:
            return
        values = samples.values[_slice(samples.rate_hz, since_s, until_s), 0]
        known = values[np.isfinite(values)]
        if len(known):
            yield message(Kind.TEMPERATURE, numbers=(int(np.clip(np.rint(128 * known[-1]), -32768, 32767)),))

    def _moves(self, since_s: Fraction, until_s: Fraction) -> Iterator[bytes]:
        motion = self._motion
        if motion is None:
            return
        if self._is_native:
            chosen = _slice(motion.rate_hz, since_s, until_s)
            moves = motion.counts[chosen][motion.present[chosen]]
        else:
            chosen = _known(motion.steady, motion.rate_hz, since_s, until_s)
            moves = motion.steady.values[chosen][motion.steady.present[chosen]]
        for start in range(0, len(moves), _MOST_MOVES):
            yield _axes(Kind.MOVES, moves[start : start + _MOST_MOVES])

    def _light_and_acceleration(self, since_s: Fraction, until_s: Fraction) -> Iterator[bytes]:
        """Light, and acceleration where there is light: the newest of both are of the same moment."""
        light, made = self._recording.light, self._light
        if light is None or made is None:
            return
        chosen = _known(made, light.rate_hz, since_s, until_s)
        present = made.present[chosen]
        values = made.values[chosen][present]
        if len(values):
            yield message(Kind.LIGHT, len(values), data=values.astype("<i4").tobytes())
        if self._motion is not None:
            yield from self._beside(self._motion.steady, np.arange(chosen.start, chosen.stop)[present])

    def _beside(self, made: Resampled, places: Integers) -> Iterator[bytes]:
        """Acceleration where there is light; a gap is filled with the last value for a while."""
        rows: list[Integers] = []
        for place in places.tolist():
            if place < len(made.present) and made.present[place]:
                self._last = made.values[place : place + 1]
                self._held = 0
            else:
                self._held += 1
            if self._held <= _MOST_HELD:
                rows.append(self._last)
            elif self._held == _MOST_HELD + 1:
                rows.clear()
                yield message(Kind.NO_ACCELERATION)
        if rows:
            yield _axes(Kind.ACCELERATION, np.concatenate(rows))


def tells_contact(light: Light) -> bool:
    """Whether the level of the channel that tells contact is one of a worn band in a tenth of the time."""
    place = light.place("infrared")
    if place is None:
        place = next(i for name in ("green", "red", "blue") if (i := light.place(name)) is not None)
    bright = np.percentile(light.counts[light.present, place], 90) if light.present.any() else 0
    return light.has_level[place] and float(bright) >= LEAST_CONTACT_COUNTS[light.stack]


def _has_oxygen(light: Light) -> bool:
    places = [light.place(name) for name in _OXYGEN_CHANNELS[light.stack]]
    return all(place is not None and light.has_level[place] for place in places)


def _slice(rate_hz: float, since_s: Fraction, until_s: Fraction) -> slice:
    """Samples from a time on and before another."""
    return slice(ceil(since_s * exact(rate_hz)), ceil(until_s * exact(rate_hz)))


def _known(made: Resampled, rate_hz: float, since_s: Fraction, until_s: Fraction) -> slice:
    """Values that the samples before a time give and those before an earlier one did not."""
    samples = _slice(rate_hz, since_s, until_s)
    most = len(made.values)
    return slice(min(most, made.known_after(samples.start)), min(most, made.known_after(samples.stop)))


def _axes(kind: Kind, rows: Integers) -> bytes:
    return message(kind, len(rows), data=rows.astype("<i2").tobytes())
