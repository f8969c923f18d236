"""Computes the vital signs and keeps them as frames."""

from bandwire.frames import (
    CONTACT_OFF_WRIST,
    CONTACT_ON_WRIST,
    EVENT_KIND_NOT_WORN,
    EVENT_KIND_WORN,
    PART_MOTION,
    PART_NONE,
    PART_OPTICAL,
    PART_THERMOMETER,
)

PERIOD_MS = 2000
"""50 optical samples; the interval of the readings in the manifest."""

_KNOWN_CONTACTS = (CONTACT_OFF_WRIST, CONTACT_ON_WRIST)
"""Made once: a tuple of names within a step would be made anew in each."""


class VitalsTask:
    """One step of the engine, one update kept, and events when the band is put on or taken off."""

    BUDGET_PER_2_S = 11_000_000

    def __init__(self, vitals, journal, core):
        self.name = "vitals"
        self.part = PART_NONE
        self._vitals = vitals
        self._journal = journal
        self._clock = core.clock
        self._outbox = core.outbox
        self._status = core.status
        self._worn = CONTACT_OFF_WRIST
        self._is_first = True

    def start(self, _now_ms):
        """Begin afresh, with the faults that are known."""
        self._vitals.start()
        for part in (PART_OPTICAL, PART_MOTION, PART_THERMOMETER):
            if self._status.has_fault(part):
                self._vitals.on_fault(part, True)
        self._is_first = True

    def step(self, _now_ms):
        """Compute and keep; the first call only lets the first samples come."""
        if self._is_first:
            self._is_first = False
            return PERIOD_MS
        self._vitals.step(self._clock.uptime_s)
        self._journal.keep_vitals(self._tell_worn(self._vitals.table.contact))
        return PERIOD_MS

    def _tell_worn(self, contact):
        """Whether the band was put on or taken off, which an event tells."""
        if contact not in _KNOWN_CONTACTS or contact == self._worn:
            return False
        self._worn = contact
        self._outbox.send_event(EVENT_KIND_WORN if contact == CONTACT_ON_WRIST else EVENT_KIND_NOT_WORN)
        return True
