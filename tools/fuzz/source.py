"""The bytes of one execution, taken apart from the front; what is not there any more reads as zero."""


class Source:
    """Takes numbers and bytes off the front of `data`; `is_empty` when none are left."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def is_empty(self) -> bool:
        """Whether all bytes are taken."""
        return self._at >= len(self._data)

    def byte(self) -> int:
        """The next byte, 0..255."""
        at = self._at
        self._at = at + 1
        return self._data[at] if at < len(self._data) else 0

    def below(self, stop: int) -> int:
        """A number of 0..stop-1 from one byte, or from two when `stop` is beyond 256."""
        value = self.byte()
        return (value if stop <= 256 else value | self.byte() << 8) % stop

    def some(self, count: int) -> bytes:
        """The next `count` bytes, or as many as are left."""
        taken = self._data[self._at : self._at + count]
        self._at += count
        return taken

    def rest(self) -> bytes:
        """All bytes that are left."""
        return self.some(len(self._data))
