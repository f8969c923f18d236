"""Makes rows of readings out of a lane's reports."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from bandschema.enums import Cause, Group, Reading, Validity
from bandschema.readings import NO_VALUE, READINGS, ReadingSpec
from bandsim.estimate.feed import STEP_S
from bandsim.estimate.messages import After, RawReading, Report
from bandsim.estimate.recording import InputRecording
from vitalband.analysis.readings import ReadingRow
from vitalband.signal.sleep import EPOCH_S
from vitalband.values import label

FIRST_HEART_RATE_S = 8

_BESIDE_VITALS = frozenset(
    {Reading.CUFF_AGE_S, Reading.ENMO_MG, Reading.ARM_POSTURE, Reading.BATTERY_PERCENT}
)
"""Readings of the band that are no estimate of a vital sign."""

_INPUTS_OF_GROUP: Mapping[Group, tuple[str, ...]] = {
    Group.PULSE: ("light",),
    Group.BREATHING: ("light",),
    Group.OXYGEN: ("light",),
    Group.MOTION: ("accel_g",),
    Group.TEMPERATURE: ("skin_temperature_c",),
    Group.BLOOD_PRESSURE: ("cuff",),
    Group.SLEEP: ("accel_g", "activity_counts"),
}
"""What a recording has of which readings of a group are expected: they have rows even if none has a value."""

_HEART, _STEPS, _SLEEP = (
    next(place for place, spec in enumerate(READINGS) if spec.reading is reading)
    for reading in (Reading.HEART_RATE_BPM, Reading.STEPS, Reading.SLEEP_STAGE)
)


class Rows:
    """Collects reports in their order; `sorted_rows` gives what they say, by time, then as in the schema."""

    def __init__(self, recording: InputRecording, *, has_oxygen: bool) -> None:
        self._end_s = recording.duration_s
        self._rows: list[tuple[Fraction, int, ReadingRow]] = []
        self._places = [place for place, spec in enumerate(READINGS) if spec.reading not in _BESIDE_VITALS]
        self._expected = {
            place
            for place in self._places
            if any(
                getattr(recording, name) is not None
                for name in _INPUTS_OF_GROUP.get(READINGS[place].group, ())
            )
            and (has_oxygen or READINGS[place].group is not Group.OXYGEN)
        }
        self._counts_epochs = recording.activity_counts is not None
        self._night = Night()
        self._now_s = 0

    def take(self, report: Report) -> None:
        """Take the next report."""
        match report.after:
            case After.STEP:
                self._now_s += STEP_S
                for place in self._places:
                    if place != _SLEEP and (place != _HEART or self._now_s >= FIRST_HEART_RATE_S):
                        self._add(Fraction(self._now_s), place, _reading_of(report, place))
                if not self._counts_epochs:
                    self._night.take(report, self._now_s)
            case After.EPOCH:
                self._night.take(report, (self._night.epochs + 1) * EPOCH_S)
            case After.FLUSH:
                self._night.take(report, 0)
            case After.THE_END:
                if _STEPS in self._expected and self._end_s > self._now_s:
                    self._add(self._end_s, _STEPS, report.readings[_STEPS])
                elif _STEPS in self._expected and self._rows:
                    self._replace_steps(report.readings[_STEPS])
            case After.DONE:
                pass

    def sorted_rows(self) -> list[ReadingRow]:
        """All rows, once the last report was taken."""
        rows = list(self._rows)
        if _SLEEP in self._expected:
            number = self._night.epochs if self._counts_epochs else int(self._end_s // EPOCH_S)
            for end_s, reading in self._night.readings(number):
                rows.append((Fraction(end_s), _SLEEP, _row(Fraction(end_s), READINGS[_SLEEP], reading)))
        told = self._expected | {place for _, place, row in rows if row.value is not None}
        return [row for _, place, row in sorted(rows, key=lambda entry: entry[:2]) if place in told]

    def _add(self, time_s: Fraction, place: int, reading: RawReading) -> None:
        self._rows.append((time_s, place, _row(time_s, READINGS[place], reading)))

    def _replace_steps(self, reading: RawReading) -> None:
        """The last steps row is of the last sample, too: with the steps that waited for more samples."""
        at = max(index for index, (_, place, _) in enumerate(self._rows) if place == _STEPS)
        time_s = self._rows[at][0]
        self._rows[at] = (time_s, _STEPS, _row(time_s, READINGS[_STEPS], reading))


class Night:
    """Which epoch each sleep stage speaks of: it is told epochs later, or never when sleep began anew."""

    def __init__(self) -> None:
        self.epochs = 0
        """Taken since sleep last began."""
        self._waiting: deque[int] = deque()
        self._told: dict[int, RawReading] = {}
        self._causes: dict[int, int] = {}

    def take(self, report: Report, now_s: int) -> None:
        """Take a report of `now_s`, the end of an epoch that it took."""
        reading = report.readings[_SLEEP]
        if report.epochs < self.epochs:
            self._give_up(reading.cause)
        if report.epochs > self.epochs:
            self._waiting.append(now_s)
        self.epochs = report.epochs
        if len(self._waiting) > report.waiting:
            self._told[_grid(self._waiting.popleft())] = reading
        if now_s % EPOCH_S == 0 and reading.raw == NO_VALUE:
            self._causes[now_s // EPOCH_S] = reading.cause

    def readings(self, number: int) -> Iterator[tuple[int, RawReading]]:
        """End in s and reading of each of the first epochs; those that nobody told are unknown."""
        for epoch in range(1, number + 1):
            unknown = RawReading(NO_VALUE, Validity.UNKNOWN, 0, self._causes.get(epoch, Cause.STARTING))
            yield epoch * EPOCH_S, self._told.get(epoch, unknown)

    def _give_up(self, cause: int) -> None:
        for end_s in self._waiting:
            self._causes[_grid(end_s)] = cause
        self._waiting.clear()


def _grid(end_s: int) -> int:
    """The epoch, counted from 1, that most of the epoch ending then lies in."""
    return (end_s + EPOCH_S // 2 - 1) // EPOCH_S


def _reading_of(report: Report, place: int) -> RawReading:
    """A reading as it is reported, of the heart with its best value whatever its validity."""
    reading = report.readings[place]
    if place != _HEART or not report.rate_tenths:
        return reading
    return RawReading(report.rate_tenths, reading.validity, reading.quality, reading.cause)


def _row(time_s: Fraction, spec: ReadingSpec, reading: RawReading) -> ReadingRow:
    cause = "" if reading.cause == Cause.NONE else label(Cause(reading.cause))
    return ReadingRow(
        float(time_s),
        spec.name,
        None if reading.raw == NO_VALUE else float(reading.raw * spec.scale),
        label(spec.unit),
        reading.quality,
        label(Validity(reading.validity)),
        cause,
    )


def known_rows(rows: Iterable[ReadingRow]) -> int:
    """How many rows have a value."""
    return sum(row.value is not None for row in rows)
