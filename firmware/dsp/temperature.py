"""Skin temperature: unit, and whether it has settled after the band was put on."""

from array import array

SETTLED_SPAN_S = 60
"""How long the skin temperature must have been steady; choice of this project."""

SETTLED_CHANGE_CC = 25
"""Largest change over the span that counts as steady, in 1/100 C; choice of this project."""

_STEP_S = 2
_KEPT = SETTLED_SPAN_S // _STEP_S


def hundredths(raw_128):
    """1/100 C from the thermometer's 1/128 C, rounded to nearest."""
    return (raw_128 * 25 + 16) // 32


class Settling:
    """Tells when skin temperature is steady; one `push` every 2 s, nothing allocated after that."""

    def __init__(self):
        self._ring = array("h", bytes(2 * _KEPT))
        self.restart()

    def restart(self):
        """Forget the past, as when the band is put on."""
        self._count = 0

    def push(self, temperature_cc):
        """Take a temperature in 1/100 C; True when it has settled."""
        place = self._count % _KEPT
        oldest = self._ring[place]
        self._ring[place] = temperature_cc
        self._count += 1
        return self._count > _KEPT and abs(temperature_cc - oldest) <= SETTLED_CHANGE_CC
