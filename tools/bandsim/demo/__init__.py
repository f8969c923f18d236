"""`vitalband demo`: the whole path once, from chip registers to a stored and displayed vital sign."""

from bandsim.demo.command import demo_command

__all__ = ["demo_command"]
