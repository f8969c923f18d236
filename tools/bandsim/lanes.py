"""The lanes that there are, by name."""

from collections.abc import Callable

from bandsim.image_lane import ImageLane
from bandsim.lane import Lane, LaneSettings, UnixLane
from vitalband.errors import LocalError

LANES: dict[str, Callable[[str, LaneSettings], Lane]] = {"unix": UnixLane, "m4": ImageLane}
"""Kind of a lane -> what makes one for a board and settings."""

DEFAULT_KIND = "unix"
"""What settings that name none get: the faster one."""


def open_lane(board: str, settings: LaneSettings) -> Lane:
    """Give a lane of the kind that the settings name; LocalError when it cannot run here."""
    kind = settings.kind or DEFAULT_KIND
    if kind not in LANES:
        raise LocalError(f"wanted a lane of {', '.join(LANES)}, got {kind!r}")
    return LANES[kind](board, settings)
