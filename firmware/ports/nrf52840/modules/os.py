"""MicroPython's `os`, and random bytes, which the zephyr port does not give; see `machine` beside it."""

from random import getrandbits

from uos import *  # noqa: F403


def urandom(count):
    """`count` random bytes, for boot ids, not for secrets; mpconfigport.h seeds the generator."""
    return bytes(getrandbits(8) for _ in range(count))
