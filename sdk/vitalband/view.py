"""The live view of a band in a terminal: fed with what a session hands out, rendered by rich.

`LiveView` knows no band and no clock; `stream`, the demo and the pictures in the documents feed it
with the same items. What a band says of itself is shown as it is: it is no markup, and steers no terminal.
"""

import re
from collections import deque
from collections.abc import Sequence
from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bandschema.enums import Activity, AlertLevel, ArmPosture, Cause, Contact, SleepStage, Validity
from bandschema.enums import Reading as ReadingId
from bandschema.readings import BY_READING, READINGS, ReadingSpec
from bandschema.records import Identity
from vitalband.alerts import Alert
from vitalband.statistics import LinkStatistics
from vitalband.values import ConnectionEvent, ConnectionState, Reading, VitalsUpdate, unit_symbol, words

SPARK_LENGTH = 14
"""Values of a sparkline: what an 80-column terminal has room for."""
_SPARKS = "▁▂▃▄▅▆▇█"
_QUALITY_CELLS = 8
_BEFORE_VITALS = "a band sends none before its wearer has agreed by its button"

_CONTACTS = {
    Contact.ON_WRIST: Text("on wrist", "green"),
    Contact.WEAK: Text("weak contact", "yellow"),
    Contact.OFF_WRIST: Text("off wrist", "red"),
    Contact.UNKNOWN: Text("contact unknown", "dim"),
}
_LEVEL_STYLES = {
    AlertLevel.CLEAR: "green",
    AlertLevel.WATCH: "cyan",
    AlertLevel.WARNING: "yellow",
    AlertLevel.ALARM: "bold white on red",
    AlertLevel.FAULT: "bold black on yellow",
}

UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""What must not reach a terminal out of data: C0, DEL, C1, and halves of pairs, which cannot be encoded."""


def printable(text: str) -> str:
    """Text of a band or a user as a terminal may get it: "\ufffd" in place of each unprintable character."""
    return UNPRINTABLE.sub("\ufffd", text)


class LiveView:
    """What the terminal shows of one band: values, quality, history, contact, losses, alert."""

    def __init__(self, title: str, identity: Identity | None = None) -> None:
        self.title = printable(title)
        self.identity = identity
        self.alert: Alert | None = None
        self.statistics: LinkStatistics | None = None
        self.note = ""
        self._update: VitalsUpdate | None = None
        self._connection = ConnectionEvent(ConnectionState.LIVE, "")
        self._history: dict[ReadingId, deque[float | None]] = {
            spec.reading: deque(maxlen=SPARK_LENGTH) for spec in READINGS
        }

    def feed(self, item: object) -> None:
        """Take in an item of any of a band's iterators, an `Alert`, or `LinkStatistics`."""
        match item:
            case VitalsUpdate():
                self._take_vitals(item)
            case ConnectionEvent():
                self._connection = item
            case Alert():
                self.alert = item
            case LinkStatistics():
                self.statistics = item
            case _:
                pass

    def _take_vitals(self, update: VitalsUpdate) -> None:
        if update.stamp.is_backfilled:
            return
        self._update = update
        for reading in update:
            self._history[reading.reading_id].append(reading.value if reading.is_valid else None)

    def __rich__(self) -> RenderableType:
        parts = [self._status_line(), self._vitals_table(), *self._alert_lines(), self._loss_line()]
        if self._update is None:
            # A band tells of consent when it changes only, so whether that is the reason cannot be known.
            parts.insert(1, Text(_BEFORE_VITALS, style="dim"))
        if self.note:
            parts.append(Text(printable(self.note), style="dim"))
        return Panel(Group(*parts), title=Text(self.title), title_align="left", padding=(0, 1))

    def _status_line(self) -> Text:
        update = self._update
        pieces = [Text("waiting for vitals") if update is None else _CONTACTS[update.contact]]
        if update is not None and update.time is not None:
            uncertainty = update.stamp.uncertainty_ms or 0.0
            pieces.append(Text(f"{update.time:%Y-%m-%d %H:%M:%S} UTC ± {uncertainty:.0f} ms"))
        if not self._connection.state.is_up:
            state = self._connection.state.value.replace("_", " ")
            told = f"link {state}: {self._connection.reason}"
            pieces.append(Text(printable(told), style="red"))
        if self.identity is not None:
            pieces.append(Text(printable(f"{self.identity.maker} {self.identity.model}"), style="dim"))
        return Text("   ").join(pieces)

    def _vitals_table(self) -> Table:
        table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
        table.add_column("vital", style="bold")
        table.add_column("value", justify="right", min_width=8)
        table.add_column("unit")
        table.add_column("quality", min_width=_QUALITY_CELLS)
        table.add_column(f"last {SPARK_LENGTH}", min_width=SPARK_LENGTH)
        table.add_column("state")
        for spec in READINGS:
            reading = None if self._update is None else self._update.get(spec.reading)
            table.add_row(spec.name_en, *self._cells(spec, reading))
        return table

    def _cells(self, spec: ReadingSpec, reading: Reading | None) -> Sequence[Text | str]:
        spark = sparkline(self._history[spec.reading])
        if reading is None:
            return ("-", unit_symbol(spec.unit), "", spark, Text("not sent", style="dim"))
        style = "" if reading.is_valid else "dim"
        value = Text(shown_value(reading), style=style)
        return (value, unit_symbol(spec.unit), quality_bar(reading), spark, _state(reading))

    def _alert_lines(self) -> list[Text]:
        if self.alert is None:
            return [Text("early warning: no alert", style="dim")]
        lines = [Text(f"early warning {self.alert.message}", style=_LEVEL_STYLES[self.alert.level])]
        if self.alert.level is not AlertLevel.FAULT and self.alert.score.missing:
            lines.append(Text(f"not measured: {self.alert.score.missing_names}", style="dim"))
        return lines

    def _loss_line(self) -> Text:
        counts = self.statistics
        if counts is None:
            return Text("")
        losses = {
            "missing": counts.missing_frames,
            "repaired": counts.repaired_frames,
            "dropped on band": counts.dropped_on_band,
            "bad packets": counts.bad_packets + counts.bad_records,
            "dropped here": counts.dropped_items,
            "not stored": counts.store_lost,
            "not proven to be agreed to": counts.held_frames + counts.refused_frames,
        }
        text = Text(f"frames {counts.received_frames}", style="dim")
        for name, count in losses.items():
            if count:
                text.append(f"   {name} {count}", style="dim" if name == "repaired" else "red")
        if not any(losses.values()):
            text.append("   no losses")
        return text

    def render_text(self, width: int = 80) -> str:
        """The view as plain text, `width` columns wide."""
        console = Console(file=StringIO(), width=width, record=True, force_terminal=False)
        console.print(self)
        return console.export_text()

    def render_svg(self, width: int = 80) -> str:
        """The view as an SVG picture of a terminal of `width` columns."""
        console = Console(file=StringIO(), width=width, record=True, force_terminal=True)
        console.print(self)
        return console.export_svg(title=self.title)


def shown_value(reading: Reading) -> str:
    """A reading for people: "-" when there is no value, a name for activity and sleep."""
    if reading.value is None:
        return "-"
    if reading.reading_id is ReadingId.ACTIVITY:
        return Activity(int(reading.value)).name.lower()
    if reading.reading_id is ReadingId.ARM_POSTURE:
        return ArmPosture(int(reading.value)).name.lower()
    if reading.reading_id is ReadingId.SLEEP_STAGE:
        return SleepStage(int(reading.value)).name.lower()
    has_fraction = BY_READING[reading.reading_id].scale.denominator > 1
    return f"{reading.value:.1f}" if has_fraction else f"{reading.value:.0f}"


def quality_bar(reading: Reading) -> Text:
    """Quality 0-100 as a bar; empty for a reading that is not valid."""
    quality = min(reading.quality, 100)
    cells = round(quality / 100 * _QUALITY_CELLS) if reading.is_valid else 0
    style = "green" if quality >= 70 else "yellow" if quality >= 40 else "red"
    return Text("█" * cells, style=style).append("·" * (_QUALITY_CELLS - cells), style="dim")


def sparkline(values: Sequence[float | None] | deque[float | None]) -> str:
    """Values as block characters between their lowest and highest; a gap is a blank."""
    known = [value for value in values if value is not None]
    if not known:
        return ""
    low, high = min(known), max(known)
    span = high - low or 1.0
    steps = len(_SPARKS) - 1
    return "".join(" " if value is None else _SPARKS[round((value - low) / span * steps)] for value in values)


def _state(reading: Reading) -> Text:
    """Why a reading is not valid: its cause, or its validity when the band gave no cause."""
    if reading.is_valid:
        return Text("")
    told = reading.validity if reading.cause is Cause.NONE else reading.cause
    return Text(words(told), style="red" if reading.validity is Validity.STALE else "yellow")
