"""A stored session as courses of readings: what was shown, what was not and why, in time and in sum."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from bandschema.enums import Activity, ArmPosture, Cause, Contact, Reading, SleepStage, Validity
from bandschema.readings import READINGS, ReadingSpec
from vitalband.analysis.agreement import BoolArray, FloatArray, IntArray
from vitalband.analysis.sleep_session import SleepSession, sleep_session
from vitalband.clock import UNKNOWN_UTC_US
from vitalband.errors import StoreError
from vitalband.signal.sleep import DELAY_EPOCHS, EPOCH_S
from vitalband.store import StoreReader, VitalsColumns
from vitalband.values import unit_symbol, words

STATES: Mapping[Reading, type[Activity | ArmPosture | SleepStage]] = {
    Reading.ACTIVITY: Activity,
    Reading.ARM_POSTURE: ArmPosture,
    Reading.SLEEP_STAGE: SleepStage,
}
"""Readings whose value names a state."""

MIDDLE_PERCENT = (5.0, 95.0)
"""Between these percentiles lies the range that is told of a course: choice of this project."""
_TICKS = 1 << 32


@dataclass(frozen=True)
class Course:
    """One reading in every update that holds it, all (n,): `value` is NaN where there is none.

    `time_s` counts from the session's first update; `validity` and `cause` are codes of the schema.
    """

    spec: ReadingSpec
    time_s: FloatArray
    value: FloatArray
    validity: IntArray
    quality: IntArray
    cause: IntArray

    @property
    def is_shown(self) -> BoolArray:
        """Where the band showed a value."""
        return (self.validity == Validity.VALID) & np.isfinite(self.value)

    @property
    def is_doubtful(self) -> BoolArray:
        """Where a value came that was not shown."""
        return np.isfinite(self.value) & ~self.is_shown

    @property
    def shown_share(self) -> float:
        """Share of its updates with a value that was shown, 0 to 1; NaN without updates."""
        return float(self.is_shown.mean()) if len(self.value) else float("nan")

    def causes(self) -> list[tuple[str, float]]:
        """Why it was not shown, as shares of its updates, the most frequent first."""
        hidden = Counter(int(code) for code in self.cause[~self.is_shown])
        known = {int(cause): words(cause) for cause in Cause}
        return [(known.get(code, str(code)), count / len(self.value)) for code, count in hidden.most_common()]

    def middle(self) -> tuple[float, float, float] | None:
        """Median of the values shown, and the ends of their middle 90 %; None without any."""
        shown = self.value[self.is_shown]
        if not len(shown):
            return None
        low, high = np.percentile(shown, MIDDLE_PERCENT)
        return float(np.median(shown)), float(low), float(high)

    def states(self) -> list[tuple[str, float]]:
        """Of a state: its names and their shares of the values shown, the most frequent first."""
        kind = STATES[self.spec.reading]
        found = Counter(int(code) for code in self.value[self.is_shown])
        return [(words(kind(code)), count / found.total()) for code, count in found.most_common()]

    def total(self) -> int:
        """Of a count that starts at zero again: the sum of its rises."""
        values = self.value[np.isfinite(self.value)]
        if not len(values):
            return 0
        rises = np.diff(values)
        return int(values[0] + np.where(rises < 0, values[1:], rises).sum())


@dataclass(frozen=True)
class RecordedSession:
    """A band's vital signs of one store.

    `started` is the UTC time of the first update, None where it cannot be told; `expected` is how many
    updates `duration_s` asks for; `contact` (n,) are codes of the schema beside `time_s` (n,).
    """

    started: datetime | None
    duration_s: float
    updates: int
    expected: int
    boots: int
    time_s: FloatArray
    contact: IntArray
    courses: Sequence[Course]

    def course(self, reading: Reading) -> Course | None:
        """The course of a reading, None where no update holds it."""
        return next((course for course in self.courses if course.spec.reading is reading), None)

    @property
    def worn_share(self) -> float:
        """Share of the updates with the band on the wrist, weak contact included."""
        return float(np.isin(self.contact, (Contact.ON_WRIST, Contact.WEAK)).mean())

    def night(self) -> SleepSession | None:
        """The session as a night, epoch by epoch; None where no stage was ever shown."""
        course = self.course(Reading.SLEEP_STAGE)
        if course is None or not course.is_shown.any():
            return None
        # A stage is told so many epochs after its own.
        epoch = (course.time_s // EPOCH_S).astype(np.int64) - DELAY_EPOCHS
        stages: list[SleepStage | None] = [None] * max(1, int(epoch[-1]) + 1)
        for place, value in zip(epoch[course.is_shown], course.value[course.is_shown], strict=True):
            if place >= 0:
                stages[int(place)] = SleepStage(int(value))
        return sleep_session(stages)


def session_of(reader: StoreReader) -> RecordedSession:
    """Give the vital signs of a store; StoreError when it holds none."""
    found = reader.vitals_columns()
    if not len(found.contact):
        raise StoreError(f"{reader.store.path} holds no vital signs")
    time_s = _times_s(found)
    step_s = min(spec.interval_ms for spec in READINGS) / 1000
    return RecordedSession(
        started=_started(found),
        duration_s=float(time_s[-1]),
        updates=len(time_s),
        expected=max(len(time_s), round(float(time_s[-1]) / step_s) + 1),
        boots=len(np.unique(found.stamps.boot_id)),
        time_s=time_s,
        contact=found.contact.astype(np.int64),
        courses=[
            _course(spec, place, found, time_s)
            for place, spec in enumerate(READINGS)
            if found.is_sent[:, place].any()
        ],
    )


def _course(spec: ReadingSpec, place: int, found: VitalsColumns, time_s: FloatArray) -> Course:
    is_sent = found.is_sent[:, place]
    return Course(
        spec=spec,
        time_s=time_s[is_sent],
        value=found.value[is_sent, place],
        validity=found.validity[is_sent, place].astype(np.int64),
        quality=found.quality[is_sent, place].astype(np.int64),
        cause=found.cause[is_sent, place].astype(np.int64),
    )


def _started(found: VitalsColumns) -> datetime | None:
    first = int(found.stamps.utc_us[0])
    return None if first == UNKNOWN_UTC_US else datetime.fromtimestamp(first / 1e6, UTC)


def _times_s(found: VitalsColumns) -> FloatArray:
    """Seconds from the first update on: by UTC where it is known throughout, else by the band's ticks.

    Where it is not, a boot follows the one before without a pause: nobody knows how long the band was off.
    """
    stamps = found.stamps
    if not np.any(stamps.utc_us == UNKNOWN_UTC_US):
        return (stamps.utc_us - stamps.utc_us[0]) / 1e6
    steps_ms = np.diff(stamps.ticks_ms.astype(np.int64)) % _TICKS
    is_same_boot = np.diff(stamps.boot_id.astype(np.int64)) == 0
    return np.concatenate([[0.0], np.cumsum(np.where(is_same_boot, steps_ms, 0))]) / 1000


def range_text(course: Course) -> str:
    """What was shown in sum, for people: "71 (58 to 121) /min", "still 96 %, walk 4 %", "812 in all"."""
    if course.spec.reading in STATES:
        return ", ".join(f"{name} {100 * share:.0f} %" for name, share in course.states()[:4])
    if course.spec.reading is Reading.STEPS:
        return f"{course.total()} in all"
    middle = course.middle()
    if middle is None:
        return ""
    digits = 0 if course.spec.scale == 1 else 1
    median, low, high = (f"{value:.{digits}f}" for value in middle)
    return f"{median} ({low} to {high}) {unit_symbol(course.spec.unit)}".rstrip()
