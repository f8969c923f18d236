"""`vitalband analyze`."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from vitalband.analysis.course import STATES, Course, RecordedSession, range_text, session_of
from vitalband.analysis.sleep_session import SleepSession
from vitalband.cli.common import BAND, JSON, band_id_of, console, print_json
from vitalband.errors import LocalError
from vitalband.store import StoreReader
from vitalband.values import label, unit_symbol, words
from vitalband.view import printable

_MOST_CAUSES, _LEAST_SHARE = 3, 0.005


def analyze(
    file: Annotated[Path, typer.Argument(help="A recording, such as night.vband.", show_default=False)],
    picture: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Draw it, too: a file ending in .png, .svg or .pdf."),
    ] = None,
    band: BAND = None,
    as_json: JSON = False,
) -> None:
    """Sum up a recording: what each vital sign was, how much of it was shown, and why the rest was not.

    [bold]Examples[/]

      vitalband analyze night.vband

      vitalband analyze night.vband -o night.png
    """
    with StoreReader(file, band_id_of(band)) as reader:
        session = session_of(reader)
    if as_json:
        print_json(document(session))
    else:
        show(session, file.name)
    if picture is not None:
        _draw(session, file.name, picture)
        if not as_json:
            console.print(Text(printable(f"drawn into {picture}")), soft_wrap=True)


def show(session: RecordedSession, name: str) -> None:
    """Print the table of a session, and what it comes to."""
    console.print(Text(printable(f"{name}: {summary(session)}")), soft_wrap=True)
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("reading")
    table.add_column("shown", justify="right")
    table.add_column("median (middle 90 %)")
    table.add_column("doubtful", justify="right")
    table.add_column("not shown for")
    for course in session.courses:
        told = [(cause, share) for cause, share in course.causes() if share >= _LEAST_SHARE]
        causes = ", ".join(f"{cause} {100 * share:.0f} %" for cause, share in told[:_MOST_CAUSES])
        doubtful = float(course.is_doubtful.mean())
        table.add_row(
            course.spec.name_en,
            f"{100 * course.shown_share:.0f} %",
            range_text(course),
            f"{100 * doubtful:.0f} %",
            causes,
        )
    console.print(table)
    night = session.night()
    if night is not None and night.onset_s is not None:
        console.print(Text(night_text(night)), soft_wrap=True)


def summary(session: RecordedSession) -> str:
    """The session in a sentence."""
    started = (
        "at a time that is not known" if session.started is None else f"{session.started:%Y-%m-%d %H:%M} UTC"
    )
    got = 100 * session.updates / session.expected
    boots = "" if session.boots == 1 else f", the band started {session.boots} times"
    return (
        f"{duration_text(session.duration_s)} from {started}, {session.updates} updates, "
        f"{got:.1f} % of those due{boots}; on the wrist {100 * session.worn_share:.0f} %"
    )


def night_text(night: SleepSession) -> str:
    """A night in a sentence."""
    stages = ", ".join(
        f"{words(stage)} {duration_text(seconds)}" for stage, seconds in night.stages_s.items() if seconds
    )
    efficiency = (
        "" if night.efficiency is None else f", {100 * night.efficiency:.0f} % of the time that is known"
    )
    return (
        f"Asleep {duration_text(night.total_sleep_s)}{efficiency}: {stages}; awake after onset "
        f"{duration_text(night.wake_after_onset_s)}, {night.awakenings} times"
    )


def duration_text(seconds: float) -> str:
    """A duration as people say it: "45 s", "12 min", "7 h 05 min"."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


def document(session: RecordedSession) -> dict[str, Any]:
    """A session as JSON: shares from 0 to 1, null where nothing is known."""
    night = session.night()
    return {
        "started": None if session.started is None else session.started.isoformat(),
        "duration_s": session.duration_s,
        "updates": session.updates,
        "updates_expected": session.expected,
        "boots": session.boots,
        "on_wrist": session.worn_share,
        "readings": {course.spec.name: _course_document(course) for course in session.courses},
        "night": None if night is None else _night_document(night),
    }


def _course_document(course: Course) -> dict[str, Any]:
    middle = course.middle() if course.spec.reading not in STATES else None
    found: dict[str, Any] = {
        "unit": label(course.spec.unit),
        "symbol": unit_symbol(course.spec.unit),
        "updates": len(course.value),
        "shown": course.shown_share,
        "doubtful": float(course.is_doubtful.mean()),
        "not_shown_for": {cause.replace(" ", "_"): share for cause, share in course.causes()},
        "median": None if middle is None else middle[0],
        "middle_90": None if middle is None else middle[1:],
    }
    if course.spec.reading in STATES:
        found["states"] = {state.replace(" ", "_"): share for state, share in course.states()}
    return found


def _night_document(night: SleepSession) -> dict[str, Any]:
    return {
        "onset_s": night.onset_s,
        "offset_s": night.offset_s,
        "total_sleep_s": night.total_sleep_s,
        "wake_after_onset_s": night.wake_after_onset_s,
        "awakenings": night.awakenings,
        "unknown_s": night.unknown_s,
        "efficiency": night.efficiency,
        "stages_s": {label(stage): seconds for stage, seconds in night.stages_s.items()},
    }


def _draw(session: RecordedSession, name: str, path: Path) -> None:
    try:
        from vitalband.analysis.course_picture import save_picture
    except ImportError as error:
        raise LocalError(f"-o: wanted matplotlib, the extra 'plot' of this package; got {error}") from error
    try:
        save_picture(session, printable(f"{name}: {summary(session)}"), path)
    except ValueError as error:
        raise LocalError(
            f"{path}: wanted a file ending in .png, .svg or .pdf, got {path.suffix or 'no ending'}"
        ) from error
