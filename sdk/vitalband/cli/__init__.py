"""The `vitalband` command. Packages add sub-commands by the entry-point group `vitalband.commands`."""

from vitalband.cli.application import app, main

__all__ = ["app", "main"]
