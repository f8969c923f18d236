"""The page on which the wearer pauses for an hour, or goes on before it is over."""

from bandwire.frames import PAGE_PAUSE
from display import texts
from display.asked_view import AskedView

READ_S = 3
"""Until it asks: two lines are read in that time, and who passes by presses sooner. Own choice."""


class PauseView(AskedView):
    """Says how long the pause still lasts; asks once it was read."""

    page = PAGE_PAUSE
    readings = ()
    is_animated = True

    def __init__(self, status, clock):
        AskedView.__init__(self, clock, READ_S)
        self._status = status

    def is_asking(self):
        """Whether a press pauses, or goes on, now."""
        return self._status.is_agreed and self.is_time_to_ask()

    def draw(self, canvas):
        """Draw the state, and what the button does."""
        status = self._status
        left_s = status.paused_until_s - self.clock.uptime_s
        if status.paused_until_s:
            canvas.pair(0, texts.PAUSED)
            canvas.medium(52, 22, str(max(left_s + 59, 0) // 60))
            canvas.text_right(128, 26, "min")
        else:
            canvas.text_center(0, texts.PAUSE_1_HOUR[0])
            canvas.text_center(15, texts.PAUSE_1_HOUR[1])
            canvas.pair(31, texts.NOTHING_MEASURED if status.is_agreed else texts.AGREE_FIRST)
        if not self.is_asking():
            canvas.bar(48, texts.PRESS_FOR_NEXT)
        else:
            canvas.bar(48, texts.PRESS_TO_GO_ON if status.paused_until_s else texts.PRESS_TO_PAUSE)
