"""Courses of readings as one picture, a panel for each: values shown and doubtful, and below them validity.

Needs matplotlib, the extra `plot`, which is imported when a picture is drawn; it carries few types.
"""

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from bandschema.enums import Contact, Reading
from vitalband.analysis.agreement import BoolArray, FloatArray
from vitalband.analysis.course import STATES, Course, RecordedSession, range_text
from vitalband.values import unit_symbol

_SHOWN, _DOUBTFUL, _NOTHING, _AWAY = "#0b6e99", "#e9a23b", "#c9c9c9", "0.5"
_LEFT_OUT = (Reading.CUFF_AGE_S, Reading.BATTERY_PERCENT, Reading.ENMO_MG, Reading.ARM_POSTURE)
"""Readings that no panel shows: of the band, or beside the vital signs."""
_WIDTH_INCHES, _PANEL_INCHES, _HEAD_INCHES = 11.0, 1.35, 1.0
_LONG_S, _HOUR_S, _MINUTE_S = 7200.0, 3600.0, 60.0
_STRIP = (0.0, 0.07)
"""Part of a panel's height where validity is drawn."""
_SETTINGS = {"svg.hashsalt": "vitalband", "font.size": 9.0}


def save_picture(session: RecordedSession, title: str, path: Path) -> None:
    """Draw a session into a file by its ending (.png, .svg, .pdf); OSError when it cannot be written."""
    with import_module("matplotlib").rc_context(_SETTINGS):
        metadata = {"Date": None} if path.suffix.lower() == ".svg" else None
        figure_of(session, title).savefig(path, dpi=110, metadata=metadata)


def figure_of(session: RecordedSession, title: str) -> Any:
    """Draw a session, a panel for each reading that ever had a value."""
    drawn = [
        course
        for course in session.courses
        if course.spec.reading not in _LEFT_OUT and np.isfinite(course.value).any()
    ]
    height = _HEAD_INCHES + _PANEL_INCHES * max(1, len(drawn))
    figure = import_module("matplotlib.figure").Figure(figsize=(_WIDTH_INCHES, height), layout="constrained")
    panels = figure.subplots(max(1, len(drawn)), 1, sharex=True, squeeze=False)[:, 0]
    is_long = session.duration_s > _LONG_S
    unit_s = _HOUR_S if is_long else _MINUTE_S
    for axes, course in zip(panels, drawn, strict=False):
        _values(axes, course, unit_s)
        _validity(axes, course, unit_s)
        is_off = session.contact == Contact.OFF_WRIST
        for start_s, end_s in _stretches(session.time_s, is_off):
            axes.axvspan(start_s / unit_s, end_s / unit_s, color=_AWAY, alpha=0.18, lw=0)
    if not drawn:
        panels[0].text(0.5, 0.5, "no reading had a value", ha="center", transform=panels[0].transAxes)
    panels[-1].set_xlabel("hours" if is_long else "minutes")
    panels[-1].set_xlim(0, max(session.duration_s, 1.0) / unit_s)
    figure.suptitle(
        f"{title}\nblue: shown, orange: doubtful, grey: nothing; shaded: off the wrist", fontsize=10
    )
    return figure


def _values(axes: Any, course: Course, unit_s: float) -> None:
    minutes = course.time_s / unit_s
    for chosen, colour, size in ((course.is_doubtful, _DOUBTFUL, 3), (course.is_shown, _SHOWN, 5)):
        axes.scatter(
            minutes[chosen], course.value[chosen], s=size, color=colour, linewidths=0, rasterized=True
        )
    name = course.spec.name_en.lower()
    axes.set_ylabel(f"{name}\n{unit_symbol(course.spec.unit)}".rstrip(), rotation=0, ha="right", va="center")
    share = f"shown {100 * course.shown_share:.0f} %"
    axes.set_title(": ".join(filter(None, (share, range_text(course)))), fontsize=8, loc="right", pad=2)
    axes.margins(y=0.2)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    kind = STATES.get(course.spec.reading)
    if kind is not None:
        # Room for the strip below the lowest state.
        axes.set_ylim(min(kind) - 1.0, max(kind) + 0.5)
        axes.set_yticks(
            [int(state) for state in kind], [state.name.lower().replace("_", " ") for state in kind]
        )


def _validity(axes: Any, course: Course, unit_s: float) -> None:
    nothing = ~(course.is_shown | course.is_doubtful)
    for chosen, colour in ((course.is_shown, _SHOWN), (course.is_doubtful, _DOUBTFUL), (nothing, _NOTHING)):
        for start_s, end_s in _stretches(course.time_s, chosen):
            axes.axvspan(start_s / unit_s, end_s / unit_s, *_STRIP, color=colour, lw=0, alpha=0.9)


def _stretches(time_s: FloatArray, chosen: BoolArray) -> list[tuple[float, float]]:
    """Start and end of each run that is chosen; a run ends where the next update that is not comes."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], chosen, [False]]).astype(np.int8)))
    last_s = float(time_s[-1])
    return [
        (float(time_s[first]), float(time_s[after]) if after < len(time_s) else last_s)
        for first, after in edges.reshape(-1, 2).tolist()
    ]
