"""Keeps the display up to date: at most once a second, and only when something has changed."""

from binascii import crc32

from bandwire.frames import EVENT_KIND_PAGE_SHOWN, PART_DISPLAY
from display.trend import INTERVAL_S
from hal.clock import elapsed_ms

_PERIOD_MS = 1000
_PROMPT_MS = 200
"""While the wearer answers sheet by sheet: nothing is sampled then, so that there is time for it."""
_NEVER_SHOWN = -1


class DisplayTask:
    """Draws the screen's view and sends it to the display."""

    BUDGET_PER_2_S = 1_300_000

    def __init__(self, chip, screen, core):
        self.name = "display"
        self.part = PART_DISPLAY
        self._chip = chip
        self._screen = screen
        self._table = core.table
        self._trends = core.trends
        self._status = core.status
        self._outbox = core.outbox
        self._clock = core.clock
        self._drawn_at_ms = 0
        self._drawn_version = _NEVER_SHOWN
        self._shown_crc = _NEVER_SHOWN
        self._collected_s = 0
        self._told_page = _NEVER_SHOWN

    def is_ready(self):
        """Whether the wearer or the host has changed what is to be seen, and a second has passed."""
        if self._version() == self._drawn_version:
            return False
        period_ms = _PROMPT_MS if self._screen.is_prompt else _PERIOD_MS
        return elapsed_ms(self._drawn_at_ms, self._clock.now_ms) >= period_ms

    def start(self, _now_ms):
        """Find the display and start it; OSError when it is not there."""
        self._chip.start()
        self._shown_crc = _NEVER_SHOWN
        self._drawn_version = _NEVER_SHOWN
        self._told_page = _NEVER_SHOWN

    def step(self, now_ms):
        """Collect trends, draw, and show what differs from what is shown."""
        if self._clock.uptime_s - self._collected_s >= INTERVAL_S:
            self._collected_s = self._clock.uptime_s
            self._trends.collect(self._table)
        version = self._version()
        if version != self._drawn_version or self._screen.is_animated:
            self._drawn_version = version
            self._drawn_at_ms = now_ms
            buffer = self._screen.draw()
            crc = crc32(buffer)
            if crc != self._shown_crc:
                self._chip.driver.show(buffer)
                self._shown_crc = crc
            self._tell_page()
        return _PERIOD_MS

    def _tell_page(self):
        """Tell of another page once it is on the glass; nothing before the wearer has agreed."""
        page = self._screen.drawn_page if self._status.is_agreed else _NEVER_SHOWN
        if page != self._told_page:
            self._told_page = page
            if page != _NEVER_SHOWN:
                self._outbox.send_event(EVENT_KIND_PAGE_SHOWN, PART_DISPLAY, page)

    def _version(self):
        # Each of them only rises, so their sum tells of every change.
        return (
            self._screen.version + self._screen.question_version + self._table.version + self._status.version
        )
