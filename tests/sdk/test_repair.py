"""What the store lacks of the band's journal is asked for, once; what neither has is lost, and told so."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from bandschema.codec import encode
from bandschema.enums import CommandCode, EventKind, JournalClass, LossCause, Part
from bandschema.records import Event, Header
from bandschema.records import JournalLoss as JournalLossRecord
from sdk.fake_band import BAND_ID, FakeBand, Script
from sdk.helpers import AT_ONCE, band_on, paced_band, run
from sdk.paced import PacedTransport
from sdk.wire import SocketBand
from vitalband import FramesLost, JournalLoss, Store, StoreError, TransportError
from vitalband.cli import app
from vitalband.repair import TRIES
from vitalband.store.database import FrameRow, LostRow

EARLIER_BOOT = 5


def frame_of(boot_id: int, sequence: int) -> bytes:
    header = Header(kind=Event.KIND, boot_id=boot_id, sequence=sequence, ticks_ms=sequence * 10)
    return bytes(encode(header, Event(event=EventKind.WORN, part=Part.NONE, detail=sequence)))


def row_of(boot_id: int, sequence: int) -> FrameRow:
    return FrameRow(BAND_ID, boot_id, sequence, Event.KIND, sequence * 10, 0, frame_of(boot_id, sequence))


def keep(fake: FakeBand, boot_id: int, numbers: "list[int] | range") -> None:
    """Put frames into the journal that were never sent live, or long ago."""
    for sequence in numbers:
        fake.memory.keep_sent(frame_of(boot_id, sequence))


def stored(path, boot_id: int) -> dict[int, bytes]:
    with Store.open(path) as store:
        return {row.sequence: row.frame for row in store.frames(BAND_ID, boot_id=boot_id)}


def balance(statistics) -> int:
    return (
        statistics.received_frames
        + statistics.repaired_frames
        + statistics.dropped_on_band
        + statistics.missing_frames
        - statistics.assigned_frames
    )


def test_what_came_while_nobody_recorded_is_asked_for_and_nothing_else(tmp_path):
    async def work():
        path = tmp_path / "a.vband"
        transport = PacedTransport(FakeBand())
        async with band_on(transport, record_to=path) as band:
            await band.run_for(20)
        first_end = transport.band.numbering.next_sequence
        async with band_on(transport) as band:
            await band.run_for(20)
        async with band_on(transport, record_to=path) as band:
            await band.run_for(20)
            statistics = band.statistics
        numbers = stored(path, 7)
        assert sorted(numbers) == list(range(max(numbers) + 1))
        assert statistics.repaired_frames > 0
        assert (statistics.missing_frames, statistics.duplicate_frames, balance(statistics)) == (0, 0, 0)
        assert min(first for _, first, _ in transport.band.asked) == first_end

    run(work())


def test_an_earlier_boot_is_fetched_from_the_journal(tmp_path):
    async def work():
        path = tmp_path / "a.vband"
        band, transport = paced_band(record_to=path)
        keep(transport.band, EARLIER_BOOT, range(100, 300))
        async with band:
            await band.run_for(10)
            statistics = band.statistics
        assert stored(path, EARLIER_BOOT) == {n: frame_of(EARLIER_BOOT, n) for n in range(100, 300)}
        assert (statistics.missing_frames, balance(statistics)) == (0, 0)

    run(work())


def test_a_session_that_records_nothing_leaves_earlier_boots_alone():
    async def work():
        band, transport = paced_band()
        keep(transport.band, EARLIER_BOOT, range(3))
        async with band:
            await band.run_for(10)
            assert transport.band.asked == []
            assert band.statistics.missing_frames == 0

    run(work())


def test_what_the_band_sent_last_before_it_restarted_is_missed_and_fetched():
    async def work():
        fake = FakeBand()
        transport = PacedTransport(fake)
        async with band_on(transport, reconnect=AT_ONCE) as band:
            await band.run_for(5)
            unsent = fake.numbering.next_sequence
            restarted = FakeBand(boot_id=fake.boot_id + 1)
            keep(restarted, fake.boot_id, range(unsent, unsent + 3))
            transport.band = restarted
            transport.fail_at_ms = transport.clock.now_ms
            await band.run_for(10)
            assert (fake.boot_id, unsent, 3) in restarted.asked
            statistics = band.statistics
            assert (statistics.repaired_frames, statistics.missing_frames) == (3, 0)

    run(work())


@settings(max_examples=30)
@given(
    kept=st.sets(st.integers(0, 120), min_size=1),
    known=st.sets(st.integers(0, 120)),
    noted_lost=st.sets(st.integers(0, 120)),
)
def test_after_the_repair_the_store_has_all_that_either_had_and_the_account_is_even(
    tmp_path_factory, kept, known, noted_lost
):
    async def work():
        path = tmp_path_factory.mktemp("repair") / "a.vband"
        with Store.create(path) as store:
            rows = [row_of(EARLIER_BOOT, number) for number in sorted(known)]
            store.write(rows, lost=[LostRow(BAND_ID, EARLIER_BOOT, n, 1) for n in sorted(noted_lost - known)])
        band, transport = paced_band(record_to=path)
        keep(transport.band, EARLIER_BOOT, sorted(kept))
        async with band:
            await band.run_for(10)
            statistics = band.statistics
        assert set(stored(path, EARLIER_BOOT)) == known | (kept - noted_lost)
        assert (statistics.missing_frames, balance(statistics)) == (0, 0)
        asked = {n for boot, first, count in transport.band.asked for n in range(first, first + count)}
        assert not asked & known
        with Store.open(path) as store:
            lost = {
                n
                for first, count in store.lost_ranges(BAND_ID, EARLIER_BOOT)
                for n in range(first, first + count)
            }
        first = min(kept | known | noted_lost)
        assert lost - known == set(range(first, max(kept | known | noted_lost) + 1)) - known - (
            kept - noted_lost
        )

    run(work())


def test_what_is_known_to_be_lost_is_not_asked_for_again(tmp_path):
    async def work():
        path = tmp_path / "a.vband"
        transport = PacedTransport(FakeBand())
        keep(transport.band, EARLIER_BOOT, [2, 3, 900])
        async with band_on(transport, record_to=path) as band:
            events = band.events()
            told = []
            while sum(lost.frame_count for lost in told) < 896:
                item = await anext(events)
                told += [item] if isinstance(item, FramesLost) else []
            await band.save()
            assert band.statistics.dropped_on_band == 896
        transport.band.asked.clear()
        async with band_on(transport, record_to=path) as band:
            await band.run_for(10)
            assert band.statistics.dropped_on_band == 896
        assert EARLIER_BOOT not in {boot for boot, _, _ in transport.band.asked}

    run(work())


def test_many_numbers_of_which_few_are_kept_take_few_requests(tmp_path):
    async def work():
        band, transport = paced_band(record_to=tmp_path / "a.vband")
        keep(transport.band, EARLIER_BOOT, [0, 100_000])
        async with band:
            await band.run_for(10)
            assert band.statistics.dropped_on_band == 99_999
            assert len(transport.band.asked) < 20

    run(work())


def test_what_the_store_holds_is_confirmed_at_each_connection(tmp_path):
    async def work():
        path = tmp_path / "a.vband"
        transport = PacedTransport(FakeBand())
        async with band_on(transport, record_to=path) as band:
            await band.run_for(20)
        held = set(stored(path, 7))
        transport.band.received.clear()
        async with band_on(transport, record_to=path) as band:
            await band.run_for(1)
            assert held <= transport.band.confirmed()

    run(work())


@pytest.mark.parametrize(
    "script", [Script(has_journal=False), Script(silent_commands={10}, has_journal=False)]
)
def test_a_band_that_tells_nothing_of_a_journal_is_asked_for_what_the_store_lacks_of_its_boot(
    tmp_path, script
):
    async def work():
        path = tmp_path / "a.vband"
        transport = PacedTransport(FakeBand(script))
        async with band_on(transport, record_to=path) as band:
            await band.run_for(10)
        async with band_on(transport) as band:
            await band.run_for(10)
        async with band_on(transport, record_to=path) as band:
            await band.run_for(30)
            assert band.statistics.missing_frames == 0
            assert band.statistics.repaired_frames > 0
        commands = [one.command for one in transport.band.received if hasattr(one, "command")]
        assert CommandCode.SEND_JOURNAL in commands

    run(work())


def test_what_the_carrier_loses_again_and_again_is_left_for_the_next_connection():
    async def work():
        band, transport = paced_band(reconnect=AT_ONCE)
        fake = transport.band
        begin = fake.reader.begin
        fake.reader.begin = lambda *asked: begin(*asked[:2], 0) + 1  # sent, as it says, but it never comes
        async with band:
            await band.run_for(3)
            fake.script.lose = {fake.numbering.next_sequence}
            await band.run_for(30)
            statistics = band.statistics
            assert (statistics.backfill_requests, statistics.backfill_failed) == (TRIES, 1)
            assert (statistics.missing_frames, statistics.dropped_on_band) == (1, 0)
            fake.reader.begin = begin
            transport.fail_at_ms = transport.clock.now_ms
            await band.run_for(3)
            statistics = band.statistics
            assert (statistics.repaired_frames, statistics.missing_frames) == (1, 0)

    run(work())


def test_what_the_journal_gave_up_is_an_event():
    async def work():
        band, transport = paced_band()
        async with band:
            events = band.events()
            transport.band.emit(
                JournalLossRecord(
                    lost_boot_id=EARLIER_BOOT,
                    first_sequence=10,
                    last_sequence=30,
                    frame_count=7,
                    lost_class=JournalClass.WAVEFORMS,
                    loss_cause=LossCause.FULL,
                ),
                transport.clock.now_ms,
            )
            item = await anext(events)
            while not isinstance(item, JournalLoss):
                item = await anext(events)
            assert (item.boot_id, item.first_sequence, item.last_sequence) == (EARLIER_BOOT, 10, 30)
            assert (item.frame_count, item.lost_class) == (7, JournalClass.WAVEFORMS)

    run(work())


async def synced(band):
    async with band:
        async for _ in band.sync():
            pass
    return band.statistics


def test_sync_ends_once_the_store_has_the_journal_and_tells_how_far_it_is(tmp_path):
    async def work():
        path = tmp_path / "a.vband"
        band, transport = paced_band(record_to=path)
        keep(transport.band, EARLIER_BOOT, range(500))
        async with band:
            told = [progress async for progress in band.sync()]
        assert told[-1].waiting_numbers == 0
        assert max(progress.waiting_numbers for progress in told) >= 400
        settled = [progress.settled_numbers for progress in told]
        assert settled == sorted(settled)
        assert settled[-1] >= 500
        assert len(stored(path, EARLIER_BOOT)) == 500

    run(work())


def test_sync_without_a_store_is_refused():
    async def work():
        band, _ = paced_band()
        async with band:
            with pytest.raises(StoreError, match="record_to"):
                await anext(band.sync())

    run(work())


def test_a_sync_that_was_broken_off_goes_on_where_it_was(tmp_path):
    async def work():
        path = tmp_path / "a.vband"
        transport = PacedTransport(FakeBand())
        keep(transport.band, EARLIER_BOOT, range(1000))
        receive, packets = transport.receive, iter(range(25))

        async def cut(timeout_ms):
            if next(packets, None) is None:
                raise TransportError("cut")
            return await receive(timeout_ms)

        transport.receive = cut
        with pytest.raises(TransportError, match="cut"):
            await synced(band_on(transport, record_to=path))
        transport.receive = receive
        before = set(stored(path, EARLIER_BOOT))
        assert 0 < len(before) < 1000
        transport.band.asked.clear()
        assert (await synced(band_on(transport, record_to=path))).duplicate_frames == 0
        asked = {n for boot, first, count in transport.band.asked for n in range(first, first + count)}
        assert not asked & before
        assert len(stored(path, EARLIER_BOOT)) == 1000

    run(work())


def test_the_statistics_tell_the_frames_of_each_stream(tmp_path):
    async def work():
        band, transport = paced_band(record_to=tmp_path / "a.vband")
        async with band:
            await band.run_for(5)
            transport.band.script.lose = {transport.band.numbering.next_sequence}
            await band.run_for(10)
            statistics = band.statistics
        streams = {stream.name: stream for stream in statistics.streams}
        assert streams["vitals"].repaired_frames == 1
        assert streams["vitals"].received_frames >= 5
        assert {"identity", "manifest_entry"} <= set(streams)
        assert sum(one.received_frames for one in streams.values()) == statistics.received_frames

    run(work())


def test_the_command_syncs_over_a_socket_and_tells_what_it_fetched(tmp_path):
    fake = FakeBand()
    keep(fake, EARLIER_BOOT, range(200))
    path = tmp_path / "a.vband"
    with SocketBand(fake) as band:
        result = CliRunner().invoke(app, ["sync", band.url, str(path), "--json"])
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["missing_frames"] == 0
    assert document["repaired_frames"] >= 200
    assert len(stored(path, EARLIER_BOOT)) == 200
