"""Fits the network that scores the heart's rate bins, on wrist recordings in motion.

Six folds by subject: fold k leaves out troika k+1 and k+7 and bami1 k+1 and k+7. Figures are of networks
that never saw the recording, with the integers' weights and the published scoring: the mean over the windows
of a recording of |rate - reference|, reference as published, then the mean over recordings.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fit.heart_data_parts import Recording, bami1, troika
from fit.heart_train_parts import (
    HIDDEN,
    IntegerNetwork,
    Samples,
    Variant,
    drawn,
    drawn_sequences,
    quantised,
    still_variants,
    trained,
    variants,
)
from fit.heart_tune_parts import tuned
from fit.result import DataSet, Figure, Number, Result, Table
from vitalband.signal.heart import Floats, Shares, gathered, joined, shares_of, track

FOLDS = 6
GROUPS = ("troika", "bami1")
SHOWN_GOALS_BPM = {"troika": 0.7, "bami1": 1.5}
"""What readings that are shown shall err by, at most: the gate is the lowest that keeps to it."""

_GATES_PERCENT = range(50, 91, 5)

_TROIKA = DataSet("troika", 12, "Zhang, Pi and Liu, IEEE TBME 62(2), 2015")
_BAMI = DataSet("bami1", 12, "Lee et al., IEEE Sensors J 19(3), 2018")


@dataclass(frozen=True)
class Outcome:
    """Errors in 1/min and confidence 0-1 of every window of one recording, of some of its channels."""

    group: str
    kind: str
    """`all` channels, `one` of them, or `slow`: all, played at 0.55 of the speed."""
    error_bpm: Floats
    confidence: Floats
    floor_bpm: float
    """Mean error of the mean reference of the other recordings."""


def left_out(fold: int) -> set[str]:
    """Names of the recordings that a fold leaves out."""
    return {f"{group}_{number:02d}" for group in GROUPS for number in (fold + 1, fold + 7)}


def _outcome(
    network: IntegerNetwork, group: str, kind: str, shares: Shares, channels: list[int], reference: Floats
) -> Outcome:
    windows = joined(shares, channels)
    rates, confidence = track(network.floating().scores(gathered(windows)))
    count = min(len(rates), len(reference))
    return Outcome(group, kind, np.abs(rates[:count] - reference[:count]), confidence[:count], 0.0)


def outcomes(network: IntegerNetwork, recording: Recording, slow: Variant, floor_bpm: float) -> list[Outcome]:
    """What a network makes of a recording that it never saw."""
    shares = shares_of(recording.pulse, recording.acceleration_g)
    every = list(range(len(recording.pulse)))
    cases = [("all", shares, every, recording.reference_bpm)]
    cases += [("one", shares, [channel], recording.reference_bpm) for channel in every]
    cases += [("slow", slow.shares, every, slow.rate_bpm)]
    return [
        replace(_outcome(network, recording.group, *case), floor_bpm=floor_bpm if case[0] == "all" else 0.0)
        for case in cases
    ]


def _floors(recordings: Sequence[Recording]) -> dict[str, float]:
    """Error of telling every window the mean reference of the group's other recordings."""
    floors: dict[str, float] = {}
    for recording in recordings:
        others = [r for r in recordings if r.group == recording.group and r.name != recording.name]
        mean = np.concatenate([r.reference_bpm for r in others]).mean()
        floors[recording.name] = float(np.abs(recording.reference_bpm - mean).mean())
    return floors


def _shown(outcome: Outcome, gate_percent: int) -> Floats:
    return outcome.error_bpm[outcome.confidence * 100 >= gate_percent]


def gate(found: Sequence[Outcome]) -> int:
    """Confidence in percent from which a reading is shown."""
    for percent in _GATES_PERCENT:
        errors = {
            group: np.mean(
                [
                    _shown(outcome, percent).mean() if len(_shown(outcome, percent)) else 0.0
                    for outcome in found
                    if (outcome.group, outcome.kind) == (group, "all")
                ]
            )
            for group in GROUPS
        }
        if all(errors[group] <= SHOWN_GOALS_BPM[group] for group in GROUPS):
            return percent
    return _GATES_PERCENT[-1]


def figures_of(found: Sequence[Outcome], gate_percent: int) -> list[Figure]:
    """Means over recordings: every window, as shown, one channel, slowed down."""
    figures: list[Figure] = []
    for group in GROUPS:
        whole = [outcome for outcome in found if outcome.group == group and outcome.kind == "all"]
        errors = np.array([outcome.error_bpm.mean() for outcome in whole])
        shown = [_shown(outcome, gate_percent) for outcome in whole]
        coverage = np.mean([len(s) / len(o.error_bpm) for s, o in zip(shown, whole, strict=True)])
        floor = float(np.mean([outcome.floor_bpm for outcome in whole]))
        count = len(whole)
        figures += [
            Figure(
                f"{group}, every window", _rounded(errors.mean()), "/min", count, "recordings",
                floor=_rounded(floor), interval=_interval(errors),
            ),
            Figure(
                f"{group}, as shown", _rounded(np.mean([s.mean() for s in shown if len(s)])), "/min", count,
                "recordings", coverage_percent=round(100 * float(coverage), 1),
            ),
        ]  # fmt: skip
        for kind, title in (("one", "each single channel"), ("slow", "at 0.55 of the speed")):
            part = [o.error_bpm.mean() for o in found if o.group == group and o.kind == kind]
            figures.append(
                Figure(f"{group}, {title}", _rounded(np.mean(part)), "/min", len(part), "recordings")
            )
    return figures


def _rounded(value: float | np.floating) -> float:
    return round(float(value), 2)


def _interval(errors: NDArray[np.float64]) -> tuple[float, float]:
    """95 % of means over recordings drawn with replacement."""
    random = np.random.default_rng(0)
    means = errors[random.integers(len(errors), size=(2000, len(errors)))].mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return _rounded(low), _rounded(high)


@dataclass(frozen=True)
class _Samples:
    """What a network is trained on of one recording: windows by themselves, and in their order."""

    windows: Sequence[Samples]
    sequences: Sequence[Samples]


def _samples_of(parts: Sequence[Variant], random: np.random.Generator) -> _Samples:
    return _Samples(drawn(parts, random), drawn_sequences(parts, random))


def _network_of(samples: Mapping[str, _Samples], left: Container[str], seed: int) -> IntegerNetwork:
    chosen = [own for name, own in samples.items() if name not in left]
    network = trained([part for own in chosen for part in own.windows], seed)
    return quantised(tuned(network, [part for own in chosen for part in own.sequences], seed))


def run(data: Path, seed: int) -> Result:
    """The fit, and its figures; prints the error of each recording that was left out."""
    recordings = [*troika(data), *bami1(data)]
    random = np.random.default_rng(5 + seed)
    parts = {recording.name: variants(recording, random) for recording in recordings}
    samples = {name: _samples_of(own, random) for name, own in parts.items()}
    samples["still"] = _samples_of(still_variants(random), random)
    floors = _floors(recordings)
    found: list[Outcome] = []
    for fold in range(FOLDS):
        left = left_out(fold)
        network = _network_of(samples, left, seed)
        for recording in recordings:
            if recording.name in left:
                new = outcomes(network, recording, parts[recording.name][0], floors[recording.name])
                print(f"{recording.name}: {new[0].error_bpm.mean():.2f} /min", flush=True)
                found += new
    gate_percent = gate(found)
    return _result(_network_of(samples, (), seed), gate_percent, figures_of(found, gate_percent))


def _result(shipped: IntegerNetwork, gate_percent: int, figures: Sequence[Figure]) -> Result:
    return Result(
        name="heart",
        summary="Network that scores the rate bins of the heart, by",
        data=[_TROIKA, _BAMI],
        protocol="six folds by subject, each two recordings of troika and two of bami1.",
        figures=figures,
        tables=[
            Table("HEART_W1", "int8", "a row of inputs a hidden unit", shipped.w1.T.ravel().tolist()),
            Table(
                "HEART_B1", "int32", "bias of the hidden units, in 1/256 of W1's unit", shipped.b1.tolist()
            ),
            Table("HEART_W2", "int16", "weight of each hidden unit", shipped.w2.tolist()),
        ],
        numbers=[
            Number("HEART_HIDDEN", HIDDEN, "hidden units"),
            Number("HEART_VALID_CONFIDENCE", gate_percent, "confidence in % from which a reading is valid"),
            Number("HEART_SHIFT", shipped.shift, "fraction bits of W2 beyond 1/256 nat"),
        ],
        notes=[
            "Trained on single windows, then through the tracker.",
            "With time-scaled and shaken variants of the recordings and 40 modelled still wearers.",
            "Constants of features and tracker, and the gate, were chosen on the same folds, which flatters.",
        ],
    )
