"""Keeps a chip stopped while nobody has agreed that it runs."""

_IDLE_MS = 600_000
"""Now and then again: a chip that was plugged in late, or lost its power, is stopped too."""


class QuietTask:
    """Stops one chip; one that does not answer is a fault, and is tried again."""

    BUDGET_PER_2_S = 20_000

    def __init__(self, chip, part):
        self.name = "quiet"
        self.part = part
        self._chip = chip

    def start(self, _now_ms):
        """Nothing to begin."""

    def step(self, _now_ms):
        """Stop the chip; OSError when it does not answer."""
        self._chip.quiet()
        return _IDLE_MS
