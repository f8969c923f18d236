"""What can go wrong with the machine that BlueZ runs in."""

from vitalband.errors import LocalError


class MachineError(LocalError):
    """The machine cannot be made, does not start, or does not do what it is told."""
