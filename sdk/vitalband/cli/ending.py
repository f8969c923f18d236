"""How a command ends that is told to."""

import signal
from types import FrameType


def end_as_by_interrupt() -> None:
    """From now on do for SIGTERM what Ctrl-C does: files are closed, and a virtual band ends with its host.

    Where Ctrl-C is ignored, as in a command that a shell runs in the background, SIGTERM is not.
    """
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(_number: int, frame: FrameType | None) -> None:
    handler = signal.getsignal(signal.SIGINT)
    if callable(handler):
        handler(signal.SIGINT, frame)
    else:
        raise KeyboardInterrupt
