"""The lanes that there are, by name."""

import os
from collections.abc import Callable

from bandsim.image_lane import ImageLane
from bandsim.lane import Lane, LaneSettings, UnixLane
from vitalband.errors import LocalError

LANES: dict[str, Callable[[str, LaneSettings], Lane]] = {"unix": UnixLane, "m4": ImageLane}
"""Kind of a lane -> what makes one for a board and settings."""

LANE_VARIABLE = "VITALBAND_LANE"
"""Environment variable that names the lane of bands that name none; without it they get the faster one."""


def default_kind() -> str:
    """Give the kind of lane that settings which name none get."""
    return os.environ.get(LANE_VARIABLE) or "unix"


def open_lane(board: str, settings: LaneSettings) -> Lane:
    """Give a lane of the kind that the settings name; LocalError when it cannot run here."""
    kind = settings.kind or default_kind()
    if kind not in LANES:
        raise LocalError(f"wanted a lane of {', '.join(LANES)}, got {kind!r}")
    return LANES[kind](board, settings)
