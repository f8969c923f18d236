"""Golden vectors: the lines of `vectors/*.jsonl`, one frame each, and the register of ids.

The files are only ever appended to. A line holds the case, the header, the fields (bytes as hex,
text as text) and the frame as hex, and must decode to the same fields for ever. `vectors/ids.jsonl`
registers every kind and every enumeration member ever given out, so that no number is reused, and the range
of every reading.
"""

import json
import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from bandschema import codec
from bandschema.frames import BY_NAME
from bandschema.layout import (
    HEADER_ROWS,
    LAYOUTS,
    MAX_FRAME_BYTES,
    PROTOCOL_VERSION,
    Code,
    Layout,
    Row,
    SchemaError,
    Tail,
    enumerations,
)
from bandschema.readings import READINGS
from bandschema.records import Header

CASES = ("lowest", "highest", "mixed")
_MIXED_ITEMS = 3
_TEXT = "Ångström 心率 "

Pick = Callable[[Row], Any]


def _lowest(row: Row) -> Any:
    if row.code is Code.TEXT:
        return ""
    return row.minimum if row.code.is_number else bytes(row.size)


def _highest(row: Row) -> Any:
    if row.code is Code.TEXT:
        return "心" * (row.size // 3) + "~" * (row.size % 3)
    return row.maximum if row.code.is_number else b"\xff" * row.size


def _mixed(seed: str) -> Pick:
    chance = random.Random(seed)

    def pick(row: Row) -> Any:
        if row.code is Code.TEXT:
            return _TEXT.encode()[: row.size].decode(errors="ignore")
        if row.enum is not None:
            return int(chance.choice(list(row.enum)))
        return chance.randint(row.minimum, row.maximum) if row.code.is_number else chance.randbytes(row.size)

    return pick


def _tail_value(tail: Tail, case: str, pick: Pick, room: int) -> Any:
    counts = {"lowest": 0, "highest": room // max(tail.item_bytes, 1), "mixed": _MIXED_ITEMS}
    if tail.is_array:
        return [{row.name: pick(row) for row in tail.item_rows} for _ in range(counts[case])]
    text = {"lowest": "", "highest": "心" * (room // 3), "mixed": _TEXT}[case]
    return text if tail.is_text else text.encode()


def _line(layout: Layout, case: str) -> dict[str, Any]:
    pick = {"lowest": _lowest, "highest": _highest, "mixed": _mixed(layout.name)}[case]
    header = {row.name: pick(row) for row in HEADER_ROWS}
    header |= {"version": PROTOCOL_VERSION, "kind": layout.kind}
    fields = {row.name: pick(row) for row in layout.record_rows}
    if layout.tail is not None:
        room = MAX_FRAME_BYTES - layout.fixed_bytes
        fields[layout.tail.name] = _tail_value(layout.tail, case, pick, room)
    frame = codec.encode_header(Header(**header)) + codec.FrameCodec(BY_NAME[layout.name]).encode(fields)
    return {"case": case, "header": header, "fields": plain(fields), "frame": frame.hex()}


def plain(value: Any) -> Any:
    """Values as JSON holds them: bytes as hex, enumerations as integers."""
    if isinstance(value, bytes | bytearray):
        return value.hex()
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        return [plain(inner) for inner in value]  # pyright: ignore[reportUnknownVariableType]
    return int(value) if isinstance(value, int) else value


def _typed_rows(rows: Sequence[Row], values: dict[str, Any]) -> dict[str, Any]:
    opaque = {row.name for row in rows if row.code is Code.BYTES}
    return {name: bytes.fromhex(value) if name in opaque else value for name, value in values.items()}


def typed(layout: Layout, fields: dict[str, Any]) -> dict[str, Any]:
    """Values of a line back from JSON: hex as bytes where the field holds bytes."""
    tail, values = layout.tail, _typed_rows(layout.rows, fields)
    if tail is not None and tail.is_array:
        values[tail.name] = [_typed_rows(tail.item_rows, item) for item in values[tail.name]]
    elif tail is not None and not tail.is_text:
        values[tail.name] = bytes.fromhex(values[tail.name])
    return values


def new_lines(layout: Layout, lines: Iterable[str]) -> list[str]:
    """Lines to append to a frame's file: cases that no line has with the fields of today."""
    have = {(line["case"], frozenset(line["fields"])) for line in map(json.loads, lines)}
    wanted = (_line(layout, case) for case in CASES)
    return [
        json.dumps(line, ensure_ascii=False)
        for line in wanted
        if (line["case"], frozenset(line["fields"])) not in have
    ]


def _ids() -> dict[tuple[str, int], str]:
    given = {("kind", layout.kind): layout.name for layout in LAYOUTS}
    for enum in enumerations():
        given |= {(enum.__name__, int(member)): str(member.name) for member in enum}
    # The bits of a value in a run follow from its range, which must stay for ever too.
    given |= {("range", int(spec.reading)): f"{spec.minimum}..{spec.maximum}" for spec in READINGS}
    return given


def new_ids(lines: Sequence[str]) -> list[str]:
    """Lines to append to the register; SchemaError when an id changed its meaning or went away."""
    given = _ids()
    registered = {(line["of"], line["id"]): line["name"] for line in map(json.loads, lines)}
    for (of, number), name in registered.items():
        if given.get((of, number)) != name:
            got = given.get((of, number), "nothing")
            raise SchemaError(f"{of} {number} means {name} for ever; the schema gives {got}")
    return [
        json.dumps({"of": of, "id": number, "name": name})
        for (of, number), name in given.items()
        if (of, number) not in registered
    ]
