"""A developer's board worn by a scenario's wearer, in real time: `vitalband board rest`.

The scenario's time begins when the firmware first uses a pin or a chip, and then goes with the wall clock.
"""

import select
import threading
import time
from collections.abc import Callable

from bandsim.board_lane import BoardLane, BoardLink
from bandsim.console_server import ConsoleServer
from bandsim.dev_board import BoardSettings
from bandsim.scenario import Scenario
from bandsim.virtual_band import VirtualBand

LONGEST_WAIT_S = 0.05
"""How late a stop may be noticed."""

_ANY_PORT = "127.0.0.1:0"


class LiveBoard:
    """Serves the chips and pins of one board, with a test console beside it, in one thread."""

    def __init__(
        self,
        scenario: Scenario,
        settings: BoardSettings | None = None,
        *,
        console_address: str = _ANY_PORT,
        wall_s: Callable[[], float] = time.monotonic,
    ) -> None:
        lane = BoardLane(scenario.board, settings)
        self.band = VirtualBand(scenario, lane=lane, link=BoardLink())
        self.console_server = ConsoleServer(self.band.console, console_address)
        self._lane = lane
        self._wall_s = wall_s
        self._start_wall_s: float | None = None
        self._is_told = False

    @property
    def prompt_url(self) -> str:
        """Where the prompt is."""
        return self._lane.board.prompt_url

    @property
    def frames_url(self) -> str:
        """Where the frames' UART is."""
        return self._lane.board.frames_url

    @property
    def emulator_pid(self) -> int | None:
        """The emulator's process, None while the board is off."""
        return self._lane.board.emulator_pid

    def serve(self, stop: threading.Event | None = None) -> None:
        """Run to the scenario's end, or until `stop` is set; raises FirmwareError when the emulator ends."""
        band = self.band
        band.start()
        while not band.is_at_end and not (stop and stop.is_set()):
            band.conductor.keep_to(self._now_us())
            self._tell_pins()
            self.console_server.turn()
            self._wait()

    def close(self) -> None:
        """Switch the board off for good and close the console."""
        self.console_server.close()
        self.band.close()

    def _now_us(self) -> int:
        if self._start_wall_s is None:
            if self.band.conductor.counters.exchanges <= 1:
                return 0
            self._start_wall_s = self._wall_s()
        return max(self.band.now_us, int((self._wall_s() - self._start_wall_s) * 1_000_000))

    def _tell_pins(self) -> None:
        has_changed = self.band.conductor.has_changed_pins
        if has_changed and not self._is_told:
            self._lane.interrupt()
        self._is_told = has_changed

    def _wait(self) -> None:
        channel = self.band.conductor.channel
        channels = [] if channel is None else [channel]
        due_s = (self.band.conductor.timeline.next_due_us - self._now_us()) / 1_000_000
        wait_s = min(max(due_s, 0.0), LONGEST_WAIT_S)
        select.select([*channels, *self.console_server.descriptors()], [], [], wait_s)
