"""What the conductor asks of a band's radio, whichever there is; `bandsim.radio` has one."""

from typing import Protocol


class LaneRadio(Protocol):
    """A radio as `bluetooth` on a lane sees it."""

    @property
    def has_events(self) -> bool:
        """Whether `take_event` has something: the firmware is told, and woken."""
        ...

    has_output: bool
    """Whether the firmware has asked for something that others must act on; whoever does clears it."""

    def call(self, call: int, argument: int, value: int, payload: bytes) -> tuple[int, bytes]:
        """Give status and payload of one call of `RadioCall`; raises OSError with the errno to be told."""
        ...

    def take_event(self) -> tuple[int, bytes]:
        """Give the next event's number and payload, 0 when there is none."""
        ...

    def power_off(self) -> None:
        """The band is off: who was connected to it notices."""
        ...
