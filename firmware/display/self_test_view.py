"""The page of the self-test: it asks for a press, says that it runs, and shows the pattern."""

from bandwire.frames import PAGE_SELF_TEST
from display import texts

_STATE_ASKS = 0
_STATE_RUNS = 1
_STATE_PATTERN = 2
_COLUMNS = 8
_DARK_PAGE = bytes(_COLUMNS)
_LIT_PAGE = b"\xff" * _COLUMNS


class SelfTestView:
    """Covers the other views while a self-test waits for the wearer or runs."""

    page = PAGE_SELF_TEST
    readings = ()
    is_animated = True

    def __init__(self, clock):
        self._clock = clock
        self._state = _STATE_ASKS

    def show_running(self):
        """Say that it runs."""
        self._state = _STATE_RUNS

    def show_pattern(self):
        """Show a chessboard that turns over every second: each pixel is lit in turn."""
        self._state = _STATE_PATTERN

    def draw(self, canvas):
        """Draw what the state asks for."""
        if self._state == _STATE_PATTERN:
            _draw_chessboard(canvas.buffer, self._clock.uptime_s & 1)
            return
        canvas.bar(0, texts.SELF_TEST)
        canvas.pair(16, texts.RESULTS_ONLY)
        if self._state == _STATE_ASKS:
            canvas.pair(32, texts.LAY_AND_COVER)
            canvas.bar(48, texts.PRESS_TO_BEGIN)
        else:
            canvas.pair(32, texts.TESTING)
            canvas.bar(48, texts.HOLD_TO_STOP)


def _draw_chessboard(buffer, parity):
    for at in range(0, len(buffer), _COLUMNS):
        is_lit = (at // _COLUMNS + at // 128 + parity) & 1
        buffer[at : at + _COLUMNS] = _LIT_PAGE if is_lit else _DARK_PAGE
