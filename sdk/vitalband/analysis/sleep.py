"""Scores of sleep stages by epoch: where the band answers, and over all epochs with unknown as an error."""

from collections.abc import Callable, Sequence

import numpy as np

from bandschema.enums import SleepStage
from vitalband.analysis.agreement import (
    BoolArray,
    FloatArray,
    bootstrap_interval,
    cohen_kappa,
    confusion,
    roc_area,
    specificity_at,
)
from vitalband.analysis.pairing import Pairs
from vitalband.analysis.scores import NAN, Answered, Score, by_subject

SENSITIVITY = 0.93
"""Share of sleep found at which specificity is compared: that of Walch et al., Sleep 42(12), 2019."""
_ANSWERED, _ALL = "epochs with an answer", "all scored epochs"

Figure = Callable[[Pairs], float]


def sleep_scores(vital: str, unit: str, answered: Sequence[Answered]) -> list[Score]:
    """All figures of sleep: shares and kappas pooled over epochs, drawn again by person.

    On "all scored epochs" an epoch without an answer is wrong, whatever its truth: neither sleep nor wake
    was found. Asleep of unknown stage counts as NREM, the commonest, where there are three classes.
    """
    answered = [one for one in answered if len(one.pairs)]
    known = [Answered(one.name, one.subject, one.pairs.only(one.pairs.is_shown)) for one in answered]
    expected = sum(len(one.pairs) for one in answered)
    scores = [
        _score(vital, f"{name}, {_ANSWERED}", unit, known, figure, expected, floor, floor_name)
        for name, figure, floor, floor_name in (
            ("sensitivity (sleep found)", sensitivity, 1.0, "always asleep"),
            ("specificity (wake found)", specificity, 0.0, "always asleep"),
            (
                f"specificity at sensitivity {SENSITIVITY:g}",
                _specificity_at,
                1 - SENSITIVITY,
                "by chance",
            ),
            ("accuracy", accuracy, _pooled(known, always_asleep), "always asleep"),
            ("kappa, sleep and wake", kappa_of_two, 0.0, "always asleep"),
            ("kappa, wake, NREM, REM", kappa_of_three, 0.0, "always NREM"),
            ("ROC area, sleep and wake", area, 0.5, "by chance"),
        )
    ]
    scores += [
        _score(vital, f"{name}, {_ALL}", unit, answered, figure, expected, floor, "always asleep")
        for name, figure, floor in (
            ("sensitivity (sleep found)", sensitivity, 1.0),
            ("specificity (wake found)", specificity, 0.0),
            ("accuracy", accuracy, _pooled(answered, always_asleep)),
        )
    ]
    return scores


def _score(
    vital: str,
    name: str,
    unit: str,
    answered: Sequence[Answered],
    figure: Figure,
    expected: int,
    floor: float,
    floor_name: str,
) -> Score:
    counted = [one for one in answered if len(one.pairs)]
    return Score(
        vital=vital,
        measure=name,
        value=_pooled(counted, figure),
        unit=unit,
        recordings=len(counted),
        subjects=len({one.subject for one in counted}),
        used=sum(int(one.pairs.is_shown.sum()) for one in counted),
        expected=expected,
        interval=bootstrap_interval(by_subject(counted), lambda drawn: _pooled(drawn, figure)),
        floor=floor,
        floor_name=floor_name,
        by_recording={one.name: figure(one.pairs) for one in counted},
    )


def _pooled(answered: Sequence[Answered], figure: Figure) -> float:
    if not answered:
        return NAN
    pairs = [one.pairs for one in answered]
    return figure(
        Pairs(
            np.concatenate([one.time_s for one in pairs]),
            np.concatenate([one.reference for one in pairs]),
            np.concatenate([one.value for one in pairs]),
            np.concatenate([one.is_shown for one in pairs]),
            np.concatenate([one.quality for one in pairs]),
        )
    )


def _share(found: BoolArray) -> float:
    return float(found.mean()) if len(found) else NAN


def _is_sleep(pairs: Pairs) -> BoolArray:
    return pairs.reference != SleepStage.WAKE


def _says_sleep(pairs: Pairs) -> BoolArray:
    return pairs.is_shown & (pairs.value != SleepStage.WAKE)


def _says_wake(pairs: Pairs) -> BoolArray:
    return pairs.is_shown & (pairs.value == SleepStage.WAKE)


def sensitivity(pairs: Pairs) -> float:
    """Share of the epochs asleep that are called asleep."""
    return _share(_says_sleep(pairs)[_is_sleep(pairs)])


def specificity(pairs: Pairs) -> float:
    """Share of the epochs awake that are called wake."""
    return _share(_says_wake(pairs)[~_is_sleep(pairs)])


def accuracy(pairs: Pairs) -> float:
    """Share of all epochs that are called what they are, asleep or awake."""
    return _share(np.where(_is_sleep(pairs), _says_sleep(pairs), _says_wake(pairs)))


def always_asleep(pairs: Pairs) -> float:
    """The accuracy of calling every epoch asleep."""
    return _share(_is_sleep(pairs))


def kappa_of_two(pairs: Pairs) -> float:
    """Cohen's kappa of sleep and wake."""
    return cohen_kappa(confusion(_is_sleep(pairs).astype(np.int64), _says_sleep(pairs).astype(np.int64), 2))


def kappa_of_three(pairs: Pairs) -> float:
    """Cohen's kappa of wake, NREM and REM."""
    estimate = np.where(pairs.value == SleepStage.ASLEEP, float(SleepStage.NREM), pairs.value)
    return cohen_kappa(confusion(pairs.reference.astype(np.int64), estimate.astype(np.int64), 3))


def sleep_confidence(pairs: Pairs) -> FloatArray:
    """How sure the band is of sleep: its quality where it says asleep, minus it where it says wake."""
    return np.where(_says_sleep(pairs), pairs.quality, -pairs.quality)


def area(pairs: Pairs) -> float:
    """ROC area of `sleep_confidence`."""
    return roc_area(_is_sleep(pairs), sleep_confidence(pairs))


def _specificity_at(pairs: Pairs) -> float:
    return specificity_at(_is_sleep(pairs), sleep_confidence(pairs), SENSITIVITY)
