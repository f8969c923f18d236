"""Records in the values of the GATT service, and a band whose carrier is gone."""

from hypothesis import example, given
from hypothesis import strategies as st

from bandwire.events import BAD_BEFORE_HELLO, DOWN_CARRIER_LOST, EVENT_BAD, EVENT_DOWN, EVENT_UP
from bandwire.gatt import (
    LEAST_MTU,
    MAX_WRITTEN_RECORD_BYTES,
    MOST_MTU,
    WrittenRecords,
    sent_record_bytes,
    written_record_bytes,
)
from bandwire.record import MAX_RECORD_BYTES, MIN_RECORD_BYTES, is_hello
from link.pairs import Pair, take_events, up_pair

RECORDS = st.lists(st.binary(max_size=MAX_WRITTEN_RECORD_BYTES), max_size=5)


def written(records: list[bytes]) -> bytes:
    return b"".join(bytes([len(record)]) + record for record in records)


def taken(records: WrittenRecords) -> list[bytes]:
    found = list[bytes]()
    while (record := records.next_record()) is not None:
        found.append(bytes(record))
    return found


@given(RECORDS, RECORDS)
def test_writes_that_the_stack_put_together_come_apart_again(first: list[bytes], second: list[bytes]) -> None:
    records = WrittenRecords()
    for value in (first, second):
        records.feed(written(value))
        assert taken(records) == [record for record in value if record]
        assert records.next_record() is None
    assert records.malformed == 0


@given(RECORDS, st.binary(min_size=1, max_size=300), st.integers(1, 300))
@example([], b"a", 1)
def test_a_value_that_breaks_off_gives_what_was_whole_and_is_counted(
    whole: list[bytes], last: bytes, cut: int
) -> None:
    last = last[:MAX_WRITTEN_RECORD_BYTES]
    value = written([*whole, last])
    records = WrittenRecords()
    records.feed(value[: len(value) - min(cut, len(last))])
    assert taken(records) == [record for record in whole if record]
    assert records.malformed == 1
    records.feed(written([last]))
    assert taken(records) == [last]
    assert records.malformed == 1


@given(st.integers(LEAST_MTU, MOST_MTU))
def test_every_mtu_leaves_room_for_records_and_for_no_longer_ones(mtu: int) -> None:
    assert MIN_RECORD_BYTES <= written_record_bytes(mtu) <= MAX_WRITTEN_RECORD_BYTES
    assert MIN_RECORD_BYTES <= sent_record_bytes(mtu) <= MAX_RECORD_BYTES
    assert 1 + written_record_bytes(mtu) <= sent_record_bytes(mtu)


def test_the_least_and_the_most_mtu_leave_exactly_what_records_are_bounded_by() -> None:
    assert written_record_bytes(LEAST_MTU) == MIN_RECORD_BYTES
    assert sent_record_bytes(MOST_MTU) == MAX_RECORD_BYTES
    assert written_record_bytes(MOST_MTU) == MAX_WRITTEN_RECORD_BYTES


def test_a_band_whose_carrier_is_gone_takes_a_new_session_only() -> None:
    pair = up_pair()
    pair.band.hang_up()
    assert take_events(pair.band) == [(EVENT_DOWN, DOWN_CARRIER_LOST)]
    assert not pair.band.is_up
    again = Pair()
    assert pair.to_band(again.from_host()) == [(EVENT_BAD, BAD_BEFORE_HELLO)]
    other = Pair(session_id=b"session2")
    assert [event[0] for event in pair.to_band(other.from_host())] == [EVENT_UP]


def test_a_hello_and_nothing_else_says_that_it_is_one() -> None:
    pair = Pair()
    hello = pair.from_host()
    assert is_hello(hello)
    pair.to_band(hello)
    assert is_hello(pair.from_band())
    pair.append(b"1")
    assert not is_hello(pair.from_band())


def test_values_that_break_off_are_counted_each_time() -> None:
    records = WrittenRecords()
    for times in (1, 2):
        records.feed(b"\x05ab")
        assert records.next_record() is None
        assert records.malformed == times


def test_hanging_up_twice_is_told_once() -> None:
    pair = up_pair()
    pair.band.hang_up()
    pair.band.hang_up()
    assert len(take_events(pair.band)) == 1
