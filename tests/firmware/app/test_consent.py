"""Nothing is sampled, kept or sent of the wearer before they agree, nor after they withdraw."""

import pytest

from bandschema.enums import (
    CommandCode,
    ConsentAction,
    EventKind,
    Group,
    LossCause,
    Reading,
    Result,
    StreamId,
)
from bandschema.readings import READINGS
from bandwire.errors import LocalError
from bandwire.frames import CAUSE_NO_CONSENT, PAGE_HEART, PAGE_MANIFEST
from device import bus_reads
from display.screen import Screen
from hal.storage import Storage
from tasks.vitals_frame import run_writer

ABOUT_THE_WEARER = {"VitalsRun", "CompressedBlock"}
CHIP_OF_GROUP = {
    Group.PULSE: "max30101",
    Group.BREATHING: "max30101",
    Group.OXYGEN: "max30101",
    Group.MOTION: "lsm6dso",
    Group.TEMPERATURE: "tmp117",
    Group.BLOOD_PRESSURE: None,
    Group.SLEEP: "lsm6dso",
    Group.RAW_OPTICAL: "max30101",
    Group.RAW_MOTION: "lsm6dso",
    Group.DEVICE: "max17048",
    Group.STANDARD_SERVICES: None,
}
GROUP_OF_STREAM = {StreamId.OPTICAL: Group.RAW_OPTICAL, StreamId.MOTION: Group.RAW_MOTION}


def sample_reads(rig):
    """Transfers that read what is measured."""
    return bus_reads.sample_reads(rig.bus.trace, {chip.name: chip for chip in rig.bus.chips.values()})


def chips_sampled(rig):
    """Names of the chips whose samples have been read."""
    return {rig.bus.chips[transfer.address].name for transfer in sample_reads(rig)}


def consent_records(host, *, at_start=False):
    """What the wearer did; or what was told at a start."""
    records = host.records("ConsentRecord")
    return [record for record in records if (record.action == ConsentAction.IN_FORCE) == at_start]


def kinds(host):
    return {type(record).__name__ for _, record in host.frames}


def test_no_sample_is_read_on_the_bus_before_the_wearer_agrees(rig):
    rig.connect()
    rig.run(60_000)
    assert sample_reads(rig) == []
    rig.agree()
    rig.run(5_000)
    assert chips_sampled(rig) == set(bus_reads.SAMPLE_REGISTERS)


def test_no_reading_is_on_the_link_before_the_wearer_agrees(rig):
    host = rig.connect()
    rig.command(CommandCode.SEND_IDENTITY)
    rig.command(CommandCode.SEND_MANIFEST)
    rig.command(CommandCode.START_STREAM, StreamId.OPTICAL)
    rig.run(30_000)
    assert {"Identity", "ManifestEntry"} <= kinds(host)
    assert not kinds(host) & ABOUT_THE_WEARER
    rig.agree()
    rig.run(5_000)
    assert "VitalsRun" in kinds(host)


@pytest.mark.parametrize("stream", list(StreamId))
def test_a_stream_is_refused_before_the_wearer_agrees(rig, stream):
    rig.connect()
    assert rig.command(CommandCode.START_STREAM, stream) == Result.NO_CONSENT


def test_journal_and_streams_do_not_exist_without_an_agreement(rig):
    assert (rig.band.collection.journal, rig.band.collection.streams) == (None, None)
    rig.agree()
    assert None not in (rig.band.collection.journal, rig.band.collection.streams)


def test_a_press_on_the_manifest_page_agrees_to_all_groups_and_is_recorded(rig):
    host = rig.connect()
    assert rig.band.screen.view.page == PAGE_MANIFEST
    rig.agree()
    (record,) = consent_records(host)
    assert (record.action, record.groups) == (ConsentAction.AGREED, ~Group.STANDARD_SERVICES)
    assert record.manifest_digest == rig.band.manifest.digest
    assert rig.band.screen.view.page == PAGE_HEART


def test_a_press_on_another_page_does_not_agree(rig):
    rig.band.screen.show_page(PAGE_HEART)
    rig.press()
    assert rig.band.consent.agreement is None


def test_a_glitch_does_not_agree(rig):
    rig.button.set(True)
    rig.button.set(False)
    rig.run(100)
    rig.press(duration_ms=5)
    assert rig.band.consent.agreement is None


def test_a_long_press_withdraws_and_stops_at_once(rig):
    host = rig.connect()
    rig.agree()
    rig.run(10_000)
    rig.press(duration_ms=1_600)
    records = consent_records(host)
    assert [record.action for record in records] == [ConsentAction.AGREED, ConsentAction.WITHDRAWN]
    frames_before, reads_before = len(host.updates()), len(sample_reads(rig))
    rig.run(60_000)
    assert len(host.updates()) == frames_before
    assert len(sample_reads(rig)) == reads_before
    assert rig.band.screen.view.page == PAGE_MANIFEST


def test_a_withdrawal_clears_every_reading_and_the_alert(rig):
    rig.agree()
    rig.run(5_000)
    rig.core.status.show_alert((1, 3, 12, 1, 5, 1400))
    rig.press(duration_ms=1_600)
    table = rig.core.table
    assert {table.cause(index) for index in range(12)} == {CAUSE_NO_CONSENT}
    assert not rig.core.status.alert.is_shown


def test_an_ended_agreement_opens_nothing_to_whoever_still_holds_its_tools(rig):
    host = rig.connect()
    rig.agree()
    journal, streams = rig.band.collection.journal, rig.band.collection.streams
    rig.press(duration_ms=1_600)
    frames_before = len(host.frames)
    journal.keep_vitals(True)
    assert not streams.start(StreamId.OPTICAL)
    rig.run(5_000)
    assert not {type(record).__name__ for _, record in host.frames[frames_before:]} & ABOUT_THE_WEARER


def test_readings_that_still_wait_are_forgotten_by_a_withdrawal_and_counted(rig):
    rig.agree()
    rig.run(10_000)
    rig.press(duration_ms=1_600)
    host = rig.connect()
    rig.run(5_000)
    assert not kinds(host) & ABOUT_THE_WEARER
    assert [record.action for record in consent_records(host)] == [ConsentAction.WITHDRAWN]
    losses = host.records("JournalLoss")
    assert {loss.loss_cause for loss in losses} == {LossCause.WITHDRAWN}
    assert rig.core.queue.drops == sum(loss.frame_count for loss in losses) > 0
    rig.command(CommandCode.SEND_IDENTITY)
    assert host.frames[-1][0].drops == rig.core.queue.drops


def backfilled(rig, boot_id):
    """What a host gets again of all that a boot has numbered."""
    rig.host.backfilled.clear()
    rig.host.link.request_backfill(boot_id, 0, 1 << 23, 1000, 0)
    rig.host.exchange()
    rig.run(1_000)
    return {type(record).__name__ for _, record in rig.host.backfilled}


def test_a_withdrawal_that_the_flash_did_not_take_is_done_when_it_works_again(rig):
    rig.agree()
    rig.run(300_000)
    rig.nor.is_read_only = True
    rig.press(duration_ms=1_600)
    rig.run(1_000)
    rig.nor.is_read_only = False
    rig.boot()
    rig.connect()
    rig.run(5_000)
    assert not backfilled(rig, 1) & ABOUT_THE_WEARER


def test_what_is_kept_under_an_agreement_outlives_a_restart(rig):
    rig.agree()
    rig.run(300_000)
    rig.boot()
    rig.connect()
    rig.run(5_000)
    assert "VitalsRun" in backfilled(rig, 1)


def test_the_agreement_outlives_a_restart(rig):
    rig.agree()
    rig.run(100)
    rig.boot()
    assert rig.band.consent.agreement is not None
    rig.run(5_000)
    assert sample_reads(rig)


def test_a_withdrawal_outlives_a_restart(rig):
    rig.agree()
    rig.press(duration_ms=1_600)
    rig.boot()
    assert rig.band.consent.agreement is None


def test_a_withdrawal_that_a_failed_medium_did_not_keep_is_no_agreement_after_a_restart(rig, monkeypatch):
    rig.agree()
    rig.run(1_000)

    def refuse(_storage):
        raise OSError(28)

    with monkeypatch.context() as patch:
        patch.setattr(Storage, "write", refuse)
        rig.press(2_000)
        assert rig.band.consent.agreement is None
        rig.boot()
        rig.run(5_000)
        assert rig.band.consent.agreement is None
    rig.run(61_000)
    rig.boot()
    assert rig.band.consent.agreement is None, "nor once the medium takes writes again"


def test_each_start_tells_what_is_agreed_to_before_anything_is_measured(rig):
    def told_at_this_start():
        (told,) = consent_records(rig.connect(), at_start=True)
        assert told.manifest_digest == rig.band.manifest.digest
        names = [type(record).__name__ for _, record in rig.host.frames]
        return Group(told.groups), names[: names.index("ConsentRecord")]

    assert told_at_this_start() == (Group(0), ["Event"])
    rig.agree()
    rig.boot()
    rig.run(5_000)
    assert told_at_this_start() == (~Group.STANDARD_SERVICES, ["Event"])
    rig.press(duration_ms=1_600)
    rig.boot()
    assert told_at_this_start() == (Group(0), ["Event"])


@pytest.fixture
def agreed_to(rig):
    """Starts the band with an agreement that names the given groups only, kept from before."""

    def start(groups):
        rig.storage.keep_consent(int(groups), rig.band.manifest.digest)
        rig.storage.write()
        rig.bus.trace.clear()
        rig.boot()
        rig.connect()
        return rig

    return start


@pytest.mark.parametrize("group", list(Group))
def test_only_the_chips_of_an_agreed_group_are_sampled(agreed_to, group):
    rig = agreed_to(group)
    rig.run(12_000)
    assert chips_sampled(rig) == {CHIP_OF_GROUP[group]} - {None}


@pytest.mark.parametrize("group", list(Group))
def test_only_the_readings_of_an_agreed_group_are_sent(agreed_to, group):
    rig = agreed_to(group)
    rig.run(12_000)
    updates = rig.host.updates()
    wanted = {spec.reading for spec in READINGS if spec.group == group}
    assert updates
    assert all(set(update.readings) == wanted for update in updates)


@pytest.mark.parametrize("group", list(Group))
@pytest.mark.parametrize("stream", list(StreamId))
def test_only_the_stream_of_an_agreed_group_starts(agreed_to, stream, group):
    rig = agreed_to(group)
    is_agreed = group == GROUP_OF_STREAM[stream]
    assert rig.command(CommandCode.START_STREAM, stream) == (Result.OK if is_agreed else Result.NO_CONSENT)
    rig.run(12_000)
    assert bool(rig.host.records("CompressedBlock")) == is_agreed


def test_a_band_with_a_reading_that_its_display_cannot_show_does_not_start(make_rig, monkeypatch):
    monkeypatch.setattr(Screen, "pages", lambda _screen: {spec.page for spec in READINGS} - {PAGE_HEART})
    with pytest.raises(LocalError, match=f"reading {Reading.HEART_RATE_BPM.value} has none"):
        make_rig()


@pytest.mark.parametrize("spec", READINGS, ids=lambda spec: spec.reading.name)
def test_no_writer_is_made_while_one_reading_has_no_page(spec):
    pages = {other.page for other in READINGS}
    run_writer(None, pages)
    with pytest.raises(LocalError, match="a reading needs a page to be sent"):
        run_writer(None, pages - {spec.page})


@pytest.mark.parametrize("pause_ms", [0, 2_000], ids=["some samples", "a full FIFO"])
def test_chips_left_running_by_a_crash_are_stopped_and_not_read_without_agreement(
    rig, virtual_time, pause_ms
):
    rig.agree()
    rig.run(3_000)
    virtual_time.now_ms += pause_ms
    rig.storage.keep_consent(0, bytes(8))
    rig.storage.write()
    rig.bus.trace.clear()
    rig.boot()
    rig.run(100)
    assert 0x09 in {t.written[0] for t in rig.bus.trace if t.address == rig.chip("max30101").address}
    assert sample_reads(rig) == []


def test_buttons_are_told_as_events(rig):
    rig.connect()
    rig.press()
    rig.press(duration_ms=1_600)
    rig.run(100)
    assert len(rig.events(EventKind.BUTTON_SHORT)) == len(rig.events(EventKind.BUTTON_LONG)) == 1
