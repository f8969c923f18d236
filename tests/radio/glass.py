"""What the wearer reads on a band's display."""

from types import SimpleNamespace

import numpy as np

from bandsim.radio.air_band import AirBand
from display.canvas import Canvas
from display.passkey_view import PasskeyView

_DIGITS = 6
_TOP, _BOTTOM = 16, 47


def _picture(passkey: int) -> np.ndarray:
    canvas = Canvas()
    PasskeyView(SimpleNamespace(passkey=passkey)).draw(canvas)
    columns = np.frombuffer(canvas.buffer, np.uint8).reshape(8, 128)
    return np.unpackbits(columns[:, np.newaxis, :], axis=1, bitorder="little").reshape(64, 128).astype(bool)


def passkey_on(band: AirBand) -> int:
    """The six digits on the display, read one by one; AssertionError when it shows no passkey."""
    glass = band.console.pixels()
    blank = _picture(0)
    assert (glass[:_TOP] == blank[:_TOP]).all(), "no passkey is shown"
    read = 0
    for place in range(_DIGITS):
        step = 10 ** (_DIGITS - 1 - place)
        fitting = [digit for digit in range(10) if _fits(glass, _picture(read + digit * step), place)]
        assert len(fitting) == 1, f"digit {place} is none"
        read += fitting[0] * step
    assert (glass == _picture(read)).all()
    return read


def _fits(glass: np.ndarray, picture: np.ndarray, place: int) -> bool:
    columns = slice(2 + 21 * place, 2 + 21 * place + 18)
    return bool((glass[_TOP:_BOTTOM, columns] == picture[_TOP:_BOTTOM, columns]).all())
