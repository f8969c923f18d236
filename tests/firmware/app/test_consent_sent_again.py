"""A host that came too late for the records of consent gets them for the asking, and nothing else by it."""

import pytest

from bandschema.enums import BackfillState, CommandCode, ConsentAction, Group, Result
from bandschema.records import ConsentRecord
from bandwire.numbering import LAST_SEQUENCE

ALL = ~Group.STANDARD_SERVICES


def ask(rig, boot_id=1):
    """Connect anew and ask; what the host then gets in answer, as (action, groups)."""
    host = rig.connect(b"session2")
    rig.run(100)
    host.link.send_command(CommandCode.SEND_CONSENT, 0, boot_id, 600_000, 0)
    host.link.ledger.__init__()
    host.exchange()
    rig.run(1_000)
    host.exchange()
    return host


def told(records):
    return [(record.action, record.groups) for record in records]


def test_the_records_of_this_start_come_again_as_they_were_and_nothing_else(rig):
    rig.connect()
    rig.agree()
    rig.run(20_000)
    host = ask(rig)
    assert {type(record).__name__ for _, record in host.backfilled} == {"ConsentRecord"}
    again = [record for _, record in host.backfilled]
    assert told(again) == [(ConsentAction.IN_FORCE, 0), (ConsentAction.AGREED, ALL)]
    states = [(record.state, record.frame_count) for record in host.records("BackfillRange")]
    assert states == [(BackfillState.SENDING, 2), (BackfillState.DONE, 2)]
    assert host.records("ConsentRecord") == []
    sequences = [header.sequence for header, _ in host.backfilled]
    assert sequences == sorted(set(sequences))


def test_of_a_boot_that_is_not_kept_nothing_comes_and_nothing_is_written(rig):
    rig.agree()
    host = ask(rig, boot_id=99)
    assert [record.state for record in host.records("BackfillRange")] == [BackfillState.NOT_KEPT]
    assert told(host.records("ConsentRecord"))[-1] == (ConsentAction.AGREED, ALL), "what waited, no more"
    assert len(host.records("ConsentRecord")) == 2


def test_while_frames_are_sent_again_it_is_refused(rig):
    rig.agree()
    rig.run(10_000)
    host = rig.connect()
    rig.run(100)
    host.link.request_backfill(1, 0, 1000, 600_000, 0)
    request_id = host.link.send_command(CommandCode.SEND_CONSENT, 0, 1, 600_000, 0)
    host.exchange()
    rig.run(1_000)
    host.exchange()
    assert host.replies[request_id] == Result.BUSY


@pytest.fixture
def broken(rig):
    """The journal's flash takes nothing; the wearer has agreed, and a host has come and gone."""
    rig.nor.is_read_only = True
    rig.connect()
    rig.agree()
    rig.run(5_000)
    return rig


def test_where_the_flash_keeps_nothing_it_is_told_anew(broken):
    host = ask(broken)
    assert told(host.records("ConsentRecord"))[-1] == (ConsentAction.IN_FORCE, ALL)


def test_a_pause_is_told_with_it(broken):
    broken.band.consent.turn_pause()
    host = ask(broken)
    assert told(host.records("ConsentRecord"))[-2:] == [
        (ConsentAction.IN_FORCE, ALL),
        (ConsentAction.PAUSED, ALL),
    ]


def test_where_the_flash_works_again_and_has_none_of_them_it_is_told_anew(rig):
    rig.connect()
    rig.agree()
    rig.run(2_000)
    reader = rig.core.outbox.log.reader
    begin = reader.begin
    reader.begin = lambda _boot_id, *others: begin(77, *others)
    host = ask(rig)
    assert told(host.records("ConsentRecord"))[-1] == (ConsentAction.IN_FORCE, ALL)
    assert [record.state for record in host.records("BackfillRange")] == [BackfillState.NOT_KEPT]


def test_a_boot_that_begins_as_numbers_run_out_is_told_what_is_in_force(rig):
    host = rig.connect()
    rig.agree()
    before = rig.core.numbering.boot_id
    rig.core.numbering.next_sequence = LAST_SEQUENCE
    rig.run(20_000)
    records = [(header, record) for header, record in host.frames if header.boot_id == before + 1]
    (told_at,) = [at for at, (_, record) in enumerate(records) if isinstance(record, ConsentRecord)]
    header, record = records[told_at]
    assert (record.action, record.groups) == (ConsentAction.IN_FORCE, ALL)
    first = records[0][0].ticks_ms
    assert header.ticks_ms - first <= 6_000, "within the task's period and a look"
    assert len(records) - told_at > 5
