"""What no record proves to be agreed to is held back, given once one comes, and refused in the end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandschema.codec import encode
from bandschema.enums import Cause, ConsentAction, Contact, Group, StreamId, Unit, Validity
from bandschema.enums import Reading as ReadingId
from bandschema.records import CompressedBlock, ConsentRecord, Event, Header, SampleBlock, VitalsRun
from sdk.fake_records import consent
from vitalband import Reading, Stamp, VitalsUpdate
from vitalband.consent_gate import HELD_FRAMES, NO_RECORD, NOT_AGREED, TOLD_AFTER_MS, ConsentGate, GatedFrame
from vitalband.data_refused import DataRefused
from vitalband.store.rows import FrameRow

RAW = Group.RAW_OPTICAL | Group.RAW_MOTION
BAND = b"8 bytes!"
OPTICAL_HEAD = bytes([0, int(StreamId.OPTICAL) << 3])
"""Of a compressed block: the stream is in the bits above the version of its second byte."""


def row(sequence, kind=VitalsRun.KIND, payload=b"", boot_id=3, band_id=BAND):
    return FrameRow(band_id, boot_id, sequence, kind, 0, 0, bytes(12) + payload)


def record(sequence, action, groups=~Group.STANDARD_SERVICES, boot_id=3):
    header = Header(kind=ConsentRecord.KIND, boot_id=boot_id, sequence=sequence, ticks_ms=0)
    frame = bytes(encode(header, consent(action, groups)))
    return FrameRow(BAND, boot_id, sequence, ConsentRecord.KIND, 0, 0, frame)


class Watched:
    """A gate, what it gave by number, and what it told."""

    def __init__(self, *rows, kept=None):
        self.told: list[DataRefused] = []
        self.gate = ConsentGate(self.told.append, kept)
        for told in rows:
            self.put(told)

    def put(self, *rows, now_ms=0):
        given_ = [frame for one in rows for frame in self.gate.take(GatedFrame(one, False), now_ms)]
        return [frame.row.sequence for frame in given_ if frame.row.kind != ConsentRecord.KIND]


@pytest.mark.parametrize("to_less", [ConsentAction.WITHDRAWN, ConsentAction.PAUSED, ConsentAction.ENDED])
def test_data_is_taken_after_an_agreement_and_not_before_it_or_after_its_end(to_less):
    watched = Watched(
        record(1, ConsentAction.IN_FORCE, Group(0)), record(5, ConsentAction.AGREED), record(9, to_less)
    )
    assert watched.put(row(3), row(7), row(11)) == [7]
    assert watched.put(row(12, Event.KIND)) == [12], "events hold nothing of the wearer"
    assert watched.gate.held_frames == 2
    watched.gate.give_up()
    assert (watched.gate.held_frames, watched.gate.refused_frames) == (0, 2)
    assert watched.told == [DataRefused(3, 3, NOT_AGREED, False)], "told once a boot"


FRAMES = [
    record(1, ConsentAction.IN_FORCE, Group(0)),
    row(3),
    record(5, ConsentAction.AGREED),
    row(7),
    row(8),
    record(9, ConsentAction.PAUSED),
    record(12, ConsentAction.RESUMED),
    row(13),
]


@given(order=st.permutations(FRAMES))
def test_nothing_that_was_agreed_to_is_dropped_in_whatever_order_all_comes(order):
    watched = Watched()
    came: list[int] = []
    for one in order:
        came += watched.put(one)
        known = {
            other.sequence for other in order[: order.index(one) + 1] if other.kind == ConsentRecord.KIND
        }
        assert all(known & set(range(number)) for number in came), "something was given without any record"
    assert set(came) >= {7, 8, 13}
    assert len(came) == len(set(came))
    assert 3 not in came
    assert watched.gate.refused_frames == 0
    assert watched.gate.held_frames == 1


@given(order=st.permutations(FRAMES))
def test_what_one_record_frees_comes_in_the_order_of_its_coming(order):
    data = [one for one in order if one.kind != ConsentRecord.KIND]
    watched = Watched(*data)
    came = watched.put(record(1, ConsentAction.IN_FORCE))
    assert came == [one.sequence for one in data]


def test_samples_want_the_group_of_their_stream_and_readings_another():
    optical, plain = row(2, CompressedBlock.KIND, OPTICAL_HEAD), row(2, SampleBlock.KIND, b"\x02")
    assert Watched(record(1, ConsentAction.IN_FORCE, RAW)).put(row(2)) == []
    for groups, taken in ((Group.RAW_OPTICAL, [optical]), (Group.RAW_MOTION, [plain]), (Group.PULSE, [])):
        watched = Watched(record(1, ConsentAction.IN_FORCE, groups))
        assert [one for one in (optical, plain) if watched.put(one)] == taken


def update(cause, reading_id=ReadingId.HEART_RATE_BPM):
    stamp = Stamp(3, 2, 0, None, None)
    one = Reading(reading_id, 60.0, Unit.PER_MINUTE, Validity.VALID, 90, Contact.ON_WRIST, cause, stamp)
    return VitalsUpdate(stamp, Contact.ON_WRIST, {reading_id: one})


@pytest.mark.parametrize("value", [update(Cause.NONE), (update(Cause.NO_CONSENT), update(Cause.NONE))])
def test_a_reading_of_a_group_that_is_not_agreed_to_is_refused_with_its_frame(value):
    watched = Watched(record(1, ConsentAction.IN_FORCE, Group.MOTION))
    assert not watched.gate.admits(row(2), value)
    assert watched.told == [DataRefused(3, 2, NOT_AGREED, False)]
    assert watched.gate.admits(row(2), update(Cause.NO_CONSENT)), "one that says to lack an agreement is none"
    assert watched.gate.admits(row(2), update(Cause.NONE, ReadingId.STEPS))


def test_to_close_the_band_to_apps_refuses_nothing():
    watched = Watched(
        record(1, ConsentAction.IN_FORCE), record(2, ConsentAction.WITHDRAWN, Group.STANDARD_SERVICES)
    )
    assert watched.put(row(3)) == [3]


def test_what_one_boot_or_band_told_says_nothing_of_another():
    watched = Watched(record(1, ConsentAction.IN_FORCE))
    assert watched.put(row(2, boot_id=4), row(2, band_id=b"another!")) == []
    assert watched.gate.held_frames == 2
    assert watched.put(record(1, ConsentAction.IN_FORCE, boot_id=4)) == [2]


def test_records_that_are_stored_already_need_not_come_again():
    watched = Watched(kept=lambda band_id, boot_id: [record(1, ConsentAction.IN_FORCE, boot_id=boot_id)])
    assert watched.put(row(2)) == [2]
    assert not watched.gate.holds(BAND, 3)


def test_data_that_waits_for_long_is_told_once():
    watched = Watched()
    for number, now_ms in enumerate((0, TOLD_AFTER_MS - 1, TOLD_AFTER_MS, TOLD_AFTER_MS + 1), start=4):
        watched.put(row(number), now_ms=now_ms)
    assert watched.told == [DataRefused(3, 4, NO_RECORD, True)]
    assert watched.gate.holds(BAND, 3)


def test_what_is_held_back_is_bounded_and_the_oldest_goes_first():
    watched = Watched()
    watched.put(*(row(number) for number in range(2, HELD_FRAMES + 5)))
    assert (watched.gate.held_frames, watched.gate.refused_frames) == (HELD_FRAMES, 3)
    assert watched.told == [DataRefused(3, 2, NO_RECORD, False)]
    assert watched.put(record(1, ConsentAction.IN_FORCE))[0] == 5


def test_a_record_that_cannot_be_read_proves_nothing():
    whole = record(1, ConsentAction.IN_FORCE)
    cut = FrameRow(BAND, 3, 1, ConsentRecord.KIND, 0, 0, whole.frame[:20])
    assert Watched(cut).put(row(2)) == []


def test_an_unknown_action_makes_unknown_what_was_known():
    watched = Watched(record(1, ConsentAction.IN_FORCE), record(2, 99), record(4, ConsentAction.IN_FORCE))
    assert watched.put(row(3), row(5)) == [5]
