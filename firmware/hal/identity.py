"""What tells one device from another."""

from machine import unique_id


def device_id():
    """The chip's unique id, some bytes; the first 8 tell bands apart."""
    return bytes(unique_id())
