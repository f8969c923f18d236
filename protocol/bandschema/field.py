"""How a frame is stated: construct fields that carry unit, scale, range, `since` and a sentence.

Only a small subset of construct is allowed (`bandschema.layout` refuses the rest): fixed-width
little-endian integers of 8, 16, 24 and 32 bits, enumerations and flags over them, fixed byte
strings, fixed text, and at the end of a frame either one opaque body or one array of flat items.
The smallness is the design: it makes every product of the walk cheap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum, IntFlag, StrEnum
from fractions import Fraction
from typing import Any

import construct as c


class FreeText(StrEnum):
    """Who a text field may speak about; the lint refuses any other free text."""

    NONE = "none"
    ISSUER = "issuer"
    LOG = "log"
    DEVICE = "device"


@dataclass(frozen=True, kw_only=True)
class Meta:
    """What a field means: `value = raw * scale`, in `unit`, raw within `minimum..maximum`.

    `computed` fields (offsets, item sizes) are written by the encoder and not part of a record.
    """

    unit: str = ""
    scale: Fraction = Fraction(1)
    minimum: int | None = None
    maximum: int | None = None
    since: int = 1
    doc: str
    text: FreeText = FreeText.NONE
    computed: bool = False


class Field(c.Renamed):
    """A named construct type with its `Meta`."""

    def __init__(self, name: str, subcon: c.Construct, meta: Meta) -> None:
        super().__init__(subcon, newname=name, newdocs=meta.doc)
        self.meta = meta


class FixedText(c.Adapter):
    """UTF-8 text of at most `size` bytes, padded with NULs; `size` in bytes."""

    def __init__(self, size: int) -> None:
        super().__init__(c.Bytes(size))
        self.size = size

    def _decode(self, obj: bytes, context: Any, path: str) -> str:
        return obj.rstrip(b"\0").decode("utf-8", "replace")

    def _encode(self, obj: str, context: Any, path: str) -> bytes:
        raw = obj.encode("utf-8")
        if len(raw) > self.size or raw.endswith(b"\0"):
            wanted = f"wanted at most {self.size} bytes that do not end in NUL"
            raise c.StringError(f"{wanted}, got {raw!r}", path=path)
        return raw.ljust(self.size, b"\0")


class GreedyText(c.Adapter):
    """UTF-8 text up to the end of the frame."""

    def __init__(self) -> None:
        super().__init__(c.GreedyBytes)

    def _decode(self, obj: bytes, context: Any, path: str) -> str:
        return obj.decode("utf-8", "replace")

    def _encode(self, obj: str, context: Any, path: str) -> bytes:
        return obj.encode("utf-8")


class EnumOf(c.Adapter):
    """An integer type read as `enum`; a number without a member stays an integer.

    Flags are read as a combination, with the bits that have no member kept.
    """

    def __init__(self, subcon: c.Construct, enum: type[IntEnum] | type[IntFlag]) -> None:
        super().__init__(subcon)
        self.enum = enum

    def _decode(self, obj: int, context: Any, path: str) -> int:
        try:
            return self.enum(obj)
        except ValueError:
            return obj

    def _encode(self, obj: int, context: Any, path: str) -> int:
        return int(obj)


def field(
    name: str,
    subcon: c.Construct,
    doc: str,
    *,
    unit: str = "",
    scale: Fraction = Fraction(1),
    minimum: int | None = None,
    maximum: int | None = None,
    since: int = 1,
    text: FreeText = FreeText.NONE,
) -> Field:
    """One field of a frame; see `Meta` for the meaning of the keywords."""
    meta = Meta(unit=unit, scale=scale, minimum=minimum, maximum=maximum, since=since, doc=doc, text=text)
    return Field(name, subcon, meta)


def computed(name: str, subcon: c.Construct, doc: str) -> Field:
    """A field that the encoder fills in itself, so that later versions can grow before it."""
    return Field(name, subcon, Meta(doc=doc, computed=True))


def body(name: str, doc: str, *, since: int = 1, text: FreeText = FreeText.NONE) -> Field:
    """The opaque bytes that end a frame, or its text when `text` says about whom."""
    subcon = c.GreedyBytes if text is FreeText.NONE else GreedyText()
    return Field(name, subcon, Meta(doc=doc, since=since, text=text))


def items(name: str, item: c.Struct, doc: str) -> Field:
    """The array of flat items that ends a frame."""
    return Field(name, c.GreedyRange(item), Meta(doc=doc))


class DataClass(StrEnum):
    """What a frame tells, and of whom: every kind states one, so that an audit can say what was sent.

    Readings and waveforms are what the manifest lists, and nothing else may hold any. An event tells that the
    band was put on or taken off, or what was pressed; a text is a line that only a person can judge.
    """

    READINGS = "readings"
    WAVEFORMS = "waveforms"
    CONSENT = "consent"
    EVENTS = "events"
    DEVICE = "device"
    ISSUER = "issuer"
    TEXT = "text"
    LINK = "link"


class Sender(Enum):
    """Who may send a frame."""

    BAND = "band"
    HOST = "host"
    BOTH = "both"


@dataclass(frozen=True, kw_only=True)
class FrameSpec:
    """One kind of frame: its id, its payload after the common header, and who sends it.

    `numbered` frames take the band's next sequence number and are kept, stored and repaired; its others
    live within one connection and name the frame that is sent next. A host numbers no frame of any kind.

    A slim frame saves the byte of `tail_offset`: its tail of bytes starts where its fields end, so that it
    never gets another field. What it lacks one day takes another kind.
    """

    kind: int
    name: str
    fields: Sequence[Field]
    sender: Sender
    data: DataClass
    doc: str
    since: int = 1
    is_slim: bool = False

    @property
    def numbered(self) -> bool:
        """Whether the frame takes a sequence number when the band sends it: its kind is below 0x40."""
        return self.kind < FIRST_SESSION_KIND


FIRST_SESSION_KIND = 0x40
"""Kinds from here on belong to one connection: never stored, never repaired."""
