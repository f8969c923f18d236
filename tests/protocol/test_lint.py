"""The schema has no location and no free text about the wearer, and the lint would see one."""

import dataclasses
import re
from enum import IntEnum, IntFlag
from typing import Any

import construct as c
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandschema import lint
from bandschema.field import (
    DataClass,
    EnumOf,
    Field,
    FixedText,
    FrameSpec,
    FreeText,
    Sender,
    body,
    computed,
    field,
    items,
)
from bandschema.layout import Layout, layout_of
from bandschema.readings import READINGS

_TAIL = computed("tail_offset", c.Int8ul, "Where the tail starts.")
_SIZE = computed("item_size", c.Int8ul, "Bytes of one item.")


SEEDED_WORDS = {"seeded", "number", "note", "notes", "entries", "aliased"}


@pytest.fixture(autouse=True)
def _seeded_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """The words that these tests make names of are reviewed, so that only what they seed is caught."""
    monkeypatch.setattr(lint, "VOCABULARY", lint.VOCABULARY | SEEDED_WORDS)


def _layout(*fields: Field, name: str = "seeded", doc: str = "A seeded frame.", since: int = 1) -> Layout:
    return layout_of(
        FrameSpec(
            kind=0x3E,
            name=name,
            sender=Sender.BAND,
            data=DataClass.DEVICE,
            doc=doc,
            since=since,
            fields=fields,
        )
    )


def _problems(*fields: Field, **options: Any) -> list[str]:
    return lint.problems([_layout(*fields, **options)], header_rows=(), enums=(), readings=())


def _number(name: str = "number", doc: str = "A number.", **options: Any) -> Field:
    return field(name, c.Int8ul, doc, **options)


def test_the_schema_is_clean() -> None:
    assert lint.problems() == []
    assert _problems(_number()) == []


@pytest.mark.parametrize(
    "name",
    ["latitude", "gps_fix", "location_id", "last_position", "home_place", "mac_address", "altitude_m",
     "cell_id", "ssid", "bssid_digest", "beacon_count", "geohash", "wifi_channel", "lat", "lon", "postcode",
     "north", "east", "southward", "west", "heading", "bearing", "room_number", "bed", "ward", "home",
     "northeast", "floor", "zone", "track", "rssi", "compass"],
)  # fmt: skip
def test_a_field_named_for_a_location_is_caught_though_its_words_be_reviewed(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lint, "VOCABULARY", lint.VOCABULARY | set(name.split("_")))
    assert any("speaks of a location" in problem for problem in _problems(_number(name)))


@given(st.text("abcdefghijklmnopqrstuvwxyz位置房", min_size=1, max_size=12))
def test_a_new_word_is_caught_in_every_name(word: str) -> None:
    is_new = word not in lint.VOCABULARY
    item = c.Struct(_number(f"{word}_number"))
    renamed = dataclasses.replace(READINGS[0], name_en=word), dataclasses.replace(READINGS[0], name_zh=word)
    seeded = IntEnum("Sensor", {f"{word}_NUMBER": 1})
    seeded.__doc__ = "Kinds of sensors."
    for found in (
        _problems(_number(f"{word}_number")),
        _problems(_number(), name=f"{word}_seeded"),
        _problems(_TAIL, _SIZE, items("entries", item, "Entries.")),
        lint.problems((), (), [seeded], ()),
        lint.problems((), (), (), renamed[:1]),
        lint.problems((), (), (), renamed[1:]),
    ):
        assert bool(found) == is_new


def test_the_vocabulary_is_what_the_names_of_the_schema_are_made_of(monkeypatch: pytest.MonkeyPatch) -> None:
    reviewed = lint.VOCABULARY - SEEDED_WORDS
    monkeypatch.setattr(lint, "VOCABULARY", frozenset())
    new = [re.fullmatch(r".*: '(.*)' is not in the vocabulary of .*", problem) for problem in lint.problems()]
    assert {match[1] for match in new if match} == reviewed


def test_a_reading_named_for_a_location_in_chinese_is_caught() -> None:
    reading = dataclasses.replace(READINGS[0], name_zh="位置")
    assert lint.problems((), (), (), [reading]) == [
        "reading heart_rate_bpm: '位' is not in the vocabulary of bandschema/lint.py",
        "reading heart_rate_bpm: '置' is not in the vocabulary of bandschema/lint.py",
    ]


@pytest.mark.parametrize("unit", ["deg", "°", "rad", "m", "m/s", "km", "dBm", "位置"])
def test_a_unit_that_nobody_reviewed_is_caught(unit: str) -> None:
    problem = f"seeded.number: unit {unit!r} is not among those of bandschema/lint.py"
    assert _problems(_number(unit=unit)) == [problem]


@pytest.mark.parametrize(
    "doc",
    ["Where it is: the GPS fix.", "Nearest beacon.", "Cell of the network.", "Place of the last sample.",
     "Longitude in degrees.", "Code of the Geohash.", "Degrees from north.", "Number of the room."],
)  # fmt: skip
def test_a_sentence_that_speaks_of_a_location_is_caught(doc: str) -> None:
    assert any("speaks of a location" in problem for problem in _problems(_number(doc=doc)))
    assert any("speaks of a location" in problem for problem in _problems(_number(), doc=doc))


def test_a_location_is_caught_in_a_tail_an_item_a_member_and_a_reading() -> None:
    item = c.Struct(_number("altitude_m"))
    array = items("entries", item, "Entries of this place.")
    problems = _problems(_TAIL, _SIZE, array)
    assert problems == [
        "seeded.entries: 'place' speaks of a location",
        "seeded.entries.altitude_m: 'altitude' speaks of a location",
        "seeded.entries.altitude_m: 'm' is not in the vocabulary of bandschema/lint.py",
    ]
    seeded = IntEnum("Sensor", {"GPS_SENSOR": 1})
    seeded.__doc__ = "Kinds of sensors."
    found = lint.problems((), (), [seeded], ())
    assert found == ["Sensor: 'gps' speaks of a location"]
    reading = dataclasses.replace(READINGS[0], doc="Heart rate at a location.")
    assert lint.problems((), (), (), [reading]) == ["reading heart_rate_bpm: 'location' speaks of a location"]


@pytest.mark.parametrize("doc", ["Allocated bytes.", "Excellent signal.", "Displaced by motion."])
def test_a_word_that_only_holds_such_letters_is_no_location(doc: str) -> None:
    assert _problems(_number(doc=doc)) == []


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        ("seeded", FreeText.NONE),
        ("seeded", FreeText.ISSUER),
        ("seeded", FreeText.LOG),
        ("seeded", FreeText.DEVICE),
        ("identity", FreeText.NONE),
        ("identity", FreeText.ISSUER),
        ("issuance", FreeText.DEVICE),
        ("log_line", FreeText.DEVICE),
    ],
)
def test_text_is_caught_where_it_could_be_about_the_wearer(frame: str, text: FreeText) -> None:
    note = field("note", FixedText(8), "A note.", text=text)
    [problem] = _problems(note, name=frame)
    assert problem == f"{frame}.note: free text about {text.value!r} is not allowed in a {frame} frame"


_OPAQUE = "compressed_block and handshake and log_line and sample_block and vitals_run"


def test_text_at_the_end_of_a_frame_is_caught() -> None:
    problems = _problems(_TAIL, body("note", "A note.", text=FreeText.LOG))
    assert "seeded.note: free text about 'log' is not allowed in a seeded frame" in problems
    assert f"seeded.note: an opaque body may only end {_OPAQUE}" in problems


def test_text_within_an_item_is_caught() -> None:
    item = c.Struct(field("note", FixedText(8), "A note.", text=FreeText.DEVICE))
    problems = _problems(_TAIL, _SIZE, items("entries", item, "Entries."))
    assert any("seeded.entries.note: free text" in problem for problem in problems)


@pytest.mark.parametrize("data", [data for data in DataClass if data is not DataClass.READINGS])
@pytest.mark.parametrize("name", ["raw_value", "heart_rate_bpm", "systolic_mmhg"])
def test_a_value_of_a_reading_is_caught_in_a_frame_of_another_class(data: DataClass, name: str) -> None:
    unit = "mmHg" if name.endswith("_mmhg") else ""
    seeded = (
        _layout(_number(name, unit=unit)),
        _layout(_TAIL, _SIZE, items("entries", c.Struct(_number(name, unit=unit)), "Entries.")),
    )
    for layout in seeded:
        found = lint.problems([dataclasses.replace(layout, data=data)], (), (), ())
        assert found == [f"seeded.{name}: a value of a reading in a frame of class {data.value}"]
        assert lint.problems([dataclasses.replace(layout, data=DataClass.READINGS)], (), (), ()) == []


def test_a_kind_that_states_no_class_of_data_cannot_be() -> None:
    with pytest.raises(TypeError, match="data"):
        FrameSpec(kind=0x3E, name="seeded", sender=Sender.BAND, doc="A seeded frame.", fields=())  # type: ignore[call-arg]


def test_opaque_bytes_are_caught() -> None:
    assert _problems(_TAIL, body("notes", "Some bytes.")) == [
        f"seeded.notes: an opaque body may only end {_OPAQUE}"
    ]
    assert _problems(field("notes", c.Bytes(8), "Some bytes.")) == [
        "seeded.notes: fixed bytes may only be an identity (_id) or a digest (_digest)"
    ]


def test_a_field_without_a_sentence_a_version_or_its_unit_is_caught() -> None:
    assert _problems(_number(doc="")) == ["seeded.number: wanted a sentence in ASCII, got ''"]
    assert _problems(_number(doc="位置.")) == ["seeded.number: wanted a sentence in ASCII, got '位置.'"]
    assert _problems(_number(since=9)) == ["seeded.number: since 9 is not within 1..3"]
    assert _problems(_number(), since=0) == ["seeded: since 0 is not within 1..3"]
    assert _problems(_number("age_s")) == ["seeded.age_s: wanted unit 's' by its name, got ''"]


class _Aliased(IntEnum):
    """Two names for one number."""

    FIRST = 1
    SECOND = 1


class _Wide(IntFlag):
    """A flag of two bits."""

    BOTH = 3


def test_a_number_given_twice_and_a_flag_of_two_bits_are_caught() -> None:
    assert lint.problems((), (), [_Aliased], ()) == ["_Aliased.SECOND: number 1 is that of FIRST"]
    assert "_Wide.BOTH: a flag is one bit, got 0x3" in lint.problems((), (), [_Wide], ())


def test_the_header_is_looked_at_too() -> None:
    rows = _layout(field("cell", EnumOf(c.Int8ul, _Aliased), "A number.")).rows
    assert lint.problems((), rows, (), ()) == ["header.cell: 'cell' speaks of a location"]
