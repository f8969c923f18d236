"""What the schema may not say: where the wearer is, or free text about the wearer.

The band's promise that it does not track rests on this check of what the schema states:

- Every word of a name (of a frame, a field, an item, an enumeration, a member, a reading, and what the
  display calls a reading) is in `VOCABULARY`, a Chinese character being a word; every unit is in `UNITS`.
  A new word or unit fails until somebody adds it here, on purpose.
- No word of a name or a sentence speaks of a location by the lists below, be it in the vocabulary or not.
- Text is only where `_TEXT_FRAMES` allows it, opaque bytes only in `_OPAQUE_FRAMES`, and other fixed
  bytes are identities and digests by name.
- A value of a reading, by its name or as `raw_value`, is only in frames of the class of readings.

It reads words: it cannot see what a firmware writes into a number of an innocent name.
"""

import re
from collections.abc import Iterator, Sequence
from enum import IntEnum, IntFlag

from bandschema.field import DataClass, FreeText
from bandschema.layout import (
    HEADER_ROWS,
    LAYOUTS,
    PROTOCOL_VERSION,
    Code,
    Layout,
    Row,
    Tail,
    enumerations,
)
from bandschema.readings import READINGS, ReadingSpec

_WORDS_OF_NAMES = """
    acceleration acknowledge acknowledged action activity age agreed agreement alarm alert allow
    argument arm asker asleep available backfill bad band battery bits block blood blue bonding boot
    bpm breathing busy button by byte bytes c capabilities capability cause celsius certification
    challenge channel charge charging class clear code command compressed confidence confirm confirmed
    consent contact conversion core count cuff damaged debug declined degree describe described
    descriptor detail development device diastolic digest display done dropped drops en encoding end
    ended enmo entry error est estimate event events expired extent failed fault firmware first
    force forged forget forgotten form frame fuel full gauge gravity green group groups h handover
    handshake hanging hardware head heap heart hello host hosts id identity image in index info
    infrared interval is issuance issuer item journal kept key kind last level light limit line link
    log long loss lost low lower major maker malformed manifest max maximum mercury message mg mhz
    milli milligravity millihertz millimetre millisecond millivolt minimum minor minute mmhg model
    motion motor movement ms name nano nanoampere next no noise none not notice nrem of off offset
    ok on only optical out outcome owner oxygen page pair paired pairing part passed patch pattern
    pause paused per percent plain posture pressure private product profile protocol pulse purpose
    quality radio raised range rate raw reader reading readings received recipient recipients record
    records recovered red refusal refused rem reply report request respiratory result resume resumed
    retention reveal right rmssd role run running s sample samples scale score sealed second secure
    self send sending sensor sequence serial services session set shape short show shown signal
    signed size skin skipped sleep slot spo stage stale standard start started starting state status
    step steps still stop storage store stored stream systolic tail task temp temperature test text
    thermometer thinned threshold ticks time told tries unit unix unknown updates upper valid
    validity value version vibrate vibration vitals voltage voluntary waiting wake walk wanted
    warning watch waveforms weak wearer whole window wipe wiped withdrawn worn wrist wrong x y z zh
    估 体 动 压 变 吸 呼 度 异 张 心 手 收 数 时 步 氧 活 测 温 率 电 皮 眠 睡 缩 肤 脉 臂 舒 血 计 跳 量 间
    隔 形
"""
VOCABULARY = frozenset(_WORDS_OF_NAMES.split())
"""Every word that a name may be made of."""

_LOCATION_STEMS = (
    "address", "altitude", "azimuth", "beacon", "bearing", "bedroom", "bssid", "building", "compass",
    "coordinate", "east", "elevation", "geo", "gnss", "gps", "heading", "indoor", "latitud", "locali",
    "locat", "longitud", "navigat", "north", "outdoor", "position", "postcode", "proximit", "rssi", "south",
    "ssid", "track", "trajector", "travel", "waypoint", "west", "whereabout", "wifi",
)  # fmt: skip
"""A word that begins like one of these speaks of a location."""

_LOCATION_WORDS = frozenset(
    {"bed", "beds", "cell", "cells", "cellular", "city", "country", "district", "floor", "home", "homes",
     "house", "lat", "lon", "lng", "place", "places", "region", "room", "rooms", "route", "routes", "site",
     "sites", "street", "town", "venue", "village", "ward", "wards", "wi", "zip", "zone", "zones"}
)  # fmt: skip

_TEXT_FRAMES = {
    FreeText.ISSUER: frozenset({"issuance"}),
    FreeText.LOG: frozenset({"log_line"}),
    FreeText.DEVICE: frozenset({"identity", "manifest_entry", "paired_host"}),
}
"""Who a text may speak about -> the frames that may hold such text."""

_OPAQUE_FRAMES = frozenset({"compressed_block", "handshake", "sample_block", "log_line", "vitals_run"})

_VALUE_FIELDS = frozenset({"raw_value", *(spec.name for spec in READINGS)})
"""What a field that holds the value of a reading is called."""

_UNITS_BY_SUFFIX = {"_ms": "ms", "_s": "s", "_h": "h", "_mhz": "mHz", "_mmhg": "mmHg", "_bytes": "B"}

UNITS = frozenset({"", "%", "bit", *_UNITS_BY_SUFFIX.values()})
"""Every unit that a field may have: none of them is one of a place or a direction."""


def _words(text: str) -> list[str]:
    """Words of a name or a sentence, each once; any character beyond ASCII is one by itself."""
    words = re.findall(r"[a-z]+|[^\x00-\x7f]", re.sub(r"([a-z])([A-Z])", r"\1 \2", text).lower())
    return list(dict.fromkeys(words))


def is_location(word: str) -> bool:
    """Whether a word, in lower case, speaks of a location."""
    return word in _LOCATION_WORDS or word.startswith(_LOCATION_STEMS)


def problems(
    layouts: Sequence[Layout] = LAYOUTS,
    header_rows: Sequence[Row] = HEADER_ROWS,
    enums: Sequence[type[IntEnum] | type[IntFlag]] | None = None,
    readings: Sequence[ReadingSpec] = READINGS,
) -> list[str]:
    """Every breach of the rules, as a sentence with its place; empty when there is none."""
    found: list[str] = []
    for row in header_rows:
        found += _row_problems("header", row)
    for layout in layouts:
        found += _frame_problems(layout)
    for enum in enumerations() if enums is None else enums:
        found += _enum_problems(enum)
    for spec in readings:
        found += _name_problems(f"reading {spec.name}", spec.name, spec.name_en, spec.name_zh)
        found += _meaning_problems(f"reading {spec.name}", spec.doc, 1)
    return list(dict.fromkeys(found))


def _frame_problems(layout: Layout) -> Iterator[str]:
    yield from _name_problems(layout.name, layout.name)
    yield from _meaning_problems(layout.name, layout.doc, layout.since)
    for row in layout.rows:
        yield from _row_problems(layout.name, row)
    item_rows = () if layout.tail is None else layout.tail.item_rows
    if layout.data is not DataClass.READINGS:
        for row in (*layout.rows, *item_rows):
            if row.name in _VALUE_FIELDS:
                where = f"{layout.name}.{row.name}"
                yield f"{where}: a value of a reading in a frame of class {layout.data.value}"
    if layout.tail is not None:
        yield from _tail_problems(layout.name, layout.tail)


def _row_problems(frame: str, row: Row) -> Iterator[str]:
    where = f"{frame}.{row.name}"
    yield from _name_problems(where, row.name)
    yield from _meaning_problems(where, row.meta.doc, row.meta.since)
    if row.code is Code.TEXT:
        yield from _text_problems(frame, where, row.meta.text)
    if row.code is Code.BYTES and not row.name.endswith(("_id", "_digest")):
        yield f"{where}: fixed bytes may only be an identity (_id) or a digest (_digest)"
    if row.meta.unit not in UNITS:
        yield f"{where}: unit {row.meta.unit!r} is not among those of bandschema/lint.py"
    for suffix, unit in _UNITS_BY_SUFFIX.items():
        if row.name.endswith(suffix) and row.meta.unit != unit:
            yield f"{where}: wanted unit {unit!r} by its name, got {row.meta.unit!r}"


def _tail_problems(frame: str, tail: Tail) -> Iterator[str]:
    where = f"{frame}.{tail.name}"
    yield from _name_problems(where, tail.name)
    yield from _meaning_problems(where, tail.meta.doc, tail.meta.since)
    for row in tail.item_rows:
        yield from _row_problems(where, row)
    if tail.is_text:
        yield from _text_problems(frame, where, tail.meta.text)
    if not tail.is_array and frame not in _OPAQUE_FRAMES:
        yield f"{where}: an opaque body may only end {' and '.join(sorted(_OPAQUE_FRAMES))}"


def _text_problems(frame: str, where: str, text: FreeText) -> Iterator[str]:
    allowed = _TEXT_FRAMES.get(text, frozenset[str]())
    if frame not in allowed:
        yield f"{where}: free text about {text.value!r} is not allowed in a {frame} frame"


def _name_problems(where: str, *names: str) -> Iterator[str]:
    for word in _words(" ".join(names)):
        if is_location(word):
            yield f"{where}: {word!r} speaks of a location"
        elif word not in VOCABULARY:
            yield f"{where}: {word!r} is not in the vocabulary of bandschema/lint.py"


def _meaning_problems(where: str, doc: str, since: int) -> Iterator[str]:
    if not (doc.isascii() and doc.strip().endswith(".")):
        yield f"{where}: wanted a sentence in ASCII, got {doc!r}"
    for word in filter(is_location, _words(doc)):
        yield f"{where}: {word!r} speaks of a location"
    if not 1 <= since <= PROTOCOL_VERSION:
        yield f"{where}: since {since} is not within 1..{PROTOCOL_VERSION}"


def _enum_problems(enum: type[IntEnum] | type[IntFlag]) -> Iterator[str]:
    yield from _name_problems(enum.__name__, enum.__name__, *enum.__members__)
    yield from _meaning_problems(enum.__name__, enum.__doc__ or "", 1)
    for name, member in enum.__members__.items():
        if name != member.name:
            yield f"{enum.__name__}.{name}: number {int(member)} is that of {member.name}"
        if issubclass(enum, IntFlag) and int(member).bit_count() != 1:
            yield f"{enum.__name__}.{name}: a flag is one bit, got {int(member):#x}"
