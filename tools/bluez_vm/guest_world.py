"""An air on which the machine's adapter is too, in virtual time that waits for the machine.

The machine lives in the time of this computer. As long as it is waited for, the air's time is that too; where
nobody waits for it and it has been quiet for a while, time jumps from deed to deed as on any virtual air.
"""

import selectors
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bandsim.radio.virtual_loop import JumpingSelector
from bandsim.radio.world import BandLoop, World

QUIET_S = 0.05
"""Of a machine that has nothing to do: own choice, some times what BlueZ takes in it for one of its steps."""
ANSWER_S = 1.0
"""How long to wait for what comes of a packet: own choice, far above what it takes where a core is free."""

TURN_S = 0.01
"""How long nothing is done for the machine's sake before the bands have their turn: own choice."""


class GuestWorld(World):
    """See `World`; nothing here repeats to the microsecond, as the machine's own time passes in it."""

    def _new_loop(self) -> "_WaitingLoop":
        self._pace = _Pace()
        return _WaitingLoop(self, self._pace)

    def expect(self) -> None:
        """The machine has been given a packet: something will come of it."""
        self._pace.expect(ANSWER_S)

    @contextmanager
    def waited_for(self) -> Iterator[None]:
        """The machine does something that takes it time: the air's time is this computer's."""
        before, self._pace.is_real = self._pace.is_real, True
        try:
            yield
        finally:
            self._pace.is_real = before


class _Pace:
    """Whether time has to wait for the machine."""

    def __init__(self) -> None:
        self.is_real = False
        self._quiet_at_s = 0.0

    def expect(self, limit_s: float) -> None:
        self._quiet_at_s = time.monotonic() + limit_s

    @property
    def left_s(self) -> float:
        """Of this computer's time, that may be waited for; not above 0 when time may jump."""
        return ANSWER_S if self.is_real else self._quiet_at_s - time.monotonic()


class _WatchingSelector(JumpingSelector):
    """Tells when something has come from the machine: whatever is read in such a world is its."""

    pace: _Pace

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(timeout)
        if ready:
            self.pace.expect(QUIET_S)
        return ready

    def wait(self, limit_s: float) -> float:
        """Wait until something comes, so long at most; gives how long that took."""
        began_s = time.monotonic()
        selectors.DefaultSelector.select(self, limit_s)  # what is ready is still so at the next look
        return time.monotonic() - began_s


class _WaitingLoop(BandLoop):
    def __init__(self, world: World, pace: _Pace) -> None:
        self._pace = pace
        self._waited_s = 0.0
        super().__init__(world)

    def _new_selector(self) -> _WatchingSelector:
        self._watching = _WatchingSelector(self._pass, self._idle_s)
        self._watching.pace = self._pace
        return self._watching

    def _pass(self, duration_s: float) -> None:
        left_s = self._pace.left_s
        if left_s <= 0:
            self._waited_s = 0.0
            super()._pass(duration_s)
            return
        if self._waited_s <= 0:
            self._waited_s = self._watching.wait(min(left_s, duration_s, TURN_S))
        # The bands may stop earlier, to be heard: the rest of what was waited passes at the next turn.
        began_s = self._now_s
        super()._pass(min(duration_s, self._waited_s))
        self._waited_s -= self._now_s - began_s
