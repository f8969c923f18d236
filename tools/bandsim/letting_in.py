"""A hand that lets a host in at a virtual band: it presses the button by what it sees on the display.

It stands for the wearer while a host is paired: it presses on to the page of hosts, opens the window when
that asks, reads the code off the pixels, and presses once more when the band asks for its button.
"""

import asyncio

from bandsim.console import Console
from bandsim.screen import Pixels
from bandsim.screen_text import shown_number, shows_text

LOOK_MS = 500
"""How often it looks: the display is drawn anew twice a second (own choice)."""
NEXT_MS = 1500
"""How long it looks at a page before it goes on."""
LIMIT_S = 180
"""As long as a person would try: above what a pairing waits for (`vitalband.securing`)."""
CODE_DIGITS = 6
_HOSTS, _ASKS_TO_PAIR, _ASKS_TO_LET_IN = "Hosts", "Let a host in?", "A tick there?"
_PRESS, _NEXT = "Press:", "Press: next"
"""Words of the firmware's pages (`display.texts`)."""


class LettingIn:
    """Begins at once and ends when a host was let in, or after `LIMIT_S`; on the band's own time."""

    def __init__(self, console: Console) -> None:
        self.code: str | None = None
        """What the display has shown to be typed."""
        self.is_over = False
        self._console = console
        self._ends_s = console.now_s + LIMIT_S
        self._came_s = console.now_s
        self._look_later()

    async def read_code(self) -> str | None:
        """The code, as soon as the display shows it; None when it never does."""
        while self.code is None and not self.is_over:
            await asyncio.sleep(0)
        return self.code

    def _look_later(self) -> None:
        due_us = self._console.conductor.now_us + LOOK_MS * 1000
        self._console.conductor.timeline.at(due_us, self._look)

    def _look(self) -> None:
        console = self._console
        pixels = console.pixels()
        if console.now_s >= self._ends_s:
            self.is_over = True
            return
        code = shown_number(pixels, CODE_DIGITS)
        if code is not None:
            self.code = code
        elif self.code is not None and shows_text(pixels, _ASKS_TO_LET_IN):
            console.press_button()
            self.is_over = True
            return
        elif shows_text(pixels, _ASKS_TO_PAIR):
            # A second press, while the display has not followed the first, would refuse the host.
            self._press_on()
        elif not shows_text(pixels, _HOSTS) and not _asks(pixels):
            self._press_on()
        self._look_later()

    def _press_on(self) -> None:
        if self.code is None and self._console.now_s - self._came_s >= NEXT_MS / 1000:
            self._press()

    def _press(self) -> None:
        self._came_s = self._console.now_s
        self._console.press_button()


def _asks(pixels: Pixels) -> bool:
    """Whether a press would answer something that is not this hand's to answer."""
    return shows_text(pixels, _PRESS) and not shows_text(pixels, _NEXT)
