"""MicroPython's `os`, as far as the port has one, with the conductor's random bytes."""

from channel import RANDOM, exchange, pause

try:
    from uos import *  # noqa: F403
except ImportError:
    # The image for the Cortex-M4F has none.
    pass


def urandom(count):
    """Random bytes, as the conductor draws them: by the seed of the life, if it was given."""
    pause()
    drawn = bytearray(count)
    status = exchange(RANDOM, 0, 0, count, None, drawn)
    if status < 0:
        raise OSError(-status)
    return bytes(drawn)
