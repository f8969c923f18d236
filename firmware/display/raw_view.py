"""What is seen now and then while raw samples are sent."""

from bandwire.frames import PAGE_RAW_SIGNAL
from display import texts

EVERY_S = 30
SHOWN_S = 3
"""Own choices: often enough that nobody wears the band for a minute without its being seen; each time is an
event in the journal, 8 KB an hour.
"""


class RawSignalView:
    """Says that the raw signal is being sent."""

    page = PAGE_RAW_SIGNAL
    readings = ()
    is_animated = False

    def draw(self, canvas):
        """Draw it; nothing of it changes."""
        for line in range(4):
            canvas.text_center(16 * line, texts.RAW_SIGNAL_IS_SENT[line])
