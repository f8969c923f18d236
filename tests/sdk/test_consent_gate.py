"""A recorder keeps nothing that the band itself says was not agreed to, and counts what it refuses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandschema.codec import encode
from bandschema.enums import ConsentAction, Group
from bandschema.records import CompressedBlock, ConsentRecord, Event, Header, VitalsRun
from vitalband.consent_gate import ConsentGate
from vitalband.store.rows import FrameRow

ALL = ~Group.STANDARD_SERVICES
RAW = Group.RAW_OPTICAL | Group.RAW_MOTION


def row(sequence, kind=VitalsRun.KIND, frame=b""):
    return FrameRow(b"8 bytes!", 3, sequence, kind, 0, 0, frame)


def record(sequence, action, groups=ALL):
    told = ConsentRecord(
        action=action, groups=groups, manifest_digest=bytes(8), firmware_digest=bytes(8),
        issuance_digest=bytes(8),
    )  # fmt: skip
    header = Header(version=3, kind=told.KIND, boot_id=3, sequence=sequence, ticks_ms=0, drops=0)
    return row(sequence, told.KIND, bytes(encode(header, told)))


def gate_with(*records):
    gate = ConsentGate()
    for told in records:
        assert gate.allows(told)
    return gate


@pytest.mark.parametrize("to_less", [ConsentAction.WITHDRAWN, ConsentAction.PAUSED, ConsentAction.ENDED])
def test_data_after_an_agreement_is_taken_and_after_its_end_refused(to_less):
    gate = gate_with(
        record(1, ConsentAction.IN_FORCE, Group(0)), record(5, ConsentAction.AGREED), record(9, to_less)
    )
    assert [gate.allows(row(sequence)) for sequence in (3, 7, 11)] == [False, True, False]
    assert gate.allows(row(11, Event.KIND)), "events hold nothing of the wearer"


@given(order=st.permutations([1, 5, 9, 12]))
def test_it_is_the_same_in_whatever_order_the_records_come(order):
    records = {
        1: record(1, ConsentAction.IN_FORCE, Group(0)),
        5: record(5, ConsentAction.AGREED),
        9: record(9, ConsentAction.PAUSED),
        12: record(12, ConsentAction.RESUMED),
    }
    gate = gate_with(*(records[sequence] for sequence in order))
    assert [gate.allows(row(sequence)) for sequence in (3, 7, 11, 13)] == [False, True, False, True]


def test_samples_want_a_raw_group_and_readings_another():
    gate = gate_with(record(1, ConsentAction.IN_FORCE, RAW))
    assert (gate.allows(row(2)), gate.allows(row(2, CompressedBlock.KIND))) == (False, True)
    gate = gate_with(record(1, ConsentAction.IN_FORCE, Group.PULSE))
    assert (gate.allows(row(2)), gate.allows(row(2, CompressedBlock.KIND))) == (True, False)


def test_to_close_the_band_to_apps_refuses_nothing():
    gate = gate_with(
        record(1, ConsentAction.IN_FORCE), record(2, ConsentAction.WITHDRAWN, Group.STANDARD_SERVICES)
    )
    assert gate.allows(row(3))


def test_of_a_boot_of_which_nothing_is_told_nothing_is_refused():
    gate = gate_with(record(1, ConsentAction.IN_FORCE, Group(0)))
    assert gate.allows(FrameRow(b"8 bytes!", 4, 2, VitalsRun.KIND, 0, 0, b""))
    assert gate.allows(FrameRow(b"another!", 3, 2, VitalsRun.KIND, 0, 0, b""))
