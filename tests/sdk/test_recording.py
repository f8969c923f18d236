"""Recording: durable before it is confirmed, nothing lost while the store fails, nothing twice."""

import sqlite3

import pytest

from sdk.fake_band import BAND_ID, FakeBand
from sdk.helpers import AT_ONCE, band_on, cancelled_at, paced_band, run, take
from sdk.paced import PacedTransport
from sdk.recordings import limit_pages, row
from vitalband import (
    Store,
    StoreError,
    StoreEvent,
    StreamId,
    VitalsUpdate,
)
from vitalband.recorder import Recorder, SequenceRange, sequence_ranges


def test_frames_are_confirmed_to_the_band_only_when_they_are_on_the_disk(tmp_path):
    async def work():
        path = tmp_path / "a.vband"
        band, transport = paced_band(record_to=path)
        async with band:
            fake = transport.band
            send = transport.send

            async def check(data):
                await send(data)
                with Store.open(path) as store:
                    stored = {frame.sequence for frame in store.frames(BAND_ID)}
                assert fake.confirmed() <= stored

            transport.send = check
            await band.start_stream(StreamId.OPTICAL)
            await band.run_for(60)
            assert len(fake.confirmed()) >= 60
            assert band.statistics.store_written >= len(fake.confirmed())

    run(work())


def test_every_frame_that_came_is_stored_at_the_end(tmp_path):
    async def work():
        path = tmp_path / "a.vband"
        band, transport = paced_band(record_to=path)
        async with band:
            await band.run_for(21)
            received = band.statistics.received_frames
        with Store.open(path) as store:
            sequences = [frame.sequence for frame in store.frames(BAND_ID)]
        assert sequences == list(range(received))
        return transport

    run(work())


def test_a_failing_store_does_not_stop_the_vitals_and_loses_nothing_once_it_works_again(tmp_path):
    async def work():
        path = tmp_path / "a.vband"
        band, _ = paced_band(record_to=path)
        async with band:
            events, vitals = band.events(), band.vitals()
            band._store._connection.execute("PRAGMA busy_timeout=1")
            locker = sqlite3.connect(path, check_same_thread=False)
            locker.execute("BEGIN IMMEDIATE")
            await take(vitals, 20)
            while not isinstance(failing := await anext(events), StoreEvent):
                pass
            assert failing.is_failing
            assert "locked" in failing.reason
            waiting = band.statistics.store_waiting
            assert waiting >= 15
            locker.rollback()
            locker.close()
            await take(vitals, 10)
            working = await anext(events)
            assert not working.is_failing
            assert working.lost_frames == 0
            received = band.statistics.received_frames
        with Store.open(path) as store:
            assert store.frame_count() == received

    run(work())


def test_a_disk_that_stays_full_ends_with_an_error_that_counts_the_unsaved_frames(tmp_path):
    path, counts = tmp_path / "a.vband", {}

    async def work():
        band, _ = paced_band(record_to=path)
        async with band:
            await band.save()
            limit_pages(band._store, 0)
            await band.start_stream(StreamId.OPTICAL)
            updates = await take(band.vitals(), 20)
            assert all(isinstance(update, VitalsUpdate) for update in updates)
            counts["received"] = band.statistics.received_frames

    with pytest.raises(StoreError, match=r"no space left.* frames are not written") as caught:
        run(work())
    with Store.open(path) as store:
        stored = store.frame_count()
    assert stored >= 3
    assert caught.value.unsaved_frames >= counts["received"] - stored > 0


def test_what_does_not_fit_into_memory_any_more_is_counted(tmp_path):
    async def work():
        with Store.create(tmp_path / "a.vband", busy_timeout_ms=1) as store:
            locker = sqlite3.connect(store.path)
            locker.execute("BEGIN IMMEDIATE")
            recorder = Recorder(store, is_paced=False, waiting_limit=5)
            for number in range(8):
                recorder.add(row(number), 0)
            assert await recorder.write(0) == []
            assert (recorder.waiting_frames, recorder.counters.lost) == (5, 3)
            locker.rollback()
            locker.close()
            assert await recorder.write(1000) == [SequenceRange(1, 0, 5)]
            with pytest.raises(StoreError, match="3 frames are not written"):
                await recorder.finish(2000)

    run(work())


def test_a_batch_is_due_by_count_or_by_time():
    recorder = Recorder(None, is_paced=False)
    assert not recorder.is_due(10_000)
    recorder.add(row(0), 1000)
    assert not recorder.is_due(1199)
    assert recorder.is_due(1200)
    for number in range(1, 100):
        recorder.add(row(number), 1000)
    assert recorder.is_due(1000)


def test_ranges_join_consecutive_numbers_of_one_boot():
    frames = [row(number) for number in (5, 1, 2, 3, 7)] + [row(4, boot_id=2)]
    assert sequence_ranges(frames) == [
        SequenceRange(1, 1, 3),
        SequenceRange(1, 5, 1),
        SequenceRange(1, 7, 1),
        SequenceRange(2, 4, 1),
    ]


def test_a_recording_goes_on_over_a_reconnect(tmp_path):
    async def work():
        path = tmp_path / "a.vband"
        band, transport = paced_band(record_to=path, reconnect=AT_ONCE)
        async with band:
            await band.run_for(5)
            transport.fail_at_ms = transport.clock.now_ms + 100
            await band.run_for(20)
            received = band.statistics.received_frames + band.statistics.repaired_frames
        with Store.open(path) as store:
            assert store.frame_count() == received

    run(work())


def test_frames_of_the_time_without_a_recorder_are_fetched_when_it_comes_back(tmp_path):
    path = tmp_path / "a.vband"
    fake = FakeBand()

    async def work(seconds):
        async with band_on(PacedTransport(fake), record_to=path) as band:
            await band.run_for(seconds)
            return band.statistics.received_frames

    first = run(work(10))
    fake.step(60_000)  # the band goes on alone, on its own clock
    run(work(70))
    with Store.open(path) as store:
        sequences = [frame.sequence for frame in store.frames(BAND_ID)]
    assert first < 20 < len(sequences)
    assert sequences == list(range(len(sequences)))


def test_cancelling_a_recording_writes_what_came(tmp_path):
    async def work():
        path = tmp_path / "a.vband"
        band, transport = paced_band(record_to=path)

        async def own():
            async with band:
                await band.run_for(10_000)

        await cancelled_at(own(), transport, 20_000)
        with Store.open(path) as store:
            assert store.frame_count() >= 3 + 9

    run(work())
