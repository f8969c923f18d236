"""A firmware that does nothing but wait, ten times a second."""

import select

_PERIOD_MS = 100


def run(_board_name):
    """Wait; returns never."""
    poll = select.poll()
    while True:
        poll.ipoll(_PERIOD_MS)
