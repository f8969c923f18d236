"""What can go wrong with the virtual radio beside what `bleak` says."""

from vitalband.errors import LocalError


class AirError(LocalError):
    """The virtual radio was asked for what it has not."""
