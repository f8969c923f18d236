"""Ends what has its time: a pause after an hour, an agreement with the term that its issuer stated.

A boot whose numbers have run out ends too: the next begins without a start, and is told what is in force.
"""

from bandwire.frames import PART_NONE

_PERIOD_MS = 5000


class TermTask:
    """Looks every few seconds. `on_over()` is called when an agreement has ended."""

    BUDGET_PER_2_S = 20_000

    def __init__(self, consent, core, on_over):
        self.name = "term"
        self.part = PART_NONE
        self._consent = consent
        self._issued = core.issued
        self._storage = core.storage
        self._status = core.status
        self._clock = core.clock
        self._utc = core.utc
        self._log = core.log
        self._on_over = on_over
        self._numbering = core.numbering
        self._boot_id = core.numbering.boot_id

    def start(self, _now_ms):
        """Nothing to begin."""

    def step(self, _now_ms):
        """End what is over."""
        if self._boot_id != self._numbering.boot_id:
            self._boot_id = self._numbering.boot_id
            self._consent.tell()
        paused_until_s = self._status.paused_until_s
        if paused_until_s and self._clock.uptime_s >= paused_until_s:
            self._consent.resume()
        if self._status.is_agreed and self._is_over():
            self._consent.end()
            self._on_over()
        return _PERIOD_MS

    def _is_over(self):
        """By the clock where a host has told it, else by the time with power since the wearer agreed."""
        issuance = self._issued.issuance
        if issuance is None or not issuance.end_unix_s:
            return False
        if self._utc.is_told:
            return self._utc.unix_s_at(self._clock.uptime_s) >= issuance.end_unix_s
        if not self._log.is_ready:
            return False
        powered_s = self._log.powered_s - self._storage.agreed_at_s
        return powered_s >= issuance.end_unix_s - issuance.start_unix_s
