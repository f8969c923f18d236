"""The door of the self-test: lets one run in when a host asks, and keeps nothing of it.

The run and its page are imported when they are wanted and let go of afterwards: a band that is worn tests
itself seldom, and its heap is for what it does every second.
"""

import sys

from bandwire.frames import RESULT_BAD_ARGUMENT, RESULT_BUSY, RESULT_NOT_AVAILABLE, RESULT_OK

_LENT_MODULES = ("tasks.self_test_run", "tasks.self_test_probe", "display.self_test_view")
_HIGHEST_RUN_ID = 0xFFFF


class SelfTest:
    """Begins and ends a run; `core` is the band's `Core`, `chips` its `Chips`."""

    def __init__(self, core, chips, collection, screen, haptics):
        self.core = core
        self.chips = chips
        self.collection = collection
        self.screen = screen
        self.haptics = haptics
        self._run = None

    def begin(self, run_id):
        """Ask the wearer for a press; gives a `RESULT_...`."""
        if not 0 <= run_id <= _HIGHEST_RUN_ID:
            return RESULT_BAD_ARGUMENT
        if self._run is not None:
            return RESULT_BUSY
        try:
            from tasks.self_test_run import SelfTestRun

            self._run = SelfTestRun(self, run_id)
        except MemoryError:
            # What the band does otherwise goes on, which it would not if its link failed here.
            _forget_modules()
            return RESULT_NOT_AVAILABLE
        self.core.scheduler.add(self._run, self._run.is_ready)
        return RESULT_OK

    def take_press(self):
        """A short press: True when it was one for the self-test."""
        if self._run is None:
            return False
        self._run.take_press()
        return True

    def end(self):
        """End a run before its end, if there is one."""
        if self._run is not None:
            self._run.end()

    def let_go(self):
        """The run is over: forget it, and the code that it needed."""
        self.core.scheduler.remove(self._run)
        self._run = None
        _forget_modules()


def _forget_modules():
    for name in _LENT_MODULES:
        package, _, module = name.partition(".")
        if sys.modules.pop(name, None) is not None and hasattr(sys.modules[package], module):
            delattr(sys.modules[package], module)
