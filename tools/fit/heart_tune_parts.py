"""Trains the network on through the tracker: what counts is where the filter is, not one window alone.

Sixteen recordings run side by side, sixteen windows at a time; gradients go back through those windows, the
filter's state goes on from them. The loss is the cross entropy of the reading, and, at a third of the weight,
of the state and of the window's own scores.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fit.heart_train_parts import DECAY, Adam, Samples, rows, targets
from vitalband.signal.heart import (
    BINS,
    JUMP,
    READING_GAIN,
    READING_KERNEL,
    STATE_GAIN,
    STATE_KERNEL,
    Network,
    Windows,
)

EPOCHS, LANES, SPAN, RATE = 5, 16, 16, 1.5e-3
_SIDE_WEIGHT = np.float32(0.3)
_COUNT = np.float32(LANES * SPAN)
_SMALL = np.float32(1e-9)
_MOST_SLOPE = 1e3

Array = NDArray[np.float32]


def _spread_by(kernel: NDArray[np.floating]) -> Array:
    """(bins, bins): a row of probabilities times it is spread by the kernel."""
    half = len(kernel) // 2
    out = np.zeros((len(BINS), len(BINS)), np.float32)
    for step in range(-half, half + 1):
        out += np.diag(np.full(len(BINS) - abs(step), kernel[step + half], np.float32), step)
    return out


_WALK, _WIDE = _spread_by(STATE_KERNEL), _spread_by(READING_KERNEL)


class _Lanes:
    """Deals out recordings in a random order, `SPAN` windows of each lane at a time."""

    def __init__(self, samples: Sequence[Samples], random: np.random.Generator) -> None:
        self._samples, self._random = samples, random
        self._order: list[int] = []
        self._places = [[self._another(), 0] for _ in range(LANES)]
        self.state = np.full((LANES, len(BINS)), 1 / len(BINS), np.float32)

    def _another(self) -> int:
        if not self._order:
            self._order = [int(index) for index in self._random.permutation(len(self._samples))]
        return self._order.pop()

    def next(self) -> tuple[Array, Array, Array]:
        """Spectra, levels and rates (SPAN * LANES, ...), window by window; fresh lanes know nothing."""
        taken: list[Samples] = []
        for lane, place in enumerate(self._places):
            while place[1] + SPAN > len(self._samples[place[0]][1]):
                place[:] = [self._another(), 0]
                self.state[lane] = 1 / len(BINS)
            windows, rates = self._samples[place[0]]
            part = slice(place[1], place[1] + SPAN)
            place[1] += SPAN
            taken.append((Windows(windows.spectra[part], windows.level[part]), rates[part]))
        spectra = np.stack([windows.spectra for windows, _ in taken], axis=1)
        level = np.stack([windows.level for windows, _ in taken], axis=1)
        rates = np.stack([rates for _, rates in taken], axis=1)
        flat = spectra.reshape(-1, *spectra.shape[2:]).astype(np.float32)
        return flat, level.ravel().astype(np.float32), rates.ravel().astype(np.float32)


@dataclass(frozen=True)
class _Pass:
    """One way through `SPAN` windows: states before and after, and the other probabilities of each."""

    states: list[Array]
    spread: list[Array]
    wide: list[Array]
    readings: list[Array]


def _forward(scores: Array, state: Array) -> _Pass:
    out = _Pass([state], [], [], [])
    for row in scores - scores.max(axis=2, keepdims=True):
        wide = out.states[-1] @ _WIDE + _SMALL
        reading = wide * np.exp(np.float32(READING_GAIN) * row)
        spread = np.float32(1 - JUMP) * (out.states[-1] @ _WALK) + np.float32(JUMP / len(BINS))
        after = spread * np.exp(np.float32(STATE_GAIN) * row)
        out.wide.append(wide)
        out.readings.append(reading / reading.sum(axis=1, keepdims=True))
        out.spread.append(spread)
        out.states.append(after / after.sum(axis=1, keepdims=True))
    return out


def _slopes(scores: Array, labels: Array, use: Array, state: Array) -> tuple[Array, Array]:
    """Gradient of the loss by the scores (SPAN, LANES, bins), and the state at the end."""
    way = _forward(scores, state)
    alone = np.exp(scores - scores.max(axis=2, keepdims=True))
    alone /= alone.sum(axis=2, keepdims=True)
    out: Array = _SIDE_WEIGHT * (alone - labels) * use / _COUNT
    later = np.zeros_like(state)
    for index in range(SPAN - 1, -1, -1):
        after = way.states[index + 1]
        by_state = after * (later - (after * later).sum(axis=1, keepdims=True))
        by_state += _SIDE_WEIGHT * (after - labels[index]) * use[index] / _COUNT
        by_reading = (way.readings[index] - labels[index]) * use[index] / _COUNT
        out[index] += np.float32(STATE_GAIN) * by_state + np.float32(READING_GAIN) * by_reading
        later = np.float32(1 - JUMP) * ((by_state / way.spread[index]) @ _WALK.T)
        later += (by_reading / way.wide[index]) @ _WIDE.T
        later = np.clip(later, -_MOST_SLOPE, _MOST_SLOPE)
    return out, way.states[-1]


def tuned(network: Network, samples: Sequence[Samples], seed: int) -> Network:
    """The network trained on, on samples whose windows follow one another."""
    random = np.random.default_rng(seed + 7)
    some = np.concatenate([windows.spectra[::40] for windows, _ in samples])
    seen = rows(some, np.concatenate([windows.level[::40] for windows, _ in samples]))
    mean, deviation = seen.mean(axis=1), seen.std(axis=1) + np.float32(1e-3)
    w1 = (network.w1 * deviation[:, None]).astype(np.float32)
    b1 = (network.b1 + mean @ network.w1).astype(np.float32)
    w2 = network.w2.astype(np.float32)
    steps = EPOCHS * sum(len(rates) for _, rates in samples) // (LANES * SPAN)
    adam, lanes = Adam([w1, b1, w2], steps, RATE), _Lanes(samples, random)
    shape = (SPAN, LANES, len(BINS))
    for _ in range(steps):
        spectra, level, rates = lanes.next()
        use = ((rates > 41) & (rates < 207)).astype(np.float32).reshape(SPAN, LANES, 1)
        inputs = rows(spectra, level + random.normal(0, 0.5, len(level)).astype(np.float32))
        folded = w1 / deviation[:, None]
        hidden = np.maximum(folded.T @ inputs + (b1 - mean @ folded)[:, None], 0)
        slopes, lanes.state = _slopes(
            (w2 @ hidden).reshape(shape), targets(rates).reshape(shape), use, lanes.state
        )
        error = slopes.reshape(-1)
        back = (hidden > 0) * error * w2[:, None]
        sums = back.sum(axis=1)
        by_weight = (inputs @ back.T - mean[:, None] * sums) / deviation[:, None]
        adam.step([by_weight + np.float32(DECAY) * w1, sums, hidden @ error])
    folded = w1 / deviation[:, None]
    return Network(folded, b1 - mean @ folded, w2)
