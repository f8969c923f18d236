"""The part of MicroPython's `os` that the frozen firmware uses; its files are the host's."""


def urandom(count):
    """Random bytes, of the host."""
    with open("/dev/urandom", "rb") as file:
        return file.read(count)
