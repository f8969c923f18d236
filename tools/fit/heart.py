"""Fits the network that scores the heart's rate bins, on wrist recordings in motion.

Six folds by subject: fold k leaves out troika k+1 and k+7 and bami1 k+1 and k+7. Figures are of networks
that never saw the recording, with the integers' weights and the published scoring: the mean over the windows
of a recording of |rate - reference|, reference as published, then the mean over recordings.

At rest, where beats tell the rate if they can, figures are of the network of all recordings: it saw none of
those at rest.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fit.heart_data_parts import Recording, bami1, troika
from fit.heart_rest_parts import Resting, resting
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
from vitalband.signal.heart import Floats, Shares, features, gathered, joined, settled, shares_of, track

FOLDS = 6
GROUPS = ("troika", "bami1")
LEAST_SHOWN = 0.9
"""Share of the windows of each group that shall be shown: the gate is the highest that keeps to it."""

_GATES_PERCENT = range(50, 91, 5)

_TROIKA = DataSet("troika", 12, "Zhang, Pi and Liu, IEEE TBME 62(2), 2015")
_BAMI = DataSet("bami1", 12, "Lee et al., IEEE Sensors J 19(3), 2018")
_WELLTORY = DataSet("welltory", 21, "Neshitov et al., Sensors 21:6798, 2021, CC0; scored, not trained on")


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
    whole = [outcome for outcome in found if outcome.kind == "all"]
    for percent in reversed(_GATES_PERCENT):
        shares = {
            group: np.mean([(o.confidence * 100 >= percent).mean() for o in whole if o.group == group])
            for group in GROUPS
        }
        if all(shares[group] >= LEAST_SHOWN for group in GROUPS):
            return percent
    return _GATES_PERCENT[0]


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


def rest_figures(network: IntegerNetwork, wearers: Sequence[Resting], gate_percent: int) -> list[Figure]:
    """Means over wearers at rest: by the spectrum alone, with beats, and with beats as shown."""
    truths = [wearer.reference_bpm[np.isfinite(wearer.reference_bpm)] for wearer in wearers]
    floors, alone, every, shown, coverage = np.full((5, len(wearers)), np.nan)
    for place, wearer in enumerate(wearers):
        windows = features(wearer.pulse, np.zeros((3, wearer.pulse.shape[1])))
        rates, confidence = track(network.floating().scores(gathered(windows)))
        told, sureness = settled(rates, confidence, windows.level, wearer.beat_bpm, gate_percent / 100)
        is_known = np.isfinite(wearer.reference_bpm)
        is_shown = is_known & (sureness >= gate_percent / 100)
        error = np.abs(told - wearer.reference_bpm)
        others = np.concatenate(truths[:place] + truths[place + 1 :])
        floors[place] = np.abs(truths[place] - others.mean()).mean()
        alone[place] = np.abs(rates - wearer.reference_bpm)[is_known].mean()
        every[place] = error[is_known].mean()
        shown[place] = error[is_shown].mean() if is_shown.any() else np.nan
        coverage[place] = is_shown.sum() / is_known.sum()
    return [
        Figure(
            "at rest, every window", _rounded(every.mean()), "/min", len(wearers), "recordings",
            floor=_rounded(floors.mean()), interval=_interval(every),
        ),
        Figure(
            "at rest, as shown", _rounded(np.nanmean(shown)), "/min", len(wearers), "recordings",
            coverage_percent=round(100 * float(coverage.mean()), 1),
        ),
        Figure(
            "at rest, every window, without beats", _rounded(alone.mean()), "/min", len(wearers), "recordings"
        ),
    ]  # fmt: skip


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
    shipped = _network_of(samples, (), seed)
    figures = figures_of(found, gate_percent) + rest_figures(shipped, list(resting(data)), gate_percent)
    return _result(shipped, gate_percent, figures)


def _result(shipped: IntegerNetwork, gate_percent: int, figures: Sequence[Figure]) -> Result:
    return Result(
        name="heart",
        summary="Network that scores the rate bins of the heart, by",
        data=[_TROIKA, _BAMI, _WELLTORY],
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
            "At rest: welltory, the strap's clock set by its intervals; what settles beats was chosen on it.",
        ],
    )
