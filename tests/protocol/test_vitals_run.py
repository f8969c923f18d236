"""Runs of vitals: every sequence of updates comes back exactly; any bytes give updates or a FrameError."""

import json
from contextlib import suppress
from dataclasses import replace
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bandschema import run_vectors
from bandschema.enums import Cause, Validity
from bandschema.readings import BY_READING, NO_VALUE, READINGS
from bandschema.strategies import run_updates
from bandschema.vitals_run import BY_ID, MOST_UPDATES, RunReading, RunUpdate, decode_updates
from bandschema.vitals_run_writer import encode_updates
from bandwire.catalogue import BITS_OF_ID, INDEX_OF_ID
from bandwire.errors import FrameError, LocalError
from bandwire.frames import HEADER_BYTES, MAX_FRAME_BYTES
from bandwire.vitals_run import LEAST_FRAME_BYTES, RunWriter, bit_length
from protocol.runs import EVERY_GROUP, LINES, Table, groups_of, written

few = settings(max_examples=max(settings().max_examples // 4, 50))
"""Each example is of up to 20 updates of 17 readings, or is read at each of its lengths."""


@given(run_updates())
def test_what_is_written_comes_back_to_the_tick_and_the_count(updates: list[RunUpdate]) -> None:
    assert decode_updates(encode_updates(updates), updates[-1].ticks_ms) == tuple(updates)


@few
@given(run_updates(most=20), st.integers(LEAST_FRAME_BYTES, 244))
def test_the_band_tells_every_update_in_frames_of_any_size(
    updates: list[RunUpdate], frame_bytes: int
) -> None:
    groups = groups_of(updates[0])
    if groups is None:
        return
    bodies = written(updates, frame_bytes, groups)
    assert all(len(body) <= frame_bytes - HEADER_BYTES for body, _ in bodies)
    read = [update for body, ticks_ms in bodies for update in decode_updates(body, ticks_ms)]
    assert read == updates


@few
@given(run_updates(most=8), st.lists(st.integers(-70_000, 70_000), min_size=7, max_size=7))
def test_an_update_of_an_earlier_tick_is_told_in_a_frame_of_its_own(
    updates: list[RunUpdate], steps_ms: list[int]
) -> None:
    groups = groups_of(updates[0])
    if groups is None:
        return
    steps_ms = steps_ms[: len(updates) - 1]
    ticks = accumulate(steps_ms, initial=updates[0].ticks_ms)
    updates = [replace(update, ticks_ms=at % (1 << 32)) for update, at in zip(updates, ticks, strict=True)]
    bodies = written(updates, MAX_FRAME_BYTES, groups)
    read = [update for body, ticks_ms in bodies for update in decode_updates(body, ticks_ms)]
    assert read == updates
    assert len(bodies) == 1 + sum(step < 0 for step in steps_ms)


@few
@given(run_updates(most=8))
def test_the_band_writes_the_bytes_of_the_reference(updates: list[RunUpdate]) -> None:
    groups = groups_of(updates[0])
    if groups is not None:
        assert written(updates, MAX_FRAME_BYTES, groups) == [(encode_updates(updates), updates[-1].ticks_ms)]


@given(st.binary(max_size=60), st.integers(0, (1 << 32) - 1))
def test_any_bytes_give_updates_or_a_frame_error(body: bytes, ticks_ms: int) -> None:
    try:
        updates = decode_updates(body, ticks_ms)
    except FrameError:
        return
    assert 1 <= len(updates) <= MOST_UPDATES
    assert decode_updates(encode_updates(updates, body[0] >> 2), ticks_ms) == updates


@pytest.mark.unmeasured
@given(run_updates(), st.data())
def test_a_damaged_body_gives_updates_or_a_frame_error(updates: list[RunUpdate], data: st.DataObject) -> None:
    body = bytearray(encode_updates(updates))
    at = data.draw(st.integers(0, 8 * len(body) - 1))
    body[at // 8] ^= 0x80 >> at % 8
    with suppress(FrameError):
        assert decode_updates(bytes(body), 0)


@few
@given(run_updates(most=4))
def test_a_body_that_is_cut_or_goes_on_is_refused(updates: list[RunUpdate]) -> None:
    body = encode_updates(updates)
    with pytest.raises(FrameError):
        decode_updates(body + b"\0", 0)
    for length in range(len(body)):
        with suppress(FrameError):
            assert len(decode_updates(body[:length], 0)) < len(updates)


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{line['case']} of {line['catalogue']}")
def test_every_golden_body_decodes_for_ever_and_encodes_to_its_bytes(line: dict[str, Any]) -> None:
    updates, body = run_vectors.typed(line["updates"]), bytes.fromhex(line["body"])
    assert decode_updates(body, updates[-1].ticks_ms) == updates
    assert encode_updates(updates, body[0] >> 2) == body
    assert run_vectors.plain(updates) == line["updates"]


def test_the_golden_bodies_are_those_of_todays_catalogue_too() -> None:
    texts = [json.dumps(line) for line in LINES]
    assert run_vectors.new_lines(texts) == []
    assert len(run_vectors.new_lines(texts[1:])) == 1


def test_ids_go_on_from_one_without_a_hole_and_the_tables_follow_them() -> None:
    assert [int(spec.reading) for spec in BY_ID] == list(range(1, len(READINGS) + 1))
    assert [READINGS[index] for index in INDEX_OF_ID] == list(BY_ID)
    assert all(spec.maximum - spec.minimum < 1 << bits for spec, bits in zip(BY_ID, BITS_OF_ID, strict=True))


def _still(count: int) -> list[RunUpdate]:
    readings = {int(spec.reading): RunReading(Validity.VALID, 100, 0, spec.minimum) for spec in BY_ID}
    age = int(BY_READING[READINGS[10].reading].reading)
    return [
        RunUpdate(2000 * index, 2, readings | {age: RunReading(Validity.VALID, 100, 0, 2 * index)})
        for index in range(count)
    ]


def test_a_minute_in_which_nothing_happens_takes_two_bits_an_update() -> None:
    assert len(encode_updates(_still(31))) - len(encode_updates(_still(1))) <= 8


def test_a_run_of_too_many_updates_is_neither_written_nor_read() -> None:
    with pytest.raises(LocalError, match=r"1\.\.64 updates, got 65"):
        encode_updates(_still(MOST_UPDATES + 1))
    with pytest.raises(LocalError, match="got 0"):
        encode_updates([])
    key = encode_updates(_still(1))
    bits = 6 + 1 + 3 + 2 * len(BY_ID) + sum(BITS_OF_ID)
    text = f"{int.from_bytes(key, 'big'):0{8 * len(key)}b}"[:bits] + "10" * MOST_UPDATES
    text += "0" * (-len(text) % 8)
    with pytest.raises(FrameError, match="64 updates at most"):
        decode_updates(int(text, 2).to_bytes(len(text) // 8, "big"), 0)


def test_only_sixty_four_updates_go_into_a_run_however_short_they_are() -> None:
    bodies = written(_still(MOST_UPDATES + 6), 244)
    assert [len(decode_updates(body, ticks_ms)) for body, ticks_ms in bodies] == [MOST_UPDATES, 6]


@pytest.mark.parametrize("interval_ms", [1 << 24, (1 << 24) + 70_000, 1 << 31])
def test_a_pause_too_long_for_a_run_begins_another(interval_ms: int) -> None:
    first, second = _still(2)
    later = replace(second, ticks_ms=interval_ms)
    assert len(written([first, later], 244)) == 2
    assert len(written([first, replace(second, ticks_ms=(1 << 24) - 1)], 244)) == 1
    with pytest.raises(LocalError, match="too long between two updates"):
        encode_updates([first, later])


def test_a_body_of_a_later_catalogue_or_of_none_is_refused_as_a_whole() -> None:
    body = encode_updates(_still(1))
    for count in (0, len(BY_ID) + 1, 63):
        with pytest.raises(FrameError, match=f"catalogue of {count}"):
            decode_updates(bytes([count << 2 | body[0] & 3]) + body[1:], 0)


@pytest.mark.parametrize(
    "told",
    [
        RunReading(Validity.VALID, 101, 0, 700),
        RunReading(Validity.VALID, 50, Cause.MOTION, 700),
        RunReading(Validity.VALID, 50, 0, NO_VALUE),
        RunReading(Validity.LOW_QUALITY, 50, 32, 700),
        RunReading(Validity.UNKNOWN, 1, Cause.MOTION, NO_VALUE),
        RunReading(Validity.UNKNOWN, 0, Cause.MOTION, 700),
        RunReading(9, 0, Cause.MOTION, NO_VALUE),
        RunReading(Validity.VALID, 50, 0, 2401),
    ],
)
def test_a_reading_that_is_none_is_not_written(told: RunReading) -> None:
    with pytest.raises(LocalError, match="heart_rate_bpm"):
        encode_updates([RunUpdate(0, 0, {1: told})])


def test_updates_of_other_readings_and_a_contact_out_of_range_are_not_written() -> None:
    told = RunReading(Validity.VALID, 50, 0, 700)
    with pytest.raises(LocalError, match="in every update"):
        encode_updates([RunUpdate(0, 0, {1: told}), RunUpdate(2000, 0, {})])
    with pytest.raises(LocalError, match="contact"):
        encode_updates([RunUpdate(0, 8, {1: told})])


def _bits(text: str) -> bytes:
    return int(text + "0" * (-len(text) % 8), 2).to_bytes((len(text) + 7) // 8, "big")


_HEART_ONLY = "000001" + "1" + "010"
"""A catalogue of one reading, the heart rate, on the wrist."""
_SLOWEST = "0" + "1" + "0" * 12
"""25 a minute, at 100 %: a byte ends here."""


@pytest.mark.parametrize(
    ("bits", "why"),
    [
        ("10" + "000011" + "1" + "11" + "0", "no value"),
        ("0" + "01100101" + "0" * 12, "out of its ranges"),
        (_SLOWEST[:-12] + "1" * 12, "out of its ranges"),
        (_SLOWEST + "1" + "11" + "00" + "0" * 27 + "1", "26 zeros"),
        (_SLOWEST + "0" * 8, "zeros of a byte"),
        (_SLOWEST + "0001", "zeros of a byte"),
        (_SLOWEST + "01" + "0" * 11 + f"{4002:b}" + "00", "an interval of -1 ms"),
        (_SLOWEST + "1" + "11" + "00", "bits, 0 are left"),
    ],
)
def test_a_body_that_breaks_a_line_of_the_page_is_refused(bits: str, why: str) -> None:
    with pytest.raises(FrameError, match=why):
        decode_updates(_bits(_HEART_ONLY + bits), 0)


def test_the_least_room_holds_the_longest_update_of_the_catalogue() -> None:
    causes = [index % 31 + 1 for index in range(len(BY_ID))]
    longest = {
        int(spec.reading): RunReading(Validity.LOW_QUALITY, 99, cause, spec.maximum)
        for spec, cause in zip(BY_ID, causes, strict=True)
    }
    updates = [RunUpdate(0, 2, longest)]
    ((body, ticks_ms),) = written(updates, LEAST_FRAME_BYTES)
    assert HEADER_BYTES + len(body) == LEAST_FRAME_BYTES
    assert list(decode_updates(body, ticks_ms)) == updates
    # A reading that is left out saves more than to say of each whether it is there.
    assert min(BITS_OF_ID) + 17 > len(BY_ID)


@given(st.integers(0, 1 << 29))
def test_the_band_counts_bits_as_python_does(number: int) -> None:
    assert bit_length(number) == number.bit_length()


def test_updates_may_fill_a_frame_to_its_last_bit_and_the_next_one_leaves_them_as_they_are() -> None:
    updates = [
        RunUpdate(1000 * at, 2, {1: RunReading(Validity.VALID, 99, 0, 250 + at * at % 7)})
        for at in range(MOST_UPDATES)
    ]
    table = Table()
    writer = RunWriter(table, MAX_FRAME_BYTES)
    writer.choose(EVERY_GROUP)
    found = 0
    for count, update in enumerate(updates[:-1], start=1):
        table.show(update)
        assert writer.add(update.ticks_ms & 0xFFFF, update.ticks_ms >> 16)
        end = writer._bit
        if end % 8 or end // 8 < LEAST_FRAME_BYTES:
            continue
        found += 1
        first, second = written(updates[: count + 1], end // 8)
        assert first == (bytes(writer.buffer[HEADER_BYTES : end // 8]), update.ticks_ms)
        assert len(decode_updates(*second)) == 1
    assert found
