"""Runs by their bits: every branch of a body as it stands on its page, in the reference and on the band."""

from collections.abc import Sequence
from typing import Any

import pytest

from bandschema import run_vectors
from bandschema.enums import Cause, Contact, Group, Validity
from bandschema.readings import NO_VALUE
from bandschema.vitals_run import BY_ID, MOST_UPDATES, RunReading, RunUpdate, decode_updates, is_tellable
from bandschema.vitals_run_writer import encode_updates
from bandwire.catalogue import READING_COUNT
from bandwire.errors import FrameError, LocalError
from bandwire.frames import HEADER_BYTES, MAX_FRAME_BYTES
from bandwire.vitals_run import LEAST_FRAME_BYTES, RunWriter, zigzag
from protocol.runs import LINES, Table, written

_HEART, _OXYGEN, _CUFF_AGE_S = 1, 3, 8


def _told(raw_value: int, quality: int = 100) -> RunReading:
    return RunReading(Validity.VALID, quality, 0, raw_value)


def _low(raw_value: int, quality: int, cause: int) -> RunReading:
    return RunReading(Validity.LOW_QUALITY, quality, cause, raw_value)


def _none(validity: Validity, cause: int) -> RunReading:
    return RunReading(validity, 0, cause, NO_VALUE)


def _bytes(text: str) -> bytes:
    text = text.replace(" ", "")
    text += "0" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8, "big")


def _run(*steps: tuple[int, RunReading]) -> list[RunUpdate]:
    """Updates of the heart rate alone: an interval, and the reading after it."""
    ticks_ms, updates = 10_000, list[RunUpdate]()
    for interval_ms, told in steps:
        ticks_ms += interval_ms
        updates.append(RunUpdate(ticks_ms, Contact.ON_WRIST, {_HEART: told}))
    return updates


def _of_two(*raw_values: tuple[int, int]) -> list[RunUpdate]:
    """Updates of heart rate and oxygen, on time."""
    return [
        RunUpdate(2000 * place, Contact.ON_WRIST, {_HEART: _told(heart), _OXYGEN: _told(oxygen)})
        for place, (heart, oxygen) in enumerate(raw_values)
    ]


_STILL = (2000, _told(700))
_AT_700 = "000001 1 010 0 1 000111000010 "
BITS: dict[str, tuple[list[RunUpdate], int, str]] = {
    "all readings of a smaller catalogue": (
        [RunUpdate(0, Contact.ON_WRIST, {1: _told(700), 2: _told(40), 3: _told(1000)})], 3,
        "000011 1 010  0 1 000111000010  0 1 0000000000  0 1 111110100",
    ),
    "a reading that stays": (_run(_STILL, _STILL, _STILL), 1, _AT_700 + "1 0  1 0"),
    "steps, each with the k of the one before": (
        _run(*((2000, _told(raw)) for raw in (700, 701, 700, 705, 704, 904, 905, 905))), 1,
        _AT_700 + "1 11 00 010  1 1 00 10  1 1 00 0001010  1 1 00 10000"
        "1 1 00 00000000110010000  1 1 00 1000000001  1 0",
    ),
    "idle, awake for six updates, and idle again": (
        _run(_STILL, *[(2000, _told(701))] * 8, *[(2000, _told(702))] * 2), 1,
        _AT_700 + "1 11 00 010  10 10 10 10 10 10  1 0  1 11 00 11  1 0",
    ),
    "two readings, of which one is awake": (
        _of_two((700, 900), (700, 901), (702, 901), (702, 901), (703, 900)), 3,
        "000011 0 101 010  0 1 000111000010  0 1 110010000"
        "1 1 01 00 010  1 0 11 00 00100  1 00  1 11 00 101 00 10",
    ),
    "qualities, with a step and without": (
        _run(*((2000, _told(*to)) for to in ((700, 0), (700, 1), (703, 100), (703, 99), (703, 99)))), 1,
        "000001 1 010 0 0 0000000 000111000010"
        "1 11 01 101 0  1 1 01 0000011001001 1 00110  1 1 01 100 0  1 0",
    ),
    "states and causes": (
        _run(*((2000, told) for told in (
            _none(Validity.UNKNOWN, 0), _none(Validity.UNKNOWN, 7), _none(Validity.STALE, 7),
            _low(250, 50, 7), _low(251, 50, 31), _told(2400), _low(2400, 100, 31),
        ))), 1,
        "000001 1 010 10 1  1 11 1 10 0 00111  1 1 1 111 1  1 1 1 110 1 0 0110010 000000000000"
        "1 1 1 110 0 11111 0 0110010 000000000001  1 1 1 0 1 100001100110  1 1 1 110 1 1 100001100110",
    ),
    "a cause told of both of two readings": (
        [
            RunUpdate(2000 * place, 0, {1: _none(Validity.UNKNOWN, one), 2: _none(Validity.UNKNOWN, other)})
            for place, (one, other) in enumerate(((4, 4), (5, 5), (5, 4)))
        ], 2,
        "000010 1 000 10 0 00100 10 1  1 1 11 1 10 0 00101 1 10 1  1 01 1 10 0 00100",
    ),
    "intervals, each with the k of the one before": (
        _run(_STILL, *((ms, _told(700)) for ms in (2001, 2001, 0, (1 << 24) - 1, 2000))), 1,
        _AT_700 + "01 011 0 0  1 0  01 000000000111110100101 0 0"
        "01 000000000000010000000000000111111111110 0 0  01 11111111111111000001011101 0 0",
    ),
    "contacts, with an interval and without": (
        [RunUpdate(ticks_ms, contact, {_HEART: _told(700)})
         for ticks_ms, contact in ((0, 0), (2000, 3), (4000, 3), (6005, 7), (8010, 0))], 1,
        "000001 1 000 0 1 000111000010"
        "01 1 1 011 0  1 0  01 0001011 1 111 0  01 10000 1 000 0",
    ),
    "an age that goes on by itself": (
        [RunUpdate(ticks_ms, Contact.ON_WRIST, {_CUFF_AGE_S: _told(age_s)})
         for ticks_ms, age_s in ((0, 0), (999, 0), (1999, 1), (4999, 4), (6999, 7), (8999, 9))], 8,
        "001000 0 00000001 010 0 1 0000000000000000000000000"
        "01 000000000011111010010 0 0  01 100000000010 0 0  01 000000000111110100100 0 0"
        "01 1011111001111 0 1 1 00 010  1 0",
    ),
    "an age that is not known does not go on": (
        [RunUpdate(2000 * place, Contact.ON_WRIST, {_CUFF_AGE_S: told})
         for place, told in enumerate((*[_none(Validity.STALE, 1)] * 2, _told(5), _told(7)))], 8,
        "001000 0 00000001 010 111 0 00001  1 0  1 11 1 0 1 0000000000000000000000101  1 0",
    ),
}  # fmt: skip
each_run = pytest.mark.parametrize(("updates", "reading_count", "bits"), BITS.values(), ids=list(BITS))


@each_run
def test_updates_make_the_bits_of_the_page(updates: list[RunUpdate], reading_count: int, bits: str) -> None:
    assert encode_updates(updates, reading_count) == _bytes(bits)


@each_run
def test_the_bits_of_the_page_give_the_updates(
    updates: list[RunUpdate], reading_count: int, bits: str
) -> None:
    assert decode_updates(_bytes(bits), updates[-1].ticks_ms) == tuple(updates)


def _on_band(updates: Sequence[RunUpdate]) -> list[RunUpdate]:
    """The same updates with every other reading of the catalogue unknown, as a band of all groups has it."""
    nothing = {int(spec.reading): _none(Validity.UNKNOWN, Cause.STARTING) for spec in BY_ID}
    return [RunUpdate(update.ticks_ms, update.contact, {**nothing, **update.readings}) for update in updates]


@each_run
def test_the_band_makes_the_bytes_of_the_reference(
    updates: list[RunUpdate], reading_count: int, bits: str
) -> None:
    del reading_count, bits
    told = _on_band(updates)
    assert written(told, MAX_FRAME_BYTES) == [(encode_updates(told), told[-1].ticks_ms)]


WHOLE = [line for line in LINES if line["catalogue"] == len(line["updates"][0]["readings"]) == READING_COUNT]


@pytest.mark.parametrize("line", WHOLE, ids=lambda line: line["case"])
def test_the_band_makes_the_golden_bodies(line: dict[str, Any]) -> None:
    updates = list(run_vectors.typed(line["updates"]))
    assert written(updates, MAX_FRAME_BYTES) == [(bytes.fromhex(line["body"]), updates[-1].ticks_ms)]


@pytest.mark.parametrize("groups", [Group.PULSE, Group.OXYGEN | Group.BLOOD_PRESSURE, Group.DEVICE, Group(0)])
def test_the_band_tells_the_readings_of_its_groups(groups: Group) -> None:
    chosen = [int(spec.reading) for spec in BY_ID if spec.group & groups]
    told = [
        RunUpdate(update.ticks_ms, update.contact, {number: update.readings[number] for number in chosen})
        for update in run_vectors.drawn_updates("groups", 12)
    ]
    assert written(told, MAX_FRAME_BYTES, groups) == [(encode_updates(told), told[-1].ticks_ms)]


def test_the_band_fills_a_frame_to_its_last_bit() -> None:
    updates = run_vectors.drawn_updates("full", 12)
    for frame_bytes in range(LEAST_FRAME_BYTES, LEAST_FRAME_BYTES + 120, 13):
        bodies, left = list[tuple[bytes, int]](), list(updates)
        while left:
            count = 1
            while count < len(left) and len(encode_updates(left[: count + 1])) <= frame_bytes - HEADER_BYTES:
                count += 1
            bodies.append((encode_updates(left[:count]), left[count - 1].ticks_ms))
            left = left[count:]
        assert written(updates, frame_bytes) == bodies


def test_a_run_is_open_until_it_is_closed_or_others_are_chosen() -> None:
    table = Table()
    writer = RunWriter(table, LEAST_FRAME_BYTES)
    assert (writer.update_count, writer.ticks_low, writer.ticks_high) == (0, 0, 0)
    writer.choose(Group.DEVICE)
    for ticks_ms in (0x1FFFE, 0x207CE):
        table.show(RunUpdate(ticks_ms, 2, {12: _told(50)}))
        assert writer.add(ticks_ms & 0xFFFF, ticks_ms >> 16)
    assert (writer.update_count, writer.ticks_low, writer.ticks_high) == (2, 0x07CE, 2)
    writer.choose(Group.PULSE)
    assert writer.update_count == 0
    writer.choose(Group.DEVICE)
    assert writer.add(5, 6)
    assert (writer.update_count, writer.ticks_low, writer.ticks_high) == (1, 5, 6)
    assert writer.close() == HEADER_BYTES + 5
    assert writer.update_count == 0


@pytest.mark.parametrize(
    ("before_ms", "ticks_ms", "is_taken"),
    [
        (0xFFFF, 0x100FFFE, True),
        (0xFFFF, 0x100FFFF, False),
        (0, 0xFFFFFF, True),
        (0, 0x1000000, False),
        (0x1234, 0x1001234, False),
        (0xFFFFFFFF, 0x00FFFFFE, True),
        (0xFFFFFFFF, 0x00FFFFFF, False),
        (0xFFFF, 0x1010000, False),
        (0xFFFF, 0xFFFF, True),
        (0xFFFF, 0xFFFE, False),
        (0x10000, 0xFFFF, False),
    ],
)
def test_a_run_goes_over_less_than_2_to_the_24_ms(before_ms: int, ticks_ms: int, is_taken: bool) -> None:
    updates = [RunUpdate(ms, 2, {_HEART: _told(700)}) for ms in (before_ms, ticks_ms)]
    table = Table()
    writer = RunWriter(table, LEAST_FRAME_BYTES)
    writer.choose(Group.PULSE)
    table.show(updates[0])
    assert writer.add(before_ms & 0xFFFF, before_ms >> 16)
    assert writer.add(ticks_ms & 0xFFFF, ticks_ms >> 16) == is_taken
    if is_taken:
        assert decode_updates(encode_updates(updates, 1), ticks_ms) == tuple(updates)
        return
    with pytest.raises(LocalError) as caught:
        encode_updates(updates, 1)
    interval_ms = (ticks_ms - before_ms) % (1 << 32)
    assert str(caught.value) == f"vitals_run: {interval_ms} ms are too long between two updates"


def test_a_run_of_64_still_updates_is_full_on_the_band() -> None:
    bodies = written(_on_band(_run(*[_STILL] * (MOST_UPDATES + 1))), MAX_FRAME_BYTES)
    assert [len(decode_updates(body, ticks_ms)) for body, ticks_ms in bodies] == [MOST_UPDATES, 1]


def test_zigzag_takes_turns() -> None:
    assert [zigzag(number) for number in (0, -1, 1, -2, 2, -1000)] == [0, 1, 2, 3, 4, 1999]


_KEY = "000001 1 010 "
_STEP = _AT_700 + "1 11 00 "


@pytest.mark.parametrize(
    ("bits", "verdict"),
    [
        ("000000 1 010 0 1" + "0" * 12, ": wanted 1..17 readings, got a catalogue of 0"),
        ("010010 1 010 0 1" + "0" * 12, ": wanted 1..17 readings, got a catalogue of 18"),
        (_KEY + "0 1 0001", ": wanted 12 bits, 4 are left"),
        (_STEP, ": wanted 1 bits, 0 are left"),
        (_STEP + "000", ": wanted 1 bits, 0 are left"),
        (_STEP + "0000001 0000", ": wanted 6 bits, 4 are left"),
        (_STEP + "0" * 27, ": a code of more than 26 zeros"),
        (_AT_700 + "1 0" * 63 + "1", ": wanted 64 updates at most, got more"),
        (_AT_700 + "0" * 8, ": what follows the last update is not the zeros of a byte"),
        (_AT_700 + "0010 0000", ": what follows the last update is not the zeros of a byte"),
        (_AT_700 + "1 0 00 0001", ": what follows the last update is not the zeros of a byte"),
        (_AT_700 + "01" + "0" * 11 + "111110100010 0 0", ": an interval of -1 ms"),
        (_AT_700 + "01" + "0" * 24 + "1111111111111000001100001 0 0", ": an interval of 16777216 ms"),
        (_KEY + "10 1  1 11 00 1", ".heart_rate_bpm: a change of a reading that has no value"),
        (_KEY + "111 1  1 11 01 1", ".heart_rate_bpm: a change of a reading that has no value"),
        (_KEY + "0 0 1100101" + "0" * 12, f".heart_rate_bpm: {_told(250, 101)} is out of its ranges"),
        (_KEY + "0 1 100001100111", f".heart_rate_bpm: {_told(2401)} is out of its ranges"),
        (_KEY + "0 1 000000000000  1 11 00 1", f".heart_rate_bpm: {_told(249)} is out of its ranges"),
        (_AT_700 + "1 11 01 101 0", f".heart_rate_bpm: {_told(700, 101)} is out of its ranges"),
        ("001000 0 00000001 010 0 1 1111000010011001110000000  1 0",
         f".cuff_age_s: {_told(31536002)} is out of its ranges"),
    ],
)  # fmt: skip
def test_damage_has_its_name(bits: str, verdict: str) -> None:
    with pytest.raises(FrameError) as caught:
        decode_updates(_bytes(bits), 0)
    assert str(caught.value) == "vitals_run" + verdict


def test_a_code_may_have_26_zeros() -> None:
    far = _told(700 + (1 << 25))
    with pytest.raises(FrameError) as caught:
        decode_updates(_bytes(_STEP + "0" * 26 + f"{1 << 26:027b}"), 0)
    assert str(caught.value) == f"vitals_run.heart_rate_bpm: {far} is out of its ranges"


@pytest.mark.parametrize(
    ("told", "is_told"),
    [
        (_told(250, 0), True),
        (_told(2400, 100), True),
        (_told(249), False),
        (_told(2401), False),
        (_told(700, 101), False),
        (_told(700, -1), False),
        (RunReading(Validity.VALID, 100, 1, 700), False),
        (_low(250, 0, 0), True),
        (_low(2400, 100, 31), True),
        (_low(700, 50, 32), False),
        (_low(700, 50, -1), False),
        (_low(NO_VALUE, 0, 1), False),
        (_none(Validity.UNKNOWN, 0), True),
        (_none(Validity.STALE, 31), True),
        (_none(Validity.UNKNOWN, 32), False),
        (RunReading(Validity.STALE, 1, 1, NO_VALUE), False),
        (RunReading(Validity.STALE, 0, 1, 0), False),
        (RunReading(4, 0, 1, NO_VALUE), False),
    ],
)
def test_a_reading_is_told_within_its_ranges_only(told: RunReading, is_told: bool) -> None:
    assert is_tellable(BY_ID[0], told) == is_told
    updates = [RunUpdate(7, 2, {_HEART: told})]
    if is_told:
        assert decode_updates(encode_updates(updates, 1), 7) == tuple(updates)
        return
    with pytest.raises(LocalError) as caught:
        encode_updates(updates, 1)
    assert str(caught.value) == f"vitals_run.heart_rate_bpm: {told} is no reading that can be sent"


def _contact(contact: int) -> RunUpdate:
    return RunUpdate(0, contact, {_HEART: _told(700)})


@pytest.mark.parametrize(
    ("updates", "error"),
    [
        ([], ": wanted 1..64 updates, got 0"),
        ([_contact(2)] * 65, ": wanted 1..64 updates, got 65"),
        ([_contact(8)], ".contact: 8 takes more than 3 bits"),
        ([_contact(0), _contact(-1)], ".contact: -1 takes more than 3 bits"),
        ([_contact(2), RunUpdate(0, 2, {})], ": wanted readings ['heart_rate_bpm'] in every update"),
        ([RunUpdate(0, 2, {18: _told(700)})], ": wanted readings [] in every update"),
    ],
)
def test_what_is_no_run_is_called_by_its_name(updates: list[RunUpdate], error: str) -> None:
    with pytest.raises(LocalError) as caught:
        encode_updates(updates)
    assert str(caught.value) == "vitals_run" + error


def test_a_buffer_too_small_for_an_update_is_refused() -> None:
    assert len(RunWriter(Table(), 72).buffer) == 72
    with pytest.raises(LocalError) as caught:
        RunWriter(Table(), 71)
    assert str(caught.value) == "an update takes up to 72 bytes, got 71"
