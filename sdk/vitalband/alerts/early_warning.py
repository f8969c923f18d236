"""Early warning: a state machine that turns readings into alerts, and says when nobody is watching.

    what comes in                              | outcome
    -------------------------------------------|------------------------------------------------
    NEWS2 level of the measured parts rises    | raised after `raise_after_ms` without a break
    skin at rest is too warm for this wearer   | WATCH at least, cause THRESHOLD (`alerts.skin`)
    it falls                                   | lowered after `clear_after_ms` without a break
    a watched reading goes missing             | nothing is lowered: what is not seen is not better
    band off the wrist, link lost              | FAULT at once, cause OFF_WRIST or LINK_LOST
    no update for `stale_after_ms`, and for as | FAULT, cause STALE
    long as the band was asked to gather them  |
    a watched reading missing all the while    | FAULT after `fault_after_ms`, with its own cause
    measured parts alone reach WARNING         | they win over a missing reading: what is seen to
                                               | be wrong is not hidden by what is not seen

Watched are the required readings and, while the level is above CLEAR, each that has had points in it.
One that had none, or never came (no cuff), may go missing. A FAULT ends when every watched reading is
there again, or when the measured parts alone reach WARNING.

FAULT is no level of illness: it says that the other levels cannot be trusted. Nothing here knows a
clock: the caller passes milliseconds of one monotonic clock, with an update those of its making, so that
several that come in one frame are judged as if each had come by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bandschema.enums import Activity, AlertLevel, Cause, Contact, Validity
from bandschema.enums import Reading as ReadingId
from bandschema.readings import BY_READING
from vitalband.alerts.news2 import READING_OF, Score, news2_score, scorable_value
from vitalband.alerts.skin import SkinBaseline, SkinFinding
from vitalband.values import Reading, VitalsUpdate, words


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyWarningSettings:
    """Times of the state machine, in milliseconds. Chosen, not clinical: they only bound how fast an
    alert may come and go, and how long a reading may be missing before somebody is told."""

    raise_after_ms: int = 10_000
    clear_after_ms: int = 60_000
    fault_after_ms: int = 60_000
    stale_after_ms: int = 30_000
    required: tuple[ReadingId, ...] = (ReadingId.HEART_RATE_BPM, ReadingId.SPO2_PERCENT)


@dataclass(frozen=True, slots=True)
class Alert:
    """An outcome of early warning: level, cause, the reading concerned and the score behind it.

    `at_ms` is when it arose on the caller's monotonic clock: when the update was made that decided it.
    """

    level: AlertLevel
    cause: Cause
    reading: Reading | None
    reading_id: ReadingId | None
    score: Score
    at_ms: int

    @property
    def message(self) -> str:
        """One line for people; `score.missing` names what the score is without."""
        if self.level is AlertLevel.FAULT:
            cause = words(self.cause)
            if self.reading_id is None:
                return f"FAULT: not watching, {cause}"
            return f"FAULT: not watching, {BY_READING[self.reading_id].name_en.lower()} unknown ({cause})"
        return f"{self.level.name}: {self.score.summary}"


@dataclass(frozen=True, slots=True)
class _Held:
    """The score on its way to be given, and since when its level has held."""

    score: Score
    is_rising: bool
    since_ms: int


@dataclass(slots=True)
class EarlyWarning:
    """Fed with updates, gives an `Alert` whenever level or cause of the outcome changes.

    `current` is the last alert given; before the first one, None. `skin` is what is known of the wearer's
    usual skin temperature: one that was kept from before knows it at once. `gathering_ms` is how long the
    band gathers updates before it sends them (`Band.set_report_interval`), 0 when it sends each at once.
    """

    settings: EarlyWarningSettings = field(default_factory=EarlyWarningSettings)
    current: Alert | None = None
    skin: SkinBaseline = field(default_factory=SkinBaseline)
    gathering_ms: int = 0
    _held: "_Held | None" = None
    _raised_by: frozenset[ReadingId] = frozenset()
    _missing_since_ms: dict[ReadingId, int] = field(default_factory=dict[ReadingId, int])
    _last_update_ms: int | None = None
    _latest: Mapping[ReadingId, Reading] = field(default_factory=dict[ReadingId, Reading])

    def feed(self, update: VitalsUpdate, now_ms: int) -> Alert | None:
        """Take in one update, made at `now_ms`; repaired (backfilled) ones are history, not news.

        One made before the last alert counts as made with it, as it was not known by then.
        """
        if update.stamp.is_backfilled:
            return None
        if self.current is not None:
            now_ms = max(now_ms, self.current.at_ms)
        self._last_update_ms = now_ms
        self._latest = update.readings
        if update.contact is Contact.OFF_WRIST:
            return self._fault(Cause.OFF_WRIST, None, now_ms)
        score = replace(news2_score(update.readings), skin=self._judge_skin(now_ms))
        self._note_missing(now_ms)
        if self._missing_since_ms:
            is_seen = score.level >= AlertLevel.WARNING
            lasting = self._lasting(now_ms)
            if lasting is not None and not is_seen:
                return self._fault(_cause_of(update.readings.get(lasting)), lasting, now_ms)
            if score.level < self._shown_level() or (self._is_fault() and not is_seen):
                if self._held is not None and self._held.is_rising:
                    self._held = None
                return None
        return self._settle(score, now_ms)

    def lose_link(self, now_ms: int) -> Alert | None:
        """The link went away: nobody is watching."""
        return self._fault(Cause.LINK_LOST, None, now_ms)

    def poll(self, now_ms: int) -> Alert | None:
        """Called now and then while nothing comes: notices that the readings are stale."""
        if self._last_update_ms is None:
            self._last_update_ms = now_ms
        is_lost = self.current is not None and self.current.cause is Cause.LINK_LOST
        if is_lost or now_ms - self._last_update_ms < self.settings.stale_after_ms + self.gathering_ms:
            return None
        return self._fault(Cause.STALE, None, now_ms)

    def _judge_skin(self, now_ms: int) -> SkinFinding | None:
        skin_c = scorable_value(self._latest, ReadingId.SKIN_TEMPERATURE_C)
        is_still = scorable_value(self._latest, ReadingId.ACTIVITY) == Activity.STILL
        return self.skin.feed(skin_c, is_still, now_ms)

    def _note_missing(self, now_ms: int) -> None:
        watched = dict.fromkeys((*self.settings.required, *sorted(self._raised_by)))
        self._missing_since_ms = {
            reading_id: self._missing_since_ms.get(reading_id, now_ms)
            for reading_id in watched
            if scorable_value(self._latest, reading_id) is None
        }

    def _lasting(self, now_ms: int) -> ReadingId | None:
        """The first watched reading that has been missing too long."""
        for reading_id, since_ms in self._missing_since_ms.items():
            if now_ms - since_ms >= self.settings.fault_after_ms:
                return reading_id
        return None

    def _note_raised_by(self, score: Score) -> None:
        scored = (READING_OF[parameter] for parameter, points in score.points.items() if points)
        skin = () if score.skin is None else (ReadingId.SKIN_TEMPERATURE_C,)
        self._raised_by = self._raised_by.union(scored, skin)

    def _fault(self, cause: Cause, reading_id: ReadingId | None, now_ms: int) -> Alert | None:
        self._held = None
        return self._give(AlertLevel.FAULT, cause, reading_id, news2_score({}), now_ms)

    def _settle(self, score: Score, now_ms: int) -> Alert | None:
        shown = self._shown_level()
        is_fault = self._is_fault()
        if shown > AlertLevel.CLEAR:
            self._note_raised_by(score)
        if score.level == shown and not is_fault:
            self._held = None
            return None
        is_rising = score.level > shown or is_fault
        since_ms = now_ms
        if self._held is not None and self._held.is_rising == is_rising:
            # What held all the while: the lowest level on the way up, the highest on the way down.
            extreme = min if is_rising else max
            score = extreme(score, self._held.score, key=lambda one: one.level)
            since_ms = self._held.since_ms
        self._held = _Held(score, is_rising, since_ms)
        hold_ms = self.settings.raise_after_ms if is_rising else self.settings.clear_after_ms
        if now_ms - since_ms < hold_ms:
            return None
        self._held = None
        if score.level is AlertLevel.CLEAR:
            self._raised_by = frozenset()
        self._note_raised_by(score)
        cause = Cause.NONE if score.level is AlertLevel.CLEAR else Cause.SCORE
        if score.skin is not None and not score.total:
            cause = Cause.THRESHOLD
        return self._give(score.level, cause, _concerned(score), score, now_ms)

    def _is_fault(self) -> bool:
        return self.current is not None and self.current.level is AlertLevel.FAULT

    def _shown_level(self) -> AlertLevel:
        # After a FAULT the level starts anew from CLEAR, so that an illness is raised, not lowered to.
        if self.current is None or self._is_fault():
            return AlertLevel.CLEAR
        return self.current.level

    def _give(
        self, level: AlertLevel, cause: Cause, reading_id: ReadingId | None, score: Score, now_ms: int
    ) -> Alert | None:
        last = self.current
        if last is not None and (last.level, last.cause) == (level, cause) and last.reading_id == reading_id:
            return None
        reading = None if reading_id is None else self._latest.get(reading_id)
        self.current = Alert(level, cause, reading, reading_id, score, now_ms)
        return self.current


def _cause_of(reading: Reading | None) -> Cause:
    """Why a reading cannot be scored; a band that names no cause has its validity for one.

    A valid one that is not scored is a cuff reading that is no longer fresh.
    """
    if (
        reading is None
        or reading.is_valid
        or (reading.cause is Cause.NONE and reading.validity is Validity.STALE)
    ):
        return Cause.STALE
    return Cause.LOW_CONFIDENCE if reading.cause is Cause.NONE else reading.cause


def _concerned(score: Score) -> ReadingId | None:
    if score.worst is not None:
        return READING_OF[score.worst]
    return None if score.skin is None else ReadingId.SKIN_TEMPERATURE_C
