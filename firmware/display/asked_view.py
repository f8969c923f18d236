"""A view that asks something, once it was read and only for a while, whom the button has brought to it."""

ASK_S = 10
"""It asks for so long, then no more until the wearer comes anew: own choice."""
_NEVER = -1


class AskedView:
    """Whom a host shows the page is not asked: only `begin_question` begins. `read_s` is the time to read."""

    def __init__(self, clock, read_s):
        self.clock = clock
        self._read_s = read_s
        self._came_s = _NEVER

    def begin_question(self):
        """The wearer comes to the page: ask when it was read."""
        self._came_s = self.clock.uptime_s

    def end_question(self):
        """Ask no more."""
        self._came_s = _NEVER

    def is_time_to_ask(self):
        """Whether the wearer has had the time to read, and not left since."""
        since_s = self.clock.uptime_s - self._came_s
        return self._came_s != _NEVER and self._read_s <= since_s < self._read_s + ASK_S

    def seconds_here(self):
        """Since the wearer came; since the start where nobody has."""
        return self.clock.uptime_s - max(self._came_s, 0)
