"""Types of the places where something else is put in, for the type checker only."""

from collections.abc import Callable, Iterator
from typing import Literal, Protocol, TypeAlias

Buffer: TypeAlias = bytearray | memoryview
Bytes: TypeAlias = bytes | bytearray | memoryview

Event: TypeAlias = (
    tuple[Literal[1, 2, 5, 8, 9], int]
    | tuple[Literal[3], bytes | memoryview, bool]
    | tuple[Literal[4], int, int, int]
    | tuple[Literal[6], int, int, int]
    | tuple[Literal[7], int, int, int, int]
)
"""See `bandwire.events`."""

Steps: TypeAlias = Iterator[bytes]
"""A long computation that may be left for a while: b"" after every step, the result after the last."""

Hello: TypeAlias = tuple[int, int, int, int, int, bytes, bytes]
"""The fields of a hello, in the schema's order."""

class Source(Protocol):
    """Frames to be sent, in order; the link takes one only when it is about to send it."""

    @property
    def buffer(self) -> Bytes: ...
    @property
    def start(self) -> int: ...
    def peek(self) -> int:
        """Length of the next frame, which lies in `buffer` from `start`; 0 when there is none."""
    def advance(self) -> None:
        """The frame of the last `peek` is on its way."""

class LiveSource(Source, Protocol):
    """Frames to be sent live."""

    @property
    def drops(self) -> int:
        """Frames that were given up, since boot."""

class Seal(Protocol):
    """Seals records; `counter` is the extended record counter, `sender` the `ROLE_...` that sealed."""

    @property
    def overhead(self) -> int:
        """Bytes that sealing adds at the end of a record."""
    def seal_into(self, record: Buffer, length: int, counter: int, sender: int) -> int:
        """Seal the record of `length` bytes in place (its first 3 stay clear); returns the new length."""
    def open_into(self, record: Bytes, counter: int, sender: int, opened: Buffer) -> int:
        """Write the opened record to `opened` (header included); returns its length, 0 when forged."""

class Stamper(Protocol):
    """Writes the headers of frames that are made for this connection."""

    def stamp(self, buffer: Buffer, start: int, now_ms: int) -> None:
        """Write boot, number, ticks and drops of the frame at `start`, whose kind stands there."""

class ReadingSource(Protocol):
    """A table of current readings, by index as in `bandwire.catalogue`."""

    contact: int
    def raw(self, index: int) -> int: ...
    def validity(self, index: int) -> int: ...
    def quality(self, index: int) -> int: ...
    def cause(self, index: int) -> int: ...

class RecordCipher(Protocol):
    """Seals and opens in place under one key: see `bandwire.secure.aes_ccm.AesCcm`."""

    def seal(
        self, buffer: Buffer, header_bytes: int, stop: int, tag: bytearray, nonce: bytearray
    ) -> None: ...
    def open(
        self, buffer: Buffer, header_bytes: int, stop: int, tag: bytearray, nonce: bytearray
    ) -> bool: ...

MakeCipher: TypeAlias = Callable[[bytes], RecordCipher]

class Aead(Protocol):
    """Seals and opens the messages of a handshake: see `bandwire.secure.chacha20.ChaCha20Poly1305`."""

    def __init__(self, key: bytes) -> None: ...
    def encrypt(self, nonce: bytes, data: bytes, associated: bytes) -> bytes: ...
    def open(self, nonce: bytes, sealed: bytes, associated: bytes) -> bytes | None: ...
