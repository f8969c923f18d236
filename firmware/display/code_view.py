"""The page of a host that pairs: its name, and the code to type into it, or the question for the button."""

from bandwire.frames import PAGE_HOSTS
from display import texts
from display.canvas import WIDTH, number_width
from paired_hosts import BUTTON, CODE, NOTHING


class CodeView:
    """Covers the other views as long as the wearer has something to do; no press leads there.

    `shown` is what was last drawn of this pairing (CODE, BUTTON or NOTHING): a press answers what could be
    seen, as the question may take the code's place at the moment of a press that was meant to refuse.
    """

    page = PAGE_HOSTS
    readings = ()
    is_animated = False

    def __init__(self, hosts):
        self.hosts = hosts
        self._drawn = NOTHING
        self._drawn_of = 0

    @property
    def shown(self):
        """See the class."""
        return self._drawn if self._drawn_of == self.hosts.pairings else NOTHING

    @property
    def is_wanted(self):
        """Whether there is something to show."""
        return self.hosts.wanted != NOTHING

    def draw(self, canvas):
        """Draw the name as it was given, below it the code or the question."""
        hosts = self.hosts
        self._drawn = hosts.wanted
        self._drawn_of = hosts.pairings
        canvas.bar(0, (hosts.name, ""))
        if hosts.wanted == CODE:
            canvas.large((WIDTH - number_width(hosts.code, True)) // 2, 17, hosts.code)
            canvas.bar(48, texts.PRESS_TO_REFUSE)
        elif hosts.wanted == BUTTON:
            canvas.text_center(16, texts.IF_IT_SHOWS_A_TICK[0])
            canvas.text_center(31, texts.IF_IT_SHOWS_A_TICK[1])
            canvas.bar(48, texts.PRESS_TO_LET_IN)
