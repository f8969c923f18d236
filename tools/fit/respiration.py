"""Fits how fast breathing may change, how much a window weighs, and when a rate is shown.

Four people are few: of a small grid the pair of walk and gain with the least error of all windows is taken.
The contrast that is asked for is what 2 % of windows of made beats without breathing reach; the distance from
the windows' own rates is the least that keeps 83 % of the windows. Each person is left out in turn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from fit.respiration_parts import SUBJECTS, Floats, Windows, mean_of_subjects, silent_scores, windows_of
from fit.result import DataSet, Figure, Number, Result, Table
from vitalband.signal.respiration import follow

_HOFFMAN = DataSet("hoffman", 8, "Hoffman et al., npj Digit Med 5:146, 2022, MIT; both hands of four people")
_MOVES = (1 / 100, 1 / 50, 1 / 25)
_GAINS = (0.10, 0.15, 0.20)
_SILENT_SHARE, _KEPT_SHARE = 0.02, 0.83
_FEWEST_GOOD = 0.7


@dataclass(frozen=True)
class Constants:
    """What is fitted: chance of a bin up or down a step, nats of weight a score, and the two limits."""

    move: float
    gain: float
    apart_bpm: float
    contrast: float


def errors_of(windows: Sequence[Windows], constants: Constants) -> tuple[list[Floats], list[Floats]]:
    """Sizes of the errors of each run's windows with a reference, all and as shown."""
    every: list[Floats] = []
    shown: list[Floats] = []
    for run in windows:
        rate, apart, contrast = follow(run.scores, move=constants.move, gain=constants.gain).T
        error = np.abs(rate - run.reference_bpm)
        is_known = np.isfinite(error)
        is_shown = (
            (apart <= constants.apart_bpm) & (contrast >= constants.contrast) & (run.good >= _FEWEST_GOOD)
        )
        every.append(error[is_known])
        shown.append(error[is_known & is_shown])
    return every, shown


def floor_errors(windows: Sequence[Windows], subject: str) -> Floats:
    """Sizes of the errors of naming, for this subject, the mean of the others."""
    others = [np.nanmean(run.reference_bpm) for run in windows if run.subject != subject]
    own = np.concatenate([run.reference_bpm for run in windows if run.subject == subject])
    return np.abs(own[np.isfinite(own)] - float(np.mean(others)))


def fitted(windows: Sequence[Windows], silent: Sequence[Floats]) -> Constants:
    """The constants by these windows and by windows without breathing."""
    subjects = [run.subject for run in windows]

    def error_of(move: float, gain: float) -> float:
        return mean_of_subjects(errors_of(windows, Constants(move, gain, np.inf, -np.inf))[0], subjects)

    move, gain = min(product(_MOVES, _GAINS), key=lambda pair: error_of(*pair))
    believed = np.concatenate([follow(scores, move=move, gain=gain)[:, 2] for scores in silent])
    contrast = float(np.quantile(believed, 1 - _SILENT_SHARE))
    apart = np.concatenate([follow(run.scores, move=move, gain=gain)[:, 1:] for run in windows])
    of_contrast = apart[apart[:, 1] >= contrast, 0]
    share = min(_KEPT_SHARE * len(apart) / max(len(of_contrast), 1), 1.0)
    return Constants(move, gain, float(np.quantile(of_contrast, share)), contrast)


def run(data: Path, _seed: int) -> Result:
    """The fit, and its figures; prints what each person who was left out scores."""
    windows, silent = windows_of(data), silent_scores()
    every: list[Floats] = []
    shown: list[Floats] = []
    subjects: list[str] = []
    for subject in SUBJECTS:
        constants = fitted([run for run in windows if run.subject != subject], silent)
        own = [run for run in windows if run.subject == subject]
        of_all, of_shown = errors_of(own, constants)
        every += of_all
        shown += of_shown
        subjects += [subject] * len(own)
        left = (
            mean_of_subjects(of_all, [subject] * len(own)),
            mean_of_subjects(of_shown, [subject] * len(own)),
        )
        print(f"{subject}: {left[0]:.2f} /min, shown {left[1]:.2f} by {constants}")
    constants = fitted(windows, silent)
    print(constants)
    floor = mean_of_subjects([floor_errors(windows, subject) for subject in SUBJECTS], SUBJECTS)
    count = sum(len(error) for error in every)
    coverage = 100 * sum(len(error) for error in shown) / count
    return _result(
        constants,
        mean_of_subjects(every, subjects),
        mean_of_subjects(shown, subjects),
        floor,
        round(coverage),
    )


def _result(constants: Constants, every: float, shown: float, floor: float, coverage_percent: int) -> Result:
    move_q14 = round(constants.move * 16384)
    return Result(
        name="respiration",
        summary="Following and showing of breathing, by",
        data=[_HOFFMAN],
        protocol="each of the four people.",
        figures=[
            Figure("mean error, all windows", round(every, 2), "/min", 4, "people", floor=round(floor, 2)),
            Figure("mean error, shown", round(shown, 2), "/min", 4, "people", coverage_percent),
        ],
        tables=[
            Table(
                "RESPIRATION_KERNEL_Q14", "int16", "chance of a bin of 0.469 /min down, none, up in 2 s, Q14",
                [move_q14, 16384 - 2 * move_q14, move_q14],
            ),
        ],
        numbers=[
            Number("RESPIRATION_GAIN_Q8", round(constants.gain * 256 / np.log(2)), "log2 a nat, in 1/256"),
            Number("RESPIRATION_APART_TENTHS", round(constants.apart_bpm * 10), "farthest shown, 0.1 /min"),
            Number("RESPIRATION_CONTRAST_Q8", round(constants.contrast * 256), "least shown, log2 in 1/256"),
        ],
        notes=["Series, spectra and score were chosen on the same people: the figures are optimistic."],
    )  # fmt: skip
