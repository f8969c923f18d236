"""What can go wrong with a virtual band: a bad scenario file, a recording that is not there, a crash."""

from vitalband.errors import LocalError, LostForGoodError


class ScenarioError(LocalError):
    """A scenario cannot be used: the message names the file, the key, what was wanted and what came."""


class RecordingError(LocalError):
    """A recording cannot be found or read: the message names the file and what was wanted."""


class FirmwareError(LostForGoodError):
    """The firmware of a virtual band crashed, ended, hangs or spins: the message has its last log lines."""
