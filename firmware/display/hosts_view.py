"""The page of paired hosts: who they are, what the button can do about it, and the question whether to.

A sheet for each host and one for what can be done. They turn by themselves, so that whoever is asked has had
the time to read them; who goes on at once by the button is not asked. Forgetting all is asked twice.
"""

from bandwire.frames import HOST_RIGHT_OWNER, PAGE_HOSTS
from display import texts
from display.asked_view import ASK_S

_SHEET_S = 3
_NEVER = -1


class HostsView:
    """Asks only whom the button has brought here (`begin_question`): a host that shows the page does not."""

    page = PAGE_HOSTS
    readings = ()
    is_animated = True

    def __init__(self, hosts, clock):
        self.hosts = hosts
        self.is_asking_again = False
        self._clock = clock
        self._came_s = _NEVER

    @property
    def read_s(self):
        """Until it asks: every sheet was seen once."""
        return _SHEET_S * (max(self.hosts.keys.count, 1) + 1)

    def begin_question(self):
        """The wearer comes to the page: ask when it was read."""
        self._came_s = self._clock.uptime_s
        self.is_asking_again = False

    def ask_again(self):
        """The wearer wants all forgotten: ask whether that is so, from now on."""
        self._came_s = self._clock.uptime_s - self.read_s
        self.is_asking_again = True

    def end_question(self):
        """Ask no more."""
        self._came_s = _NEVER
        self.is_asking_again = False

    def is_asking(self):
        """Whether a press opens the window now, or forgets all."""
        hosts = self.hosts
        if self._came_s == _NEVER or hosts.window_s or not (hosts.may_open or hosts.keys.count):
            return False
        return self.read_s <= self._clock.uptime_s - self._came_s < self.read_s + ASK_S

    def draw(self, canvas):
        """Draw the sheet of this second, or the question, or how long the window is open."""
        if self.hosts.window_s:
            self._draw_window(canvas)
        elif self.is_asking():
            self._draw_question(canvas)
            return
        else:
            self._draw_sheet(canvas)
        canvas.bar(48, texts.PRESS_FOR_NEXT)

    def _draw_window(self, canvas):
        canvas.bar(0, texts.HOSTS)
        canvas.pair(16, texts.PAIRING_OPEN)
        canvas.text_center(31, str(self.hosts.window_s) + " s")

    def _draw_question(self, canvas):
        if self.hosts.may_open:
            question, action = texts.ASKS_TO_PAIR, texts.PRESS_TO_PAIR
        else:
            question = texts.ASKS_TO_FORGET_FOR_GOOD if self.is_asking_again else texts.ASKS_TO_FORGET
            action = texts.PRESS_TO_FORGET
        canvas.text_center(8, question[0])
        canvas.text_center(26, question[1])
        canvas.bar(48, action)

    def _draw_sheet(self, canvas):
        canvas.bar(0, texts.HOSTS)
        came_s = self._came_s if self._came_s != _NEVER else 0
        count = self.hosts.keys.count
        sheet = (self._clock.uptime_s - came_s) // _SHEET_S % (max(count, 1) + 1)
        if sheet < count:
            self._draw_host(canvas, sheet)
        elif sheet < max(count, 1):
            canvas.pair(24, texts.NO_HOST)
        else:
            explained = texts.MAY_PAIR if self.hosts.may_open else texts.FORGETTING_ERASES
            canvas.text_center(16, explained[0])
            canvas.text_center(31, explained[1])

    def _draw_host(self, canvas, at):
        keys = self.hosts.keys
        for slot in range(keys.slots):
            if not keys.key_of(slot):
                continue
            if at == 0:
                canvas.text(0, 16, keys.name_of(slot))
                is_owner = keys.right_of(slot) == HOST_RIGHT_OWNER
                canvas.pair(31, texts.OWNER if is_owner else texts.READER)
                return
            at -= 1
