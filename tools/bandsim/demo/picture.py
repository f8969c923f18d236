"""The session as one picture: each vital over time, the band's values on the reference.

A reference that somebody recorded is a solid line, one that is the physiology model's own truth a
dashed one called model: agreement with it says nothing about people.
"""

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bandschema.enums import AlertLevel, Contact, SleepStage
from bandschema.enums import Reading as ReadingId
from bandschema.readings import BY_READING
from bandsim.demo.log import REFERENCE_OF, DemoLog, Point
from vitalband.values import words

PANELS = (
    ReadingId.HEART_RATE_BPM,
    ReadingId.RESPIRATORY_RATE_BPM,
    ReadingId.SPO2_PERCENT,
    ReadingId.SKIN_TEMPERATURE_C,
    ReadingId.STEPS,
    ReadingId.SYSTOLIC_MMHG,
    ReadingId.SLEEP_STAGE,
)
_LABELS = {
    ReadingId.HEART_RATE_BPM: "heart rate\n/min",
    ReadingId.RESPIRATORY_RATE_BPM: "breathing\n/min",
    ReadingId.SPO2_PERCENT: "SpO2\n%",
    ReadingId.SKIN_TEMPERATURE_C: "skin\n°C",
    ReadingId.STEPS: "steps",
    ReadingId.SYSTOLIC_MMHG: "systolic\nmmHg",
    ReadingId.SLEEP_STAGE: "sleep",
}
_BAND, _DOUBTFUL = "#0b6e99", "#9cc7d8"
_RECORDED, _MODEL = ("reference", "#d1495b", "-"), ("model", "#8d6a9f", (0, (5, 2)))
_LEVEL_COLOURS = {
    AlertLevel.WATCH: "#8ab17d",
    AlertLevel.WARNING: "#e9a23b",
    AlertLevel.ALARM: "#c1121f",
    AlertLevel.FAULT: "#6c757d",
}
_LONG_S = 7200.0


def save_session(log: DemoLog, path: Path, title: str) -> None:
    """Draw the log into a PNG file; OSError when it cannot be written."""
    mpl.use("agg")
    figure_of(log, title).savefig(path, dpi=110)


def figure_of(log: DemoLog, title: str) -> Figure:
    """Draw the log, a panel for each of `PANELS`."""
    figure = Figure(figsize=(11, 11), layout="constrained")
    axes = figure.subplots(len(PANELS), 1, sharex=True)
    is_long = log.duration_s > _LONG_S
    unit_s = 3600.0 if is_long else 60.0
    for axis, reading_id in zip(axes, PANELS, strict=True):
        source = log.stimulus.provenance.get(REFERENCE_OF[reading_id], "")
        is_modelled = source.startswith("modelled")
        _draw_vital(axis, reading_id, log.points.get(reading_id, []), unit_s, is_modelled=is_modelled)
        _draw_alerts(axis, log, unit_s)
        _draw_off_wrist(axis, log, unit_s)
    entries = {
        label: handle
        for axis in axes
        for handle, label in zip(*axis.get_legend_handles_labels(), strict=True)
    }
    if entries:
        axes[0].legend(
            list(entries.values()),
            list(entries),
            loc="lower left",
            bbox_to_anchor=(0, 1.0),
            ncols=len(entries),
            frameon=False,
            fontsize=9,
        )
    axes[-1].set_xlabel("hours" if is_long else "minutes")
    axes[-1].set_xlim(0, max(log.duration_s, 1.0) / unit_s)
    figure.suptitle(title, x=0.01, ha="left", fontsize=12)
    return figure


def _draw_vital(
    axis: Axes, reading_id: ReadingId, points: list[Point], unit_s: float, *, is_modelled: bool
) -> None:
    axis.set_ylabel(_LABELS[reading_id], rotation=0, ha="right", va="center", fontsize=9)
    axis.grid(alpha=0.25)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    known = [(point.t_s / unit_s, point.reference) for point in points if point.reference is not None]
    if known:
        label, colour, style = _MODEL if is_modelled else _RECORDED
        axis.plot(*np.array(known).T, color=colour, lw=1.4, ls=style, label=label)
    for is_valid, colour, size, label in ((False, _DOUBTFUL, 4, "doubtful"), (True, _BAND, 7, "band")):
        dots = [
            (point.t_s / unit_s, point.reading.value)
            for point in points
            if point.reading.value is not None and point.reading.is_valid is is_valid
        ]
        if dots:
            axis.scatter(*np.array(dots).T, s=size, color=colour, label=label, zorder=3)
    if not known and not any(point.reading.value is not None for point in points):
        causes = sorted({words(point.reading.cause) for point in points})
        axis.text(
            0.5, 0.5, "unknown: " + ", ".join(causes), transform=axis.transAxes, ha="center", color="grey"
        )
        axis.set_yticks([])
    elif reading_id is ReadingId.SLEEP_STAGE:
        axis.set_yticks(list(SleepStage), [stage.name.lower() for stage in SleepStage])
    elif BY_READING[reading_id].scale != 1:
        axis.margins(y=0.2)


def _draw_alerts(axis: Axes, log: DemoLog, unit_s: float) -> None:
    for t_s, alert in log.alerts:
        colour = _LEVEL_COLOURS.get(alert.level)
        if colour is not None:
            label = alert.level.name.lower()
            axis.axvline(t_s / unit_s, color=colour, lw=1.6, ls=":", zorder=1, label=label)


def _draw_off_wrist(axis: Axes, log: DemoLog, unit_s: float) -> None:
    start: float | None = None
    for t_s, contact in [*log.contacts, (log.duration_s, Contact.UNKNOWN)]:
        is_off = contact is Contact.OFF_WRIST
        if is_off and start is None:
            start = t_s
        elif not is_off and start is not None:
            axis.axvspan(start / unit_s, t_s / unit_s, color="grey", alpha=0.15, lw=0)
            start = None
