"""The live lane: a developer's board in the emulator, whose chips and pins the conductor has.

Unlike on the other lanes time is the board's own, and the host's frames go over the board's UART, not over
the conductor's link.
"""

import os
import socket
from collections.abc import Callable

from bandsim.channel import Channel, PipeEnd
from bandsim.dev_board import BoardSettings, DevBoard
from bandsim.lane import ANSWER_TIMEOUT_S
from bandsim.link_port import LinkPort

_END_TIMEOUT_S = 2.0
"""A channel closes a moment before its process is gone."""


class BoardLane:
    """A `Lane` around a `DevBoard`. `interrupt` makes the board ask for its pins."""

    def __init__(self, firmware_board: str, settings: BoardSettings | None = None) -> None:
        self._firmware_board = firmware_board
        self._channel: Channel | None = None
        self._pins: socket.socket | None = None
        self.board = DevBoard(settings)

    def start(self) -> Channel:
        """Switch the board on; it says HELLO before any program runs."""
        self.stop()
        requests, send_requests = os.pipe()
        take_replies, replies = os.pipe()
        self._channel = Channel(PipeEnd(requests, replies, ANSWER_TIMEOUT_S))
        self._pins, pins = socket.socketpair()
        self._pins.setblocking(False)
        try:
            self.board.start((take_replies, send_requests), pins, self._firmware_board)
        finally:
            os.close(send_requests)
            os.close(take_replies)
            pins.close()
        return self._channel

    def interrupt(self) -> None:
        """Tell the board that an input pin has changed."""
        assert self._pins is not None
        # The socket is of this process and has room: the board takes what comes within microseconds.
        self._pins.send(b"\0")

    def stop(self) -> None:
        """Switch the board off."""
        self.board.stop()
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self._pins is not None:
            self._pins.close()
            self._pins = None

    def how_it_ended(self) -> str:
        """Say how an emulator that closed the channel ended."""
        code = self.board.exit_code(_END_TIMEOUT_S)
        if code is None:
            return "still running"
        return f"killed by signal {-code}" if code < 0 else f"exit code {code}"

    def console_text(self) -> str:
        """Give the last that the emulator itself has printed."""
        return self.board.emulator_said()

    def remove(self) -> None:
        """Switch the board off for good."""
        self.stop()
        self.board.close()


class BoardLink(LinkPort):
    """The link of a board whose cable is between host and emulator: it cannot be touched here."""

    def cut(self) -> None:
        """Raise ValueError."""
        raise ValueError("wanted a link that can be cut, got a board's own UART; close its socket instead")

    def cut_after(self, byte_count: int, *, from_band: bool, told: Callable[[], None] = lambda: None) -> None:
        """Raise ValueError."""
        self.cut()

    def stall(self) -> None:
        """Raise ValueError."""
        raise ValueError(
            "wanted a link that can stall, got a board's own UART; stop reading its socket instead"
        )
