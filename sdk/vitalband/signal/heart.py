"""Heart rate in motion, in floating point. Oracle of the firmware's `dsp.heart_rate`; its fit trains this.

Every 2 s, from the last 8 s at 25 Hz (200 samples) of one or more pulse channels and of acceleration in g:

1. Half-band filter and every second sample: 100 values at 12.5 Hz. Difference of neighbours (the first is
   0), mean removed.
2. Motion canceller: each pulse minus its ridge regression on the three axes, each delayed by 0 to 3 samples.
3. Taper that weighs late samples more, 512-point spectrum, power of bins 0 to 239 (24.4 mHz each).
4. log2 of power over its band mean, meaned over the channels, the tilt of the difference undone, band mean
   removed: `pulse`, `cancelled` (over the band mean before cancelling), `motion`; `pulse` and `motion` also
   as averages over past windows.
5. One small network scores every rate bin from spectrum values around it and around its multiples.
6. A forward filter over the bins follows the rate; the reading is taken sharper than the state.
7. The rate shown leads the reading by its own slope over the last windows, for the window's middle is old
   and the filter lags.
8. At rest, where beats make a settled run (`vitalband.signal.beats`), theirs is the rate.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

RATE_HZ = 25.0
WINDOW, HOP = 200, 50
HALF_BAND = np.array([-1, 0, 9, 16, 9, 0, -1]) / 32
POINTS = 100
FFT_POINTS = 512
SPECTRUM_BINS = 240
BAND_FROM = 14
FIRST_BIN, LAST_BIN = 27, 143
BINS = np.arange(FIRST_BIN, LAST_BIN + 1)
BPM_PER_BIN = RATE_HZ / 2 / FFT_POINTS * 60.0
TAPER_RAMP = 0.7
TAPER = np.kaiser(POINTS, 2.0) * (1 + TAPER_RAMP * np.linspace(-1, 1, POINTS))
"""Kaiser (beta 2) on a ramp."""

TAPER_LEAD_S = 0.95
"""A changing rate shows in the spectrum as it was so long after the window's middle."""

FLOOR = 2.0**-10
LEVEL_FLOOR_G = 1e-3
DELAYS = (0, 1, 2, 3)
RIDGE, RIDGE_G2 = 0.02, 1e-4
AVERAGE_WEIGHT = 0.25

TILT = np.log2(np.maximum(4 * np.sin(np.pi * np.arange(SPECTRUM_BINS) / FFT_POINTS) ** 2, 1e-4))
CHANNELS = ("pulse", "cancelled", "motion", "pulse_average", "motion_average")
# (channel, multiple of the bin in halves, offsets in bins)
TAP_GROUPS: tuple[tuple[str, int, tuple[int, ...]], ...] = (
    ("cancelled", 2, (0, -2, 2, -4, 4, -7, 7, -11, 11)),
    ("pulse", 2, (0, -5, 5)),
    ("motion", 2, (0, -3, 3, -7, 7)),
    ("cancelled", 4, (0, -5, 5)),
    ("motion", 4, (0,)),
    ("cancelled", 1, (0,)),
    ("motion", 1, (0,)),
    ("pulse_average", 2, (0,)),
    ("motion_average", 2, (0,)),
)
TAPS = tuple(
    (CHANNELS.index(name), halves, offset) for name, halves, offsets in TAP_GROUPS for offset in offsets
)
TAP_PLACES = np.stack(
    [
        channel * SPECTRUM_BINS + np.minimum(BINS * halves // 2 + offset, SPECTRUM_BINS - 1)
        for channel, halves, offset in TAPS
    ],
    axis=1,
)
"""(bins, taps): where each input lies in spectra that follow one another; above the last bin, that bin."""

INPUTS = len(TAPS) + 3
POSITION = (BINS - 85) / 58.0 * 8
"""Place among the bins, in a range like that of the spectra, so that 8-bit weights serve both."""


@dataclass(frozen=True)
class Windows:
    """Features of consecutive windows: `spectra` (n, 5, 240) log2, `level` (n,) log2 of g."""

    spectra: Floats
    level: Floats


def windows_of(samples: Floats) -> Floats:
    """(channels, n) at 25 Hz -> (windows, channels, 200), a window every 2 s."""
    view = np.lib.stride_tricks.sliding_window_view(samples, WINDOW, axis=1)[:, ::HOP]
    return np.moveaxis(view, 1, 0)


def halved(windows: Floats) -> Floats:
    """(..., 200) at 25 Hz -> (..., 100): below 6.25 Hz; before the first sample, that sample."""
    padded = np.concatenate([np.repeat(windows[..., :1], 5, axis=-1), windows], axis=-1)
    return np.lib.stride_tricks.sliding_window_view(padded, 7, axis=-1)[..., ::2, :] @ HALF_BAND


def differenced(windows: Floats) -> Floats:
    """Neighbour differences inside each window, first 0, mean removed."""
    out = np.diff(windows, axis=-1, prepend=windows[..., :1])
    return out - out.mean(axis=-1, keepdims=True)


def cancelled(pulse: Floats, motion: Floats) -> Floats:
    """Pulse (w, c, 100) minus its ridge regression on delayed motion (w, 3, 100)."""
    rows = np.zeros((len(motion), 3 * len(DELAYS), POINTS))
    for index, delay in enumerate(DELAYS):
        rows[:, 3 * index : 3 * index + 3, delay:] = motion[:, :, : POINTS - delay]
    rows -= rows.mean(axis=-1, keepdims=True)
    gram: Floats = rows @ rows.transpose(0, 2, 1)
    trace: Floats = np.trace(gram, axis1=1, axis2=2) / gram.shape[1]
    gram = gram + (RIDGE * trace + RIDGE_G2)[:, None, None] * np.eye(gram.shape[1])
    weights = np.asarray(np.linalg.solve(gram, rows @ pulse.transpose(0, 2, 1)), np.float64)
    return pulse - weights.transpose(0, 2, 1) @ rows


def power(windows: Floats) -> Floats:
    """Power of bins 0-239 of the tapered windows."""
    return np.abs(np.fft.rfft(windows * TAPER, FFT_POINTS, axis=-1)[..., :SPECTRUM_BINS]) ** 2


def levelled(relative_power: Floats) -> Floats:
    """log2 of power relative to its band mean, tilt undone, band mean removed."""
    logs = np.log2(relative_power + FLOOR) - TILT
    return logs - logs[..., BAND_FROM:].mean(axis=-1, keepdims=True)


@dataclass(frozen=True)
class Shares:
    """Spectra of consecutive windows before channels are joined.

    `pulse` and `cancelled` (n, channels, 240) over the band mean of the pulse, `motion` (n, 240) log2,
    `level` (n,) log2 of g.
    """

    pulse: Floats
    cancelled: Floats
    motion: Floats
    level: Floats


def shares_of(pulse: Floats, acceleration_g: Floats) -> Shares:
    """Pulse (c, n) and acceleration (3, n) at 25 Hz -> spectra of every window."""
    p = differenced(halved(windows_of(pulse)))
    a = differenced(halved(windows_of(acceleration_g)))
    plain, clean, moving = power(p), power(cancelled(p, a)), power(a).sum(axis=1)
    norm = plain[..., BAND_FROM:].mean(axis=-1, keepdims=True) + 1e-12
    band = moving[:, BAND_FROM:].mean(axis=-1) + 1e-12
    level = np.log2(np.sqrt(band / (TAPER**2).sum()) + LEVEL_FLOOR_G)
    return Shares(plain / norm, clean / norm, levelled(moving / band[:, None]), level)


def joined(shares: Shares, channels: list[int]) -> Windows:
    """Features with the pulse channels of these numbers."""
    pulse = levelled(shares.pulse[:, channels].mean(axis=1))
    clean = levelled(shares.cancelled[:, channels].mean(axis=1))
    spectra = [pulse, clean, shares.motion, averaged(pulse), averaged(shares.motion)]
    return Windows(np.stack(spectra, axis=1), shares.level)


def features(pulse: Floats, acceleration_g: Floats) -> Windows:
    """Pulse (c, n) and acceleration (3, n) at 25 Hz -> features of every window, of all channels."""
    return joined(shares_of(pulse, acceleration_g), list(range(len(pulse))))


def averaged(spectra: Floats) -> Floats:
    """Running average over windows; the first window starts it."""
    out = spectra.copy()
    for index in range(1, len(out)):
        out[index] = out[index - 1] + AVERAGE_WEIGHT * (spectra[index] - out[index - 1])
    return out


def gathered(windows: Windows) -> NDArray[np.float32]:
    """Network inputs (n, bins, inputs): the taps, then level, position and position squared."""
    count = len(windows.level)
    out = np.empty((count, len(BINS), INPUTS), np.float32)
    out[:, :, :-3] = windows.spectra.reshape(count, -1)[:, TAP_PLACES]
    out[:, :, -3] = windows.level[:, None]
    out[:, :, -2] = POSITION
    out[:, :, -1] = POSITION**2 / 8
    return out


@dataclass(frozen=True)
class Network:
    """score = relu(inputs @ w1 + b1) @ w2, in nats."""

    w1: Floats
    b1: Floats
    w2: Floats

    def scores(self, inputs: NDArray[np.float32]) -> Floats:
        """(n, bins, inputs) -> (n, bins)."""
        return np.maximum(inputs @ self.w1 + self.b1, 0) @ self.w2


def _walk(deviation_bpm: float, half: int) -> Floats:
    steps = np.arange(-half, half + 1) * BPM_PER_BIN
    kernel = np.exp(-0.5 * (steps / deviation_bpm) ** 2)
    return kernel / kernel.sum()


STATE_KERNEL = _walk(3.5, 7)
READING_KERNEL = _walk(12.0, 25)
STATE_GAIN, READING_GAIN = 0.25, 0.7
JUMP = 1e-4
HALF_PEAK = 4
LEAD_WINDOWS = 5
"""Windows over which the slope is taken."""

LEAD = 3 / 256
"""Share of the change over so many windows that is added: an eighth of a second of the slope."""

REST_LEVEL = -5.0
"""log2 of g of motion below which beats tell the rate."""

AGREEING_SHARE = 1 / 8
SETTLED_CONFIDENCE = 0.8


def track(scores: Floats) -> tuple[Floats, Floats]:
    """Scores (n, bins) -> heart rate in 1/min and confidence 0-1 of every window."""
    state = np.full(len(BINS), 1.0 / len(BINS))
    readings, confidences = np.empty(len(scores)), np.empty(len(scores))
    for index, row in enumerate(scores - scores.max(axis=1, keepdims=True)):
        reading = np.convolve(state, READING_KERNEL, "same") * np.exp(READING_GAIN * row)
        state = (1 - JUMP) * np.convolve(state, STATE_KERNEL, "same") + JUMP / len(BINS)
        state *= np.exp(STATE_GAIN * row)
        state /= state.sum()
        top = int(reading.argmax())
        near = slice(max(0, top - HALF_PEAK), top + HALF_PEAK + 1)
        readings[index] = reading[near] @ (BINS[near] * BPM_PER_BIN) / reading[near].sum()
        confidences[index] = reading[near].sum() / reading.sum() * state[near].sum()
    return led(readings), confidences


def led(readings: Floats) -> Floats:
    """The readings moved on by their slope; the first one counts for those before it."""
    before = np.concatenate([np.repeat(readings[:1], LEAD_WINDOWS), readings])[: len(readings)]
    return readings + LEAD * (readings - before)


def settled(
    rates: Floats, confidences: Floats, levels: Floats, beat_rates: Floats, valid: float
) -> tuple[Floats, Floats]:
    """Rates in 1/min and confidences 0-1 of windows, at rest by the rates of the beats, NaN where unknown.

    Where these lie more than an eighth away from a rate that is sure (`valid` and more), it stays, and is not
    sure any more: a hundredth below `valid`.
    """
    is_told = np.isfinite(beat_rates) & (levels <= REST_LEVEL)
    is_near = is_told & (np.abs(beat_rates - rates) <= AGREEING_SHARE * beat_rates)
    is_sure = confidences >= valid
    shown = np.where(is_near | (is_told & ~is_sure), beat_rates, rates)
    doubted = np.where(is_told & is_sure & ~is_near, valid - 0.01, confidences)
    return shown, np.where(is_near, np.maximum(confidences, SETTLED_CONFIDENCE), doubted)
