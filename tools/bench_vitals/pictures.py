"""The error plots of one table: agreement, error against coverage, the worst recording."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.typing import RcKeyType

from bench_vitals.rows import number
from vitalband.analysis.agreement import limits_of_agreement, mean_absolute_error
from vitalband.analysis.score import VitalScore
from vitalband.analysis.scores import Answered

_SIZE_INCHES = (13.0, 4.2)
_SHOWN, _HIDDEN, _TRUE = "tab:blue", "tab:orange", "0.35"
_MOST_POINTS = 4000
_FEWEST_PAIRS = 3
"""A recording with fewer is no course in time: all recordings are drawn side by side."""
_SETTINGS: dict[RcKeyType, Any] = {"svg.hashsalt": "vitalband", "svg.fonttype": "none", "font.size": 9.0}


def draw(vital: VitalScore, title: str, unit: str, path: Path) -> None:
    """Draw a vital whose values are numbers on a scale; the same scores give the same file (SVG or PNG)."""
    with mpl.rc_context(_SETTINGS):
        figure = Figure(figsize=_SIZE_INCHES, layout="constrained")
        agreement, coverage, worst = figure.subplots(1, 3, width_ratios=(1.0, 0.8, 1.3))
        _agreement(agreement, vital, unit)
        _coverage(coverage, vital, unit)
        one = worst_of(vital)
        if len(one.pairs) < _FEWEST_PAIRS:
            _each(worst, vital, unit)
        else:
            _worst(worst, one, unit)
        figure.suptitle(title)
        metadata = {"Date": None} if path.suffix == ".svg" else None
        figure.savefig(path, dpi=110, metadata=metadata)


def worst_of(vital: VitalScore) -> Answered:
    """The recording with the largest mean absolute error of all its readings."""

    def error(one: Answered) -> float:
        return float(np.nan_to_num(mean_absolute_error(one.pairs.error[one.pairs.is_answered]), nan=-1.0))

    return max(vital.answered, key=error)


def _agreement(axes: Axes, vital: VitalScore, unit: str) -> None:
    pairs = [one.pairs for one in vital.answered]
    mean = np.concatenate([(each.value + each.reference) / 2 for each in pairs])
    error = np.concatenate([each.error for each in pairs])
    is_shown = np.concatenate([each.is_shown for each in pairs])
    is_hidden = np.isfinite(error) & ~is_shown
    step = max(1, len(error) // _MOST_POINTS)
    for chosen, colour, label in ((is_hidden, _HIDDEN, "not shown"), (is_shown, _SHOWN, "shown")):
        axes.scatter(
            mean[chosen][::step], error[chosen][::step], s=5, alpha=0.4, color=colour, linewidths=0,
            label=f"{label} ({int(chosen.sum())})", rasterized=True,
        )  # fmt: skip
    limits = limits_of_agreement(error[is_shown])
    for value in (limits.bias, limits.lower, limits.upper):
        if np.isfinite(value):
            axes.axhline(value, color=_TRUE, linewidth=0.9, linestyle="-" if value == limits.bias else "--")
    known = error[np.isfinite(error)]
    if len(known):
        furthest = max(float(np.percentile(np.abs(known), 99)) * 1.15, 1.0)
        axes.set_ylim(-furthest, furthest)
    axes.set_title(
        f"shown: bias {limits.bias:+.2f}, limits {limits.lower:+.1f} to {limits.upper:+.1f}", fontsize=9
    )
    axes.set_xlabel(f"mean of reading and reference, {unit}")
    axes.set_ylabel(f"reading - reference, {unit}")
    axes.legend(loc="upper right", fontsize=8)


def _coverage(axes: Axes, vital: VitalScore, unit: str) -> None:
    curve = vital.curve
    if curve is not None and len(curve):
        axes.step(100 * curve[:, 0], curve[:, 1], where="post", color=_SHOWN, marker=".")
    shown = [one.pairs.is_shown for one in vital.answered]
    answered = [one.pairs.is_answered for one in vital.answered]
    total = int(np.concatenate(answered).sum())
    if total:
        axes.axvline(100 * int(np.concatenate(shown).sum()) / total, color=_TRUE, linestyle=":")
    axes.set_xlim(0, 102)
    axes.set_ylim(0, axes.get_ylim()[1] * 1.1)
    axes.set_title("surest share by quality; dotted: shown", fontsize=9)
    axes.set_xlabel("share of readings, %")
    axes.set_ylabel(f"mean absolute error, {unit}")


def _worst(axes: Axes, one: Answered, unit: str) -> None:
    pairs = one.pairs
    minutes = pairs.time_s / 60
    is_hidden = pairs.is_answered & ~pairs.is_shown
    axes.plot(minutes, pairs.reference, color=_TRUE, linewidth=1.2, label="reference")
    for chosen, colour, label in ((is_hidden, _HIDDEN, "not shown"), (pairs.is_shown, _SHOWN, "shown")):
        axes.scatter(minutes[chosen], pairs.value[chosen], s=7, color=colour, label=label)
    error = mean_absolute_error(pairs.error[pairs.is_answered])
    axes.set_title(f"worst recording: {one.name}, mean error {number(error)} {unit}", fontsize=9)
    axes.set_xlabel("minutes")
    axes.set_ylabel(unit)
    axes.legend(loc="best", fontsize=8)


def _each(axes: Axes, vital: VitalScore, unit: str) -> None:
    pairs = [one.pairs for one in vital.answered]
    value = np.concatenate([each.value for each in pairs])
    is_shown = np.concatenate([each.is_shown for each in pairs])
    place = np.arange(len(value))
    axes.scatter(
        place,
        np.concatenate([each.reference for each in pairs]),
        s=14,
        color=_TRUE,
        marker="_",
        label="reference",
    )
    is_hidden = np.isfinite(value) & ~is_shown
    for chosen, colour, label in ((is_hidden, _HIDDEN, "not shown"), (is_shown, _SHOWN, "shown")):
        axes.scatter(place[chosen], value[chosen], s=9, color=colour, label=label)
    axes.set_title("each recording, one value", fontsize=9)
    axes.set_xlabel("recording")
    axes.set_ylabel(unit)
    axes.legend(loc="best", fontsize=8)
