"""Trains the heart-rate network of the band and writes it as integers.

    (in tools) python -m bench.vitals_training.train_heart --data DIR --scratch DIR [--write FILE]

Six folds by subject (fold k leaves out troika k+1 and k+7 and bami1 k+1 and k+7) give the honest
figures; the network trained on everything is the one that ships. Deterministic, NumPy only.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .augmentation import quiet, relabelled, shaken, stretched
from .heart_oracle import (
    BINS,
    BPM_PER_BIN,
    HIDDEN,
    INPUTS,
    Floats,
    Network,
    Windows,
    features,
    gathered,
    track,
)
from .integer_network import quantised, source_text
from .recordings import Recording, bami1, troika

PLAIN_FACTORS = (0.75, 0.87, 1.0, 1.18)
SHAKEN_FACTORS = (0.62, 0.8, 1.05)
QUIET_RECORDINGS = 40
EPOCHS, BATCH, LEARNING_RATE, DECAY, TARGET_BINS = 10, 96, 4e-3, 1e-4, 1.2
FOLDS = 6

Samples = tuple[Windows, Floats]


def prepared(recording: Recording) -> Samples:
    """Features and reference of the windows whose reference the bins can express."""
    windows = features(recording.pulse, recording.acceleration_g)
    reference = recording.reference_bpm[: len(windows.level)]
    use = (reference > 41) & (reference < 207)
    return Windows(windows.spectra[: len(reference)][use], windows.level[: len(reference)][use]), reference[
        use
    ]


def variants(recording: Recording, random: np.random.Generator) -> list[Samples]:
    """All training variants of one recording, each on one pulse channel, as the band has one."""
    labelled = relabelled(recording)
    plain = [stretched(labelled, factor) for factor in PLAIN_FACTORS]
    moved = [shaken(stretched(labelled, factor), random) for factor in SHAKEN_FACTORS]
    channels = range(len(recording.pulse))
    each = [prepared(one_channel(variant, channel)) for variant in plain for channel in channels]
    return each + [
        prepared(one_channel(variant, index % len(channels))) for index, variant in enumerate(moved)
    ]


def one_channel(recording: Recording, channel: int) -> Recording:
    """The recording with one of its pulse channels."""
    return replace(recording, pulse=recording.pulse[channel : channel + 1])


def target(reference: Floats) -> NDArray[np.float32]:
    """Soft label of each window over the bins."""
    out = np.exp(-0.5 * ((BINS[None] - reference[:, None] / BPM_PER_BIN) / TARGET_BINS) ** 2)
    return (out / out.sum(axis=1, keepdims=True)).astype(np.float32)


class _Adam:
    """Adam with cosine decay over `steps`."""

    def __init__(self, parameters: list[NDArray[np.float32]], steps: int) -> None:
        self._parameters, self._steps, self._count = parameters, steps, 0
        self._first = [np.zeros_like(p) for p in parameters]
        self._second = [np.zeros_like(p) for p in parameters]

    def step(self, gradients: list[NDArray[np.float32]]) -> None:
        """Move the parameters, in place."""
        self._count += 1
        rate = LEARNING_RATE * 0.5 * (1 + np.cos(np.pi * self._count / self._steps))
        for i, gradient in enumerate(gradients):
            self._first[i] += 0.1 * (gradient - self._first[i])
            self._second[i] += 0.001 * (gradient * gradient - self._second[i])
            mean = self._first[i] / (1 - 0.9**self._count)
            square = self._second[i] / (1 - 0.999**self._count)
            self._parameters[i] -= (rate * mean / (np.sqrt(square) + 1e-8)).astype(np.float32)


def trained(samples: list[Samples], seed: int = 0) -> Network:
    """Network fitted to the samples by softmax over the bins."""
    spectra = np.concatenate([windows.spectra for windows, _ in samples]).astype(np.float32)
    level = np.concatenate([windows.level for windows, _ in samples]).astype(np.float32)
    labels = target(np.concatenate([reference for _, reference in samples]))
    random = np.random.default_rng(seed)
    some = random.choice(len(level), min(1500, len(level)), replace=False)
    seen = gathered(Windows(spectra[some], level[some])).reshape(-1, INPUTS)
    mean, deviation = seen.mean(axis=0), seen.std(axis=0) + 1e-3
    w1 = (random.standard_normal((INPUTS, HIDDEN)) / np.sqrt(INPUTS)).astype(np.float32)
    b1 = np.zeros(HIDDEN, np.float32)
    w2 = (random.standard_normal(HIDDEN) / np.sqrt(HIDDEN)).astype(np.float32)
    adam = _Adam([w1, b1, w2], EPOCHS * (len(level) // BATCH))
    for _ in range(EPOCHS):
        order = random.permutation(len(level))
        for start in range(0, len(order) - BATCH + 1, BATCH):
            batch = order[start : start + BATCH]
            noisy = level[batch] + random.normal(0, 0.5, BATCH).astype(np.float32)
            inputs = (gathered(Windows(spectra[batch], noisy)).reshape(-1, INPUTS) - mean) / deviation
            hidden = np.maximum(inputs @ w1 + b1, 0)
            scores = (hidden @ w2).reshape(BATCH, len(BINS))
            share = np.exp(scores - scores.max(axis=1, keepdims=True))
            share /= share.sum(axis=1, keepdims=True)
            error = ((share - labels[batch]) / BATCH).reshape(-1)
            back = (error[:, None] * w2) * (hidden > 0)
            adam.step([inputs.T @ back + DECAY * w1, back.sum(axis=0), hidden.T @ error])
    folded = w1 / deviation[:, None]
    return Network(folded, b1 - mean @ folded, w2)


def mean_error(network: Network, recording: Recording) -> float:
    """Mean absolute error in 1/min over the windows and channels of a recording, no lag correction."""
    errors: list[float] = []
    for channel in range(len(recording.pulse)):
        single = one_channel(recording, channel)
        rates, _ = track(network.scores(gathered(features(single.pulse, single.acceleration_g))))
        count = min(len(rates), len(recording.reference_bpm))
        errors.append(float(np.abs(rates[:count] - recording.reference_bpm[:count]).mean()))
    return float(np.mean(errors))


def left_out(fold: int) -> set[str]:
    """Names of the recordings that a fold leaves out."""
    return {f"{group}_{number:02d}" for group in ("troika", "bami1") for number in (fold + 1, fold + 7)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True, help="data folder with troika and bami1")
    parser.add_argument("--scratch", type=Path, required=True, help="folder for the networks of the folds")
    parser.add_argument("--write", type=Path, help="write the shipped network to this Python file")
    options = parser.parse_args()
    recordings = [*troika(options.data), *bami1(options.data)]
    random = np.random.default_rng(5)
    samples = {recording.name: variants(recording, random) for recording in recordings}
    still = [prepared(quiet(number, random)) for number in range(QUIET_RECORDINGS)]
    options.scratch.mkdir(parents=True, exist_ok=True)
    errors: dict[str, list[float]] = {"troika": [], "bami1": []}
    for fold in range(FOLDS):
        left = left_out(fold)
        network = trained([s for name, parts in samples.items() if name not in left for s in parts] + still)
        integer = quantised(network)
        (options.scratch / f"heart_fold{fold}.py").write_text(source_text(integer))
        for recording in recordings:
            if recording.name in left:
                errors[recording.group].append(mean_error(network, recording))
                print(f"{recording.name} {errors[recording.group][-1]:.2f}", flush=True)
    for group, values in errors.items():
        print(f"{group}: mean of {len(values)} recordings left out: {np.mean(values):.2f} /min", flush=True)
    shipped = trained([s for parts in samples.values() for s in parts] + still)
    if options.write:
        options.write.write_text(source_text(quantised(shipped)))


if __name__ == "__main__":
    main()
