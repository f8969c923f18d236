"""What a demo run leaves: for every vitals frame the band's readings beside the reference."""

from dataclasses import dataclass, field

from bandschema.enums import AlertLevel, Contact
from bandschema.enums import Reading as ReadingId
from bandschema.readings import SLEEP_DELAY_S
from bandsim.stimulus import Stimulus, Truth
from vitalband.alerts import Alert
from vitalband.values import Reading, VitalsUpdate

_WINDOW_S = {ReadingId.HEART_RATE_BPM: 8, ReadingId.RESPIRATORY_RATE_BPM: 32, ReadingId.SPO2_PERCENT: 8}
"""Seconds that a reading looks back: its reference is the mean over the same seconds."""

_SLEEP_EPOCH_S = 30
REFERENCE_OF = {
    ReadingId.HEART_RATE_BPM: "heart_rate_bpm",
    ReadingId.RESPIRATORY_RATE_BPM: "respiratory_rate_bpm",
    ReadingId.SPO2_PERCENT: "spo2_percent",
    ReadingId.SKIN_TEMPERATURE_C: "skin_temperature_c",
    ReadingId.CORE_TEMPERATURE_ESTIMATE_C: "core_temperature_c",
    ReadingId.SYSTOLIC_MMHG: "systolic_mmhg",
    ReadingId.DIASTOLIC_MMHG: "diastolic_mmhg",
    ReadingId.STEPS: "steps",
    ReadingId.ACTIVITY: "activity",
    ReadingId.SLEEP_STAGE: "sleep_stage",
}
"""Readings that a reference can speak of, by the names of `Truth`."""


@dataclass(frozen=True, slots=True)
class Point:
    """One reading at band time `t_s`, and the reference for the same stretch; None is unknown."""

    t_s: float
    reading: Reading
    reference: float | None


@dataclass(slots=True)
class DemoLog:
    """Points by reading, alerts with their time, and contact."""

    stimulus: Stimulus
    points: dict[ReadingId, list[Point]] = field(default_factory=dict[ReadingId, list[Point]])
    alerts: list[tuple[float, Alert]] = field(default_factory=list[tuple[float, Alert]])
    contacts: list[tuple[float, Contact]] = field(default_factory=list[tuple[float, Contact]])
    duration_s: float = 0.0
    _truths: list[Truth] = field(default_factory=list[Truth])

    @property
    def raised(self) -> list[tuple[float, Alert]]:
        """Alerts that were raised, without those that say that all is well again."""
        return [(t_s, alert) for t_s, alert in self.alerts if alert.level != AlertLevel.CLEAR]

    def take(self, update: VitalsUpdate) -> None:
        """Take an update; its band time is the tick of its frame."""
        t_s = update.stamp.ticks_ms / 1000
        self.duration_s = t_s
        self.contacts.append((t_s, Contact(update.contact)))
        for reading in update:
            if reading.reading_id in REFERENCE_OF:
                point = Point(t_s, reading, self._reference(reading.reading_id, t_s))
                self.points.setdefault(reading.reading_id, []).append(point)

    def _reference(self, reading_id: ReadingId, t_s: float) -> float | None:
        name = REFERENCE_OF[reading_id]
        window_s = _WINDOW_S.get(reading_id)
        if window_s is None:
            back_s = SLEEP_DELAY_S + _SLEEP_EPOCH_S / 2 if reading_id is ReadingId.SLEEP_STAGE else 0.0
            second = max(0, int(t_s - back_s))
            value = getattr(self._truths_until(second + 1)[second], name)
            return None if value is None else float(value)
        stop_s = round(t_s)
        seconds = self._truths_until(stop_s)[max(0, stop_s - window_s) : stop_s]
        values = [getattr(truth, name) for truth in seconds]
        known = [value for value in values if value is not None]
        # A mean over less than half of the window would stand for something else.
        return sum(known) / len(known) if 2 * len(known) > len(values) else None

    def _truths_until(self, stop_s: int) -> list[Truth]:
        """The truths in the middle of each second, kept: readings of one second and windows share them."""
        for second in range(len(self._truths), stop_s):
            self._truths.append(self.stimulus.truth(second + 0.5))
        return self._truths
