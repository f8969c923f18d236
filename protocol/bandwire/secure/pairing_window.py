"""When a band may be paired: the wearer opens a window, and each pairing that begins in it counts."""

from bandwire.frames import REFUSAL_NO_TRIES, REFUSAL_NO_WINDOW
from bandwire.secure.secure_session import TICKS_MASK

WINDOW_MS = 60_000
"""To find the band in an app and to start; a choice of this design."""
TRIES = 3
"""Pairings that may begin in a window. Each is one chance in a million for who stands between, who learns the
band's code before the wearer does: so those count that begin, not those that show a code."""


class PairingWindow:
    """Closed until the wearer opens it, and again once a code is shown. It outlives connections."""

    def __init__(self) -> None:
        self._tries = 0
        self._is_open = False
        self._opened_ms = 0

    def open(self, now_ms: int) -> None:
        """The wearer wants a host to be paired."""
        self._is_open = True
        self._tries = TRIES
        self._opened_ms = now_ms

    def close(self) -> None:
        """No more: a code is shown, or the wearer does not want it any longer."""
        self._is_open = False

    def is_open(self, now_ms: int) -> bool:
        """Whether a pairing may begin, tries left aside."""
        if self._is_open and (now_ms - self._opened_ms & TICKS_MASK) >= WINDOW_MS:
            self._is_open = False
        return self._is_open

    def take_try(self, now_ms: int) -> int:
        """A pairing begins: 0, or the `REFUSAL_...`."""
        if not self.is_open(now_ms):
            return REFUSAL_NO_WINDOW
        if self._tries == 0:
            return REFUSAL_NO_TRIES
        self._tries -= 1
        return 0
