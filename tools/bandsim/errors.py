"""What can go wrong before a virtual band runs: a bad scenario file, a recording that is not there."""

from vitalband.errors import LocalError


class ScenarioError(LocalError):
    """A scenario cannot be used: the message names the file, the key, what was wanted and what came."""


class RecordingError(LocalError):
    """A recording cannot be found or read: the message names the file and what was wanted."""
