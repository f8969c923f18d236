"""How the firmware comes back by itself: a watchdog, a reset, and what there was to say before it."""

import machine

WATCHDOG_MS = 10_000
"""Own choice: many times the longest step of a task, and short for whoever waits for the band.

Where the port's watchdog pauses while the processor sleeps (ports/zephyr/machine_wdt.c), only a hang that
keeps it awake is ended.
"""

LAST_WORDS_FILE = "last_words"
_LONGEST_BYTES = 64


class Watchdog:
    """Resets the board when it is not fed for `WATCHDOG_MS`; of no effect on a port that has none."""

    def __init__(self):
        watchdog_of_port = getattr(machine, "WDT", None)
        self._watchdog = None if watchdog_of_port is None else watchdog_of_port(timeout=WATCHDOG_MS)

    def feed(self):
        """Say that the firmware goes on."""
        if self._watchdog is not None:
            self._watchdog.feed()


def reset_after(words, folder):
    """Keep a few words for the next start, if `folder` takes them, and reset; does not return."""
    try:
        with open(folder + LAST_WORDS_FILE, "wb") as file:
            file.write(words.encode())
    finally:
        machine.reset()


def reset():
    """Boot again; does not return."""
    machine.reset()


def last_words(folder):
    """Why the firmware was reset, bytes to tell once, kept in `folder`; empty when nothing is known of it."""
    return _kept_words(folder) or _watchdog_words()


def _kept_words(folder):
    words = b""
    try:
        with open(folder + LAST_WORDS_FILE, "rb") as file:
            words = file.read(_LONGEST_BYTES)
        if words:
            with open(folder + LAST_WORDS_FILE, "wb"):
                pass
    except OSError:  # never written, or a medium that fails: then they are told again
        return words
    return words


def _watchdog_words():
    # Not every port knows: zephyr's gives the same number for every cause.
    cause = getattr(machine, "WDT_RESET", None)
    return b"" if cause is None or machine.reset_cause() != cause else b"reset by the watchdog"
