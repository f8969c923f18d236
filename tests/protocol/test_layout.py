"""The walk refuses all that lies outside the subset, and says where."""

import construct as c
import pytest

from bandschema import layout as walk
from bandschema.enums import Cause
from bandschema.field import (
    DataClass,
    EnumOf,
    Field,
    FixedText,
    FrameSpec,
    FreeText,
    Meta,
    Sender,
    body,
    computed,
    field,
    items,
)
from bandschema.frames import FRAMES
from bandschema.layout import BY_NAME, Code, Layout, SchemaError, layout_of

_NUMBER = field("number", c.Int8ul, "A number.")
_TAIL = computed("tail_offset", c.Int8ul, "Where the tail starts.")
_SIZE = computed("item_size", c.Int8ul, "Bytes of one item.")


def _layout(*fields: Field, kind: int = 0x3E) -> Layout:
    return layout_of(
        FrameSpec(
            kind=kind,
            name="seeded",
            sender=Sender.BAND,
            data=DataClass.DEVICE,
            doc="A seeded frame.",
            fields=fields,
        )
    )


@pytest.mark.parametrize(
    ("subcon", "code", "lowest", "highest"),
    [
        (c.Int8ul, Code.U8, 0, 255),
        (c.Int8sl, Code.S8, -128, 127),
        (c.Int16ul, Code.U16, 0, 65535),
        (c.Int16sl, Code.S16, -32768, 32767),
        (c.Int24ul, Code.U24, 0, (1 << 24) - 1),
        (c.Int32ul, Code.U32, 0, (1 << 32) - 1),
        (c.Int32sl, Code.S32, -(1 << 31), (1 << 31) - 1),
    ],
)
def test_each_integer_type_has_its_size_and_limits(
    subcon: c.Construct, code: Code, lowest: int, highest: int
) -> None:
    (row,) = _layout(Field("number", c.Renamed(subcon), Meta(doc="A number."))).rows
    assert (row.code, row.minimum, row.maximum) == (code, lowest, highest)
    assert row.size * 8 == code.bits
    assert row.offset == 12


@pytest.mark.parametrize(
    "subcon",
    [
        c.Int16ub,
        c.Int24sl,
        c.Int64ul,
        c.Float32l,
        c.BytesInteger(5),
        c.Array(3, c.Int8ul),
        c.GreedyBytes,
        c.Struct(_NUMBER),
        EnumOf(c.Float32l, Cause),
        c.Bytes(lambda context: 4),  # pyright: ignore[reportArgumentType]
    ],
)
def test_a_type_outside_the_subset_is_refused(subcon: c.Construct) -> None:
    with pytest.raises(SchemaError, match=r"seeded\.odd: .* outside the allowed subset"):
        _layout(field("odd", subcon, "Odd."), _NUMBER)


def test_a_field_without_meaning_is_refused() -> None:
    with pytest.raises(SchemaError, match="wanted a field with its meaning"):
        _layout(c.Renamed(c.Int8ul, "bare"), _NUMBER)  # pyright: ignore[reportArgumentType]
    with pytest.raises(SchemaError, match="wanted a field with its meaning"):
        _layout(c.Renamed(c.Int8ul, "bare"))  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("name", ["buffer", "length", "class", "Upper", "two words", "1st"])
def test_a_name_that_cannot_be_emitted_is_refused(name: str) -> None:
    with pytest.raises(SchemaError, match="cannot name a field"):
        _layout(field(name, c.Int8ul, "A number."))


def test_a_field_stated_twice_is_refused() -> None:
    with pytest.raises(SchemaError, match="field number is stated twice"):
        _layout(_NUMBER, _NUMBER)
    with pytest.raises(SchemaError, match="field tail_offset is stated twice"):
        _layout(_TAIL, body("tail_offset", "A body."))


def test_a_range_that_the_type_cannot_hold_is_refused() -> None:
    with pytest.raises(SchemaError, match=r"range 0\.\.256 does not fit u8"):
        _layout(field("number", c.Int8ul, "A number.", maximum=256))
    with pytest.raises(SchemaError, match=r"range 9\.\.8 does not fit"):
        _layout(field("number", c.Int8ul, "A number.", minimum=9, maximum=8))


def test_a_tail_is_only_allowed_at_the_end() -> None:
    with pytest.raises(SchemaError, match=r"seeded\.opaque: .* outside the allowed subset"):
        _layout(_TAIL, body("opaque", "A body."), _NUMBER)


def test_a_tail_needs_its_computed_fields_and_nothing_else_may_have_them() -> None:
    item = c.Struct(_NUMBER)
    with pytest.raises(SchemaError, match=r"computed fields must be \['tail_offset'\], got \[\]"):
        _layout(_NUMBER, body("opaque", "A body."))
    with pytest.raises(SchemaError, match=r"must be \['tail_offset', 'item_size'\], got \['tail_offset'\]"):
        _layout(_TAIL, items("entries", item, "Entries."))
    with pytest.raises(SchemaError, match=r"must be \[\], got \['tail_offset'\]"):
        _layout(_TAIL, _NUMBER)
    with pytest.raises(SchemaError, match="computed fields are u8"):
        _layout(computed("tail_offset", c.Int16ul, "Where."), body("opaque", "A body."))


def _slim(*fields: Field) -> Layout:
    spec = FrameSpec(
        kind=0x3E,
        name="seeded",
        sender=Sender.BAND,
        data=DataClass.DEVICE,
        doc="A seeded frame.",
        fields=fields,
        is_slim=True,
    )
    return layout_of(spec)


def test_a_slim_frame_ends_in_bytes_and_computes_no_field() -> None:
    assert _slim(_NUMBER, body("opaque", "A body.")).fixed_bytes == 13
    with pytest.raises(SchemaError, match=r"must be \[\], got \['tail_offset'\]"):
        _slim(_TAIL, body("opaque", "A body."))
    for fields in ((_NUMBER,), (_NUMBER, body("text", "A text.", text=FreeText.LOG))):
        with pytest.raises(SchemaError, match="a slim frame ends in bytes"):
            _slim(*fields)


def test_a_slim_frame_never_gets_another_field() -> None:
    later = field("later", c.Int8ul, "Later.", since=2)
    with pytest.raises(SchemaError, match="a slim frame never gets another field"):
        _slim(_NUMBER, later, body("opaque", "A body."))


@pytest.mark.parametrize("item", [c.Struct(), c.Int8ul])
def test_an_array_holds_flat_items(item: c.Construct) -> None:
    with pytest.raises(SchemaError, match="an array holds flat items"):
        _layout(_TAIL, _SIZE, items("entries", item, "Entries."))  # pyright: ignore[reportArgumentType]


def test_an_array_within_an_array_is_refused() -> None:
    item = c.Struct(items("inner", c.Struct(_NUMBER), "Entries."))
    with pytest.raises(SchemaError, match="outside the allowed subset"):
        _layout(_TAIL, _SIZE, items("entries", item, "Entries."))


def test_the_name_of_an_array_is_a_plural() -> None:
    with pytest.raises(SchemaError, match="is a plural in s"):
        _layout(_TAIL, _SIZE, items("entry", c.Struct(_NUMBER), "Entries."))


def test_a_frame_that_is_too_long_is_refused() -> None:
    with pytest.raises(SchemaError, match="1036 bytes are more than 1024"):
        _layout(field("digest", c.Bytes(1024), "A digest."))
    with pytest.raises(SchemaError, match="starts beyond 255 bytes"):
        _layout(_TAIL, field("digest", c.Bytes(256), "A digest."), body("opaque", "A body."))


def _named(kind: int, name: str) -> FrameSpec:
    return FrameSpec(
        kind=kind,
        name=name,
        sender=Sender.BAND,
        data=DataClass.DEVICE,
        doc="A seeded frame.",
        fields=(_NUMBER,),
    )


def test_a_kind_or_a_name_used_twice_is_refused() -> None:
    with pytest.raises(SchemaError, match="kind 1 is used twice"):
        walk.walk([*FRAMES, _named(1, "odd")])
    with pytest.raises(SchemaError, match="name event is used twice"):
        walk.walk([*FRAMES, _named(0x3F, "event")])


def test_a_frame_may_be_empty() -> None:
    layout = _layout()
    assert (layout.rows, layout.tail, layout.fixed_bytes) == ((), None, 12)


def test_a_header_of_another_length_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "HEADER", c.Struct(_NUMBER))
    with pytest.raises(SchemaError, match="header: wanted 12 bytes, got 1"):
        walk.header_rows()


def test_rows_lie_one_behind_the_other() -> None:
    for layout in BY_NAME.values():
        offset = 12
        for row in layout.rows:
            assert row.offset == offset
            offset += row.size
        assert offset == layout.fixed_bytes
        later = sum(row.size for row in layout.rows if row.meta.since > layout.since)
        assert layout.least_bytes == offset - later


def test_names_of_records_follow_the_schema() -> None:
    assert BY_NAME["sample_block"].class_name == "SampleBlock"
    assert BY_NAME["vitals"].item_class_name == "VitalsReading"
    with pytest.raises(KeyError):
        BY_NAME["vitals"].row("readings")


def test_only_kinds_below_the_session_kinds_are_numbered() -> None:
    numbered = {spec.name for spec in FRAMES if spec.numbered}
    assert {"vitals", "sample_block", "event", "alert", "issuance"} <= numbered
    assert not {"hello", "command", "reply", "cuff_reading"} & numbered


def test_text_is_fixed_and_padded() -> None:
    text = FixedText(4)
    assert text.build("ab") == b"ab\0\0"
    assert text.parse(b"ab\0\0") == "ab"


def test_every_walk_of_the_schema_gives_the_same() -> None:
    assert walk.walk(FRAMES) == walk.LAYOUTS
    assert walk.header_rows() == walk.HEADER_ROWS


def test_what_reaches_a_bound_is_taken() -> None:
    assert _layout(field("number", c.Int8ul, "A number.", minimum=9, maximum=9)).row("number").maximum == 9
    assert _layout(field("digest", c.Bytes(1012), "A digest.")).fixed_bytes == 1024
    digest = field("digest", c.Bytes(255 - 13), "A digest.")
    assert _layout(_TAIL, digest, body("opaque", "A body.")).fixed_bytes == 255


def test_a_later_field_of_an_item_goes_to_its_end() -> None:
    later = field("later", c.Int8ul, "Later.", since=2)
    with pytest.raises(SchemaError, match="seeded item: later fields go to the end"):
        _layout(_TAIL, _SIZE, items("entries", c.Struct(later, _NUMBER), "Entries."))
