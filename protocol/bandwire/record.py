"""Records: what a link sends. Type, record counter, then whole frames or a fragment of one.

| bytes | field   | meaning                                                                        |
|-------|---------|--------------------------------------------------------------------------------|
| 1     | type    | bits 0-1 content, bits 2-3 class, bit 4 sealed, bit 5 hello, bits 6-7 zero      |
| 2     | counter | low 16 bits of the sender's record counter, little-endian                       |
| rest  | content | 0: frames, each with its length (u16) before it; 1: first fragment of a frame,  |
|       |         | the frame's length (u16) before it; 2: next fragment; 3: one frame, up to the   |
|       |         | record's end                                                                    |

The record counter belongs to the connection: it starts at 0 with each session id, rises by one a
record, and is extended by the reader, which refuses what is not newer than the newest. A sealed
record ends with its tag; nonce and replay rule use the extended counter and the direction, never a
frame's sequence. A hello begins a connection, so its records are always clear, stand outside the
replay rule, and carry nothing else. A seal is agreed on within a connection and gone with it: from its
counter's start no other record may be sealed with it.
"""

from bandwire.events import BAD_BEFORE_HELLO, BAD_RECORD, BAD_REPLAY, BAD_SEAL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bandwire.seams import Seal

RECORD_HEADER_BYTES = 3
MIN_RECORD_BYTES = 19
"""Least room that a carrier offers: a BLE write at the default ATT MTU of 23 (`bandwire.gatt`)."""
MAX_RECORD_BYTES = 514
"""Most that a record takes: a BLE notification at the largest ATT MTU of 517."""

CONTENT_FRAMES = 0
CONTENT_FIRST_FRAGMENT = 1
CONTENT_NEXT_FRAGMENT = 2
CONTENT_ONE_FRAME = 3
CONTENT_ONE_FRAME_SINCE = 3
"""Protocol version from which on a side takes one frame without its length."""

CLASS_URGENT = 0
CLASS_LIVE = 1
CLASS_BACKFILL = 2
CLASS_COUNT = 3

_SEALED = 0x10
_HELLO = 0x20
_RESERVED = 0xC0
_WINDOW = 0x8000
"""Half of the counter's 16 bits: nearer ahead is newer, the rest is older."""


def is_hello(record: "bytes | bytearray | memoryview") -> bool:
    """Whether a record of one byte or more says that it holds a hello."""
    return record[0] & _HELLO != 0


class RecordWriter:
    """Numbers and closes the records of one side; `sender` is its `ROLE_...`, `seal` what is agreed on."""

    def __init__(self, sender: int) -> None:
        self.seal: "Seal | None" = None
        self._sender = sender
        self._counter = 0

    @property
    def overhead(self) -> int:
        """Bytes that the seal takes of a record."""
        return 0 if self.seal is None else self.seal.overhead

    def restart(self) -> None:
        """A new session id: the counter starts over, so the seal is gone."""
        self.seal = None
        self._counter = 0

    def close_hello(self, record: bytearray, length: int, content: int) -> int:
        """Write the header of a record that holds a hello; returns the record's length."""
        self._write_header(record, content | CLASS_URGENT << 2 | _HELLO)
        self._counter += 1
        return length

    def close(
        self, record: bytearray, length: int, content: int, priority: int, is_clear: bool = False
    ) -> int:
        """Write the header, seal the record if that is agreed on; returns the record's length.

        `is_clear` is for what was said before it was.
        """
        if self.seal is None or is_clear:
            self._write_header(record, content | priority << 2)
        else:
            self._write_header(record, content | priority << 2 | _SEALED)
            length = self.seal.seal_into(record, length, self._counter, self._sender)
        self._counter += 1
        return length

    def _write_header(self, record: bytearray, kind: int) -> None:
        record[0] = kind
        record[1] = self._counter & 0xFF
        record[2] = self._counter >> 8 & 0xFF


class RecordReader:
    """Opens the records of the other side, whose `ROLE_...` is `sender`.

    After `open` returned -1: `content`, `priority`, `is_hello`, `counter`, and the content in
    `buffer[start:stop]`; `lost` records were missing just before it, `lost_records` in all. `seal` is what
    is agreed on, which only a reader that `may_seal` has room for.
    """

    def __init__(self, sender: int, may_seal: bool) -> None:
        self.buffer: "bytes | bytearray | memoryview" = b""
        self.start = RECORD_HEADER_BYTES
        self.stop = 0
        self.content = 0
        self.priority = 0
        self.is_hello = False
        self.counter: int = 0
        self.lost = 0
        self.lost_records = 0
        self.seal: "Seal | None" = None
        self._sender = sender
        self._opened = bytearray(MAX_RECORD_BYTES if may_seal else 0)
        self._expected = -1

    def restart(self) -> None:
        """A connection begins with the hello in the record just opened."""
        self.seal = None
        self._expected = self.counter + 1

    def rejoin(self) -> None:
        """The hello in the record just opened was only said again; under a seal it moves nothing."""
        if self.seal is not None:
            return
        ahead = (self.counter - self._expected) & 0xFFFF
        if self._expected >= 0 and ahead < _WINDOW:
            self._expected += ahead + 1

    def close(self) -> None:
        """No connection: nothing but a hello is opened."""
        self.seal = None
        self._expected = -1

    def open(self, record: "bytes | bytearray | memoryview") -> int:
        """Check a record and take its header; -1 when it is good, else a `BAD_...`."""
        length = len(record)
        if not RECORD_HEADER_BYTES < length <= MAX_RECORD_BYTES:
            return BAD_RECORD
        kind = record[0]
        self.content = kind & 3
        self.priority = kind >> 2 & 3
        if kind & _RESERVED or self.priority > CLASS_BACKFILL:
            return BAD_RECORD
        self.counter = record[1] | record[2] << 8
        self.lost = 0
        self.buffer = record
        self.stop = length
        self.is_hello = kind & _HELLO != 0
        if self.is_hello:
            return BAD_SEAL if kind & _SEALED else -1
        return self._open_within_connection(record, kind & _SEALED != 0)

    def _open_within_connection(self, record: "bytes | bytearray | memoryview", is_sealed: bool) -> int:
        if self._expected < 0:
            return BAD_BEFORE_HELLO
        ahead = (self.counter - self._expected) & 0xFFFF
        if ahead >= _WINDOW:
            return BAD_REPLAY
        if is_sealed != (self.seal is not None):
            return BAD_SEAL
        counter = self._expected + ahead
        if self.seal is not None:
            self.buffer = self._opened
            self.stop = self.seal.open_into(record, counter, self._sender, self._opened)
            if self.stop <= RECORD_HEADER_BYTES:
                return BAD_SEAL
        self.counter = counter
        self.lost = ahead
        self.lost_records += ahead
        self._expected = counter + 1
        return -1
