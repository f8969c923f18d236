"""Trains the network that scores the heart's rate bins, and brings it to the integers of the band."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fit.heart_data_parts import Recording, quiet, relabelled, shaken, stretched
from fit.result import Result
from vitalband.signal.heart import (
    BINS,
    BPM_PER_BIN,
    INPUTS,
    POSITION,
    SPECTRUM_BINS,
    TAP_PLACES,
    TAPS,
    Floats,
    Network,
    Shares,
    Windows,
    joined,
    shares_of,
)

HIDDEN = 12
PLAIN_FACTORS = (0.55, 0.65, 0.75, 0.87, 1.0, 1.18)
SHAKEN_FACTORS = (0.55, 0.62, 0.8, 1.05)
QUIET_RECORDINGS = 40
EPOCHS, BATCH, LEARNING_RATE, DECAY, TARGET_BINS = 10, 96, 4e-3, 1e-4, 1.2

INPUT_BITS = 8
"""Inputs of the band are in 1/256: log2 spectra, level, position and its square."""

_MIX_SHIFT = 8
_MIX_LIMIT = 1 << 10


@dataclass(frozen=True)
class Variant:
    """Spectra of a recording or of a variant of it, and the rate of the pulse in each window."""

    shares: Shares
    rate_bpm: Floats

    def sequence(self, channels: list[int]) -> "Samples":
        """Every window, of some of the pulse channels."""
        windows = joined(self.shares, channels)
        return Windows(windows.spectra.astype(np.float32), windows.level), self.rate_bpm

    def samples(self, channels: list[int], phase: int) -> "Samples":
        """Every second window whose rate the bins can express, of some of the pulse channels."""
        windows, rate_bpm = self.sequence(channels)
        use = (rate_bpm > 41) & (rate_bpm < 207) & (np.arange(len(rate_bpm)) % 2 == phase)
        return Windows(windows.spectra[use], windows.level[use]), rate_bpm[use]


Samples = tuple[Windows, Floats]


def _variant(recording: Recording) -> Variant:
    shares = shares_of(recording.pulse, recording.acceleration_g)
    count = min(len(shares.level), len(recording.reference_bpm))
    narrow = np.float32
    cut = Shares(
        shares.pulse[:count].astype(narrow),
        shares.cancelled[:count].astype(narrow),
        shares.motion[:count].astype(narrow),
        shares.level[:count].astype(narrow),
    )
    return Variant(cut, recording.reference_bpm[:count])


def variants(recording: Recording, random: np.random.Generator) -> list[Variant]:
    """All training variants of one recording."""
    labelled = relabelled(recording)
    moved = [shaken(stretched(labelled, factor), random) for factor in SHAKEN_FACTORS]
    return [_variant(stretched(labelled, factor)) for factor in PLAIN_FACTORS] + [_variant(v) for v in moved]


def still_variants(random: np.random.Generator) -> list[Variant]:
    """Modelled wearers at rest."""
    return [_variant(quiet(number, random)) for number in range(QUIET_RECORDINGS)]


def drawn(parts: Sequence[Variant], random: np.random.Generator) -> list[Samples]:
    """Of each variant once one channel and once several, if it has them, each with half of the windows."""
    out: list[Samples] = []
    for variant in parts:
        count = variant.shares.pulse.shape[1]
        out.append(variant.samples([int(random.integers(count))], int(random.integers(2))))
        if count > 1:
            several = random.permutation(count)[: int(random.integers(2, count + 1))]
            out.append(variant.samples(sorted(int(c) for c in several), int(random.integers(2))))
    return out


def drawn_sequences(parts: Sequence[Variant], random: np.random.Generator) -> list[Samples]:
    """Each variant once, of one channel or of several, every window."""
    out: list[Samples] = []
    for variant in parts:
        count = variant.shares.pulse.shape[1]
        chosen = random.permutation(count)[: int(random.integers(1, count + 1))]
        out.append(variant.sequence(sorted(int(c) for c in chosen)))
    return out


def targets(rate_bpm: Floats) -> NDArray[np.float32]:
    """Soft label of each window over the bins."""
    out = np.exp(-0.5 * ((BINS[None] - rate_bpm[:, None] / BPM_PER_BIN) / TARGET_BINS) ** 2)
    return (out / out.sum(axis=1, keepdims=True)).astype(np.float32)


class Adam:
    """Adam with cosine decay over `steps` from a learning rate."""

    def __init__(self, parameters: list[NDArray[np.float32]], steps: int, rate: float) -> None:
        self._parameters, self._steps, self._count, self._rate = parameters, steps, 0, rate
        self._first = [np.zeros_like(p) for p in parameters]
        self._second = [np.zeros_like(p) for p in parameters]

    def step(self, gradients: list[NDArray[np.float32]]) -> None:
        """Move the parameters, in place."""
        self._count += 1
        rate = self._rate * 0.5 * (1 + np.cos(np.pi * self._count / self._steps))
        for i, gradient in enumerate(gradients):
            self._first[i] += 0.1 * (gradient - self._first[i])
            self._second[i] += 0.001 * (gradient * gradient - self._second[i])
            mean = self._first[i] / (1 - 0.9**self._count)
            square = self._second[i] / (1 - 0.999**self._count)
            self._parameters[i] -= (rate * mean / (np.sqrt(square) + 1e-8)).astype(np.float32)


def rows(spectra: NDArray[np.float32], level: NDArray[np.float32]) -> NDArray[np.float32]:
    """Network inputs as rows (inputs, n * bins): `gathered` turned, by slices, which is faster."""
    out = np.empty((INPUTS, len(level), len(BINS)), np.float32)
    for row, (channel, _, _) in enumerate(TAPS):
        places = TAP_PLACES[:, row] - channel * SPECTRUM_BINS
        is_slice = places[-1] - places[0] == len(BINS) - 1
        taken = slice(places[0], places[-1] + 1) if is_slice else places
        out[row] = spectra[:, channel, taken]
    out[-3] = level[:, None]
    out[-2] = POSITION
    out[-1] = POSITION**2 / 8
    return out.reshape(INPUTS, -1)


def trained(samples: Sequence[Samples], seed: int) -> Network:
    """Network fitted to the samples by softmax over the bins."""
    spectra = np.concatenate([windows.spectra for windows, _ in samples]).astype(np.float32)
    level = np.concatenate([windows.level for windows, _ in samples]).astype(np.float32)
    labels = targets(np.concatenate([rate for _, rate in samples]))
    random = np.random.default_rng(seed)
    some = random.choice(len(level), min(1500, len(level)), replace=False)
    seen = rows(spectra[some], level[some])
    mean, deviation = seen.mean(axis=1), seen.std(axis=1) + np.float32(1e-3)
    w1 = (random.standard_normal((INPUTS, HIDDEN)) / np.sqrt(INPUTS)).astype(np.float32)
    b1 = np.zeros(HIDDEN, np.float32)
    w2 = (random.standard_normal(HIDDEN) / np.sqrt(HIDDEN)).astype(np.float32)
    adam = Adam([w1, b1, w2], EPOCHS * (len(level) // BATCH), LEARNING_RATE)
    for _ in range(EPOCHS):
        order = random.permutation(len(level))
        for start in range(0, len(order) - BATCH + 1, BATCH):
            batch = order[start : start + BATCH]
            noisy = level[batch] + random.normal(0, 0.5, BATCH).astype(np.float32)
            inputs = rows(spectra[batch], noisy)
            # Inputs are not scaled: their scale and mean are folded into the weights, and their gradient.
            folded = w1 / deviation[:, None]
            hidden = np.maximum(folded.T @ inputs + (b1 - mean @ folded)[:, None], 0)
            scores = (w2 @ hidden).reshape(BATCH, len(BINS))
            share = np.exp(scores - scores.max(axis=1, keepdims=True))
            share /= share.sum(axis=1, keepdims=True)
            error = ((share - labels[batch]) / np.float32(BATCH)).reshape(-1)
            back = (hidden > 0) * error * w2[:, None]
            sums = back.sum(axis=1)
            slopes = (inputs @ back.T - mean[:, None] * sums) / deviation[:, None]
            adam.step([slopes + np.float32(DECAY) * w1, sums, hidden @ error])
    folded = w1 / deviation[:, None]
    return Network(folded, b1 - mean @ folded, w2)


@dataclass(frozen=True)
class IntegerNetwork:
    """score in 1/256 nat = sum over units of (relu(w1 . inputs + b1) >> 8) * w2 >> `shift`."""

    w1: NDArray[np.int8]
    b1: NDArray[np.int32]
    w2: NDArray[np.int16]
    shift: int

    def floating(self) -> Network:
        """The same network for inputs that are not in 1/256."""
        scale = 2.0 ** (self.shift + _MIX_SHIFT)
        return Network(self.w1.astype(float), self.b1 / (1 << INPUT_BITS), self.w2 / scale)


def fitted(result: Result) -> IntegerNetwork:
    """The network that a result of this fit holds, as the band carries it."""
    tables = {table.name: np.array(table.values) for table in result.tables}
    numbers = {number.name: number.value for number in result.numbers}
    return IntegerNetwork(
        tables["HEART_W1"].reshape(numbers["HEART_HIDDEN"], INPUTS).T.astype(np.int8),
        tables["HEART_B1"].astype(np.int32),
        tables["HEART_W2"].astype(np.int16),
        numbers["HEART_SHIFT"],
    )


def quantised(network: Network) -> IntegerNetwork:
    """Weights of 8 bits with one scale a hidden unit, folded into the second layer's 11 bits."""
    scale = np.abs(network.w1).max(axis=0) / 127
    w1 = np.round(network.w1 / scale).astype(np.int8)
    b1 = np.round(network.b1 / scale * (1 << INPUT_BITS)).astype(np.int32)
    mix = network.w2 * scale * (1 << _MIX_SHIFT)
    shift = int(np.floor(np.log2(_MIX_LIMIT / np.abs(mix).max())))
    return IntegerNetwork(w1, b1, np.round(mix * 2.0**shift).astype(np.int16), shift)
