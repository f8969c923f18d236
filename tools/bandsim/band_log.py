"""Lines that the firmware prints, with their virtual time."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

_KEPT_LINES = 1000


@dataclass(frozen=True)
class LogLine:
    """One line of the band's log."""

    now_us: int
    text: str

    def __str__(self) -> str:
        return f"{self.now_us / 1_000_000:.3f} s: {self.text}"


class BandLog:
    """The last lines; `listener` is told of each as it comes."""

    def __init__(self) -> None:
        self.lines: deque[LogLine] = deque(maxlen=_KEPT_LINES)
        self.listener: Callable[[LogLine], None] | None = None

    def add(self, now_us: int, text: str) -> None:
        """Take a text of one line or more."""
        for part in text.splitlines():
            line = LogLine(now_us, part)
            self.lines.append(line)
            if self.listener is not None:
                self.listener(line)

    def tail(self, count: int = 10) -> str:
        """Give the last lines as one text."""
        return "\n".join(str(line) for line in list(self.lines)[-count:])
