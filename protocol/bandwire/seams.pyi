"""Types of the places where something else is put in, for the type checker only."""

from collections.abc import Callable, Iterator
from typing import Literal, Protocol, TypeAlias

Buffer: TypeAlias = bytearray | memoryview
Bytes: TypeAlias = bytes | bytearray | memoryview

Event: TypeAlias = (
    tuple[Literal[1, 2, 5, 8, 9, 10], int]
    | tuple[Literal[3], bytes | memoryview, bool]
    | tuple[Literal[4], int, int, int]
    | tuple[Literal[6], int, int, int]
    | tuple[Literal[7], int, int, int, int]
)
"""See `bandwire.events`."""

Steps: TypeAlias = Iterator[bytes]
"""A long computation that may be left for a while: b"" after every step, the result after the last."""

Hello: TypeAlias = tuple[int, int, int, int, int, bytes, bytes, bytes]
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

class Primitives(Protocol):
    """What a secure session takes from outside: on the band its own, on a host a library's."""

    @property
    def aead(self) -> type[Aead]:
        """ChaCha20-Poly1305, for the messages of a handshake."""
    @property
    def cipher(self) -> MakeCipher:
        """AES-128-CCM with a tag of 8 bytes and a nonce of 13, for records."""
    def random(self, count: int) -> bytes:
        """`count` bytes that nobody can guess; OSError when there are none to be had."""
    def agree(self, private: bytes, public: bytes) -> Steps:
        """X25519 in steps, 32 bytes in the end: 32 zero bytes where `public` is of low order, no error."""

class HostKeys(Protocol):
    """The hosts that a band knows, by slot; kept by the firmware, in memory that outlives a loss of power."""

    @property
    def slots(self) -> int:
        """How many slots there are, empty ones too."""
    @property
    def finder_key(self) -> bytes:
        """What those hosts find the band by (`bandwire.finder`), b"" until one is taken."""
    def take_finder_key(self, key: bytes) -> None:
        """Have this one, of 16 bytes, from now on; stored with the next host, or soon."""
    def key_of(self, slot: int) -> bytes:
        """The key of 32 bytes, b"" where the slot is empty."""
    def right_of(self, slot: int) -> int:
        """The `HOST_RIGHT_...` of the host in a slot that is not empty."""
    def has_room(self) -> bool:
        """Whether `add` would find an empty slot."""
    def add(self, key: bytes, name: str) -> int:
        """Store the key of a host that the wearer has let in; its slot, -1 when it could not be stored.

        What it may do, the firmware knows: the first is the owner, others are what the window was opened for.
        """

class Wearer(Protocol):
    """The display and the button of a band, while a host is being paired."""

    def show_code(self, code: str, name: str) -> None:
        """Show six digits to be typed into the host that calls itself `name` (1 to 16 printable ASCII)."""
    def ask_button(self, name: str) -> None:
        """The host says that the code was right: ask for the button, so for `BandLink.accept_pairing`."""
    def end_pairing(self) -> None:
        """Take the code or the question away; called once after the last of the two, however it ended."""
