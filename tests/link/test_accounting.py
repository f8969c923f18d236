"""Every number that the band gave out is received, repaired or missing, whatever the carrier does."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bandwire import accounting
from bandwire.accounting import MAX_BOOTS, MAX_RANGES, Ledger
from bandwire.events import EVENT_GAP, EVENT_UNKNOWN_KIND
from link.pairs import BOOT_ID, CARRIER_BYTES, Pair, up_pair

NOT_KEPT = 7
"""Numbers that are asked for at once."""
numbers = st.integers(0, 60)
steps = st.lists(
    st.tuples(st.sampled_from(["live", "next", "backfilled", "not kept"]), st.integers(1, 3), numbers),
    max_size=120,
)


class Model:
    """The account as sets, without bounds: what the ledger must agree with."""

    def __init__(self):
        self.next = {}
        self.first = {}
        self.seen = set()
        self.lost = set()
        self.received = self.repaired = self.duplicates = self.unaccounted = 0

    def boot(self, boot, number):
        if boot in self.next:
            return True
        if self.next and boot < max(self.next):
            return False
        self.first[boot] = self.next[boot] = 0 if self.next else number
        return True

    def step(self, what, boot, number):
        if what == "not kept":
            wanted = range(number, number + NOT_KEPT)
            self.lost |= {(boot, lost) for lost in self.missing(boot) if lost in wanted}
            return
        if what == "backfilled":
            is_known = boot in self.next and number < self.next[boot]
        else:
            is_known = self.boot(boot, number)
        if what == "next":
            if is_known:
                self.next[boot] = max(self.next[boot], number)
        elif not is_known or number < self.first[boot]:
            self.unaccounted += 1
        elif number >= self.next[boot]:
            self.next[boot] = number + 1
            self.seen.add((boot, number))
            self.received += 1
        elif (boot, number) in self.seen:
            self.duplicates += 1
        else:
            self.lost.discard((boot, number))
            self.seen.add((boot, number))
            self.repaired += 1

    @property
    def assigned(self):
        return sum(self.next[boot] - self.first[boot] for boot in self.next)

    def missing(self, boot):
        numbers = range(self.first.get(boot, 0), self.next.get(boot, 0))
        return [number for number in numbers if (boot, number) not in self.seen | self.lost]


def accounted(ledger):
    return ledger.received + ledger.repaired + ledger.dropped_on_band + ledger.missing


def apply(ledger, what, boot, number):
    if what == "live":
        ledger.note_live(boot, number)
    elif what == "next":
        ledger.note_next(boot, number)
    elif what == "not kept":
        ledger.note_not_kept(boot, number, NOT_KEPT)
    else:
        ledger.note_backfilled(boot, number)


@given(steps)
@example([("live", 1, 0), ("live", 1, 40), ("not kept", 1, 21), ("not kept", 1, 14), ("backfilled", 1, 20)])
@example([("live", 1, 0), ("live", 1, 40), ("not kept", 1, 21), ("not kept", 1, 5), ("not kept", 1, 12)])
@example([("backfilled", 1, 5), ("live", 2, 5), ("live", 1, 6), ("live", 3, 2), ("next", 1, 9)])
def test_received_repaired_lost_and_missing_make_up_all_numbers_assigned(taken):
    ledger, model = Ledger(), Model()
    for what, boot, number in taken:
        apply(ledger, what, boot, number)
        model.step(what, boot, number)
        assert accounted(ledger) == ledger.assigned == model.assigned
    assert (ledger.received, ledger.repaired) == (model.received, model.repaired)
    assert ledger.dropped_on_band == len(model.lost)
    assert (ledger.duplicates, ledger.unaccounted) == (model.duplicates, model.unaccounted)
    for boot in (1, 2, 3):
        ranges = ledger.missing_ranges(boot)
        assert [n for first, count in ranges for n in range(first, first + count)] == model.missing(boot)


@pytest.mark.unmeasured
@given(st.integers(2, 40), st.sampled_from(CARRIER_BYTES), st.data())
def test_account_is_right_under_loss_duplication_and_reorder(count, max_bytes, data):
    pair = up_pair(max_bytes, memory_bytes=1500)
    records = []
    for index in range(count):
        pair.append(bytes(index * 7 % 90))
        if data.draw(st.booleans()):
            records += list(iter(pair.from_band, b""))
    pair.post_reply()
    records += list(iter(pair.from_band, b""))
    fate = data.draw(st.lists(st.sampled_from([0, 1, 1, 1, 2]), min_size=len(records), max_size=len(records)))
    carried = [record for record, times in zip(records, fate, strict=True) for _ in range(times)]
    moves = data.draw(st.lists(st.integers(0, 3), min_size=len(carried), max_size=len(carried)))
    carried = [
        item for _, item in sorted(enumerate(carried), key=lambda pair: pair[0] + moves[pair[0]] * 1.5)
    ]
    for record in carried:
        pair.to_host(record)
    pair.pass_time(10_000)
    pair.post_reply()
    pair.run()
    ledger = pair.host.ledger
    assert ledger.assigned == count
    assert ledger.received + ledger.repaired + ledger.missing == count
    assert ledger.received + ledger.repaired == len(pair.frames_at_host()) == len(set(pair.frames_at_host()))
    assert set(pair.frames_at_host()) <= set(pair.appended)
    assert ledger.missing >= pair.memory.drops


@given(st.integers(2, 30), st.sampled_from(CARRIER_BYTES), st.integers(1, 2**30))
def test_every_gap_is_repaired_from_what_the_band_keeps(count, max_bytes, pattern):
    pair = up_pair(max_bytes, memory_bytes=8192)
    for index in range(count):
        pair.append(bytes(index * 7 % 90))
        for number, record in enumerate(iter(pair.from_band, b"")):
            if not pattern >> ((index + number) % 30) & 1:
                pair.to_host(record)
    pair.post_reply()
    pair.run()
    for first, missing in pair.host.ledger.missing_ranges(BOOT_ID):
        assert pair.reader.begin(BOOT_ID, first, missing) == missing
        pair.run()
    assert sorted(pair.frames_at_host()) == sorted(pair.appended)
    assert pair.host.ledger.missing == 0


def test_gap_is_reported_when_a_sequence_is_missing():
    pair = up_pair(64)
    for _ in range(3):
        pair.append(bytes(40))
        record = pair.from_band()
        if pair.numbering.next_sequence != 2:
            pair.to_host(record)
    assert [event for event in pair.host_events if event[0] == EVENT_GAP] == [(EVENT_GAP, BOOT_ID, 1, 1)]


def test_lost_tail_is_seen_by_the_next_session_frame():
    pair = up_pair(64)
    pair.append(bytes(40))
    pair.from_band()
    pair.host.request_time(0, 1000, 0)
    pair.run()
    assert (EVENT_GAP, BOOT_ID, 0, 1) in pair.host_events


def test_unknown_numbered_kind_is_skipped_counted_and_no_gap():
    pair = up_pair(64)
    pair.append(b"later", kind=0x3F)
    pair.append(b"abc")
    pair.run()
    assert [event[0] for event in pair.host_events] == [EVENT_UNKNOWN_KIND, 3]
    assert pair.host.unknown_kinds == 1
    assert (pair.host.ledger.received, pair.host.ledger.missing) == (2, 0)


def test_account_begins_where_the_store_ends():
    pair = Pair(64)
    for _ in range(5):
        pair.append(b"abc")
    pair.host.ledger.account_for_earlier(BOOT_ID, 0, 2, [], [])
    for _ in range(4):
        pair.memory.peek()
        pair.memory.advance()
    pair.run()
    assert [event for event in pair.host_events if event[0] == EVENT_GAP] == [(EVENT_GAP, BOOT_ID, 2, 2)]


def test_new_boot_is_accounted_from_its_first_number():
    ledger = Ledger()
    ledger.note_next(3, 100)
    assert ledger.note_next(4, 5) == (0, 5)
    assert ledger.missing == 5
    assert ledger.boot_ids() == [3, 4]


def test_memory_is_bounded_and_what_is_forgotten_is_given_on():
    ledger = Ledger()
    for number in range(0, 4 * MAX_RANGES, 2):
        ledger.note_live(1, number)
    assert len(ledger.missing_ranges(1)) == MAX_RANGES
    assert ledger.forgotten == MAX_RANGES - 1
    assert ledger.note_backfilled(1, 1)
    assert ledger.unaccounted == 1
    assert ledger.received + ledger.repaired + ledger.missing == ledger.assigned
    for boot_id in range(2, 2 * MAX_BOOTS):
        ledger.note_live(boot_id, 0)
    assert len(ledger.boot_ids()) == MAX_BOOTS
    assert ledger.forgotten == 2 * MAX_RANGES - 1
    assert ledger.missing_ranges(1) == []
    assert ledger.received + ledger.repaired + ledger.missing == ledger.assigned


def test_range_split_by_a_repair_beyond_the_bound_forgets_the_oldest():
    ledger = Ledger()
    ledger.note_live(1, 0)
    for number in range(4, 4 + 4 * MAX_RANGES, 4):
        ledger.note_live(1, number)
    assert ledger.note_backfilled(1, 4 * MAX_RANGES - 2)
    assert len(ledger.missing_ranges(1)) == MAX_RANGES
    assert ledger.forgotten == 3


def test_numbers_missing_in_a_row_are_one_range_however_often_they_are_told():
    ledger = Ledger()
    ledger.note_live(1, 0)
    for number in range(2, 2 * MAX_RANGES):
        ledger.note_next(1, number)
    assert ledger.missing_ranges(1) == [(1, 2 * MAX_RANGES - 2)]
    assert (ledger.missing, ledger.forgotten) == (2 * MAX_RANGES - 2, 0)


def test_numbers_of_before_join_the_account_that_there_is():
    ledger = Ledger()
    for number in (10, 12, 14):
        ledger.note_live(2, number)
    ledger.note_not_kept(2, 11, 1)
    ledger.account_for_earlier(2, 5, 10, [(6, 1)], [(7, 2)])
    assert (ledger.assigned, ledger.received, ledger.missing, ledger.dropped_on_band) == (10, 5, 2, 3)
    assert ledger.missing_ranges(2) == [(6, 1), (13, 1)]
    ledger.account_for_earlier(1, 0, 1, [], [])
    assert (ledger.assigned, ledger.received, ledger.missing, ledger.dropped_on_band) == (11, 6, 2, 3)
    for number in (6, 7, 8, 11, 13):
        assert ledger.note_backfilled(2, number)
    assert (ledger.repaired, ledger.missing, ledger.dropped_on_band, ledger.unaccounted) == (5, 0, 0, 0)


@given(st.permutations(range(1, 9)), st.permutations(range(1, 9)))
def test_numbers_lost_in_a_row_are_one_range_in_whatever_order_they_are_told(told, repaired):
    with pytest.MonkeyPatch.context() as patch:
        # Of 8 numbers 4 ranges at most lie apart: one more, and the oldest would be forgotten.
        patch.setattr(accounting, "MAX_RANGES", 4)
        ledger = Ledger()
        ledger.note_live(1, 0)
        ledger.note_next(1, 9)
        for number in told:
            assert ledger.note_not_kept(1, number, 1) == [(number, 1)]
        assert (ledger.missing, ledger.dropped_on_band) == (0, 8)
        for number in repaired:
            assert ledger.note_backfilled(1, number)
    assert (ledger.repaired, ledger.dropped_on_band, ledger.unaccounted, ledger.forgotten) == (8, 0, 0, 0)


def test_oldest_range_is_forgotten_whether_missing_or_lost(monkeypatch):
    monkeypatch.setattr(accounting, "MAX_RANGES", 2)
    ledger = Ledger()
    for number in (0, 2, 4):
        ledger.note_live(1, number)
    ledger.note_not_kept(1, 1, 1)
    for number in (6, 8):
        ledger.note_live(1, number)
    assert ledger.missing_ranges(1) == [(5, 1), (7, 1)]
    assert (ledger.forgotten, ledger.dropped_on_band) == (1, 1)
    assert ledger.note_backfilled(1, 1)
    assert ledger.unaccounted == 1
