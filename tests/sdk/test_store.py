"""The store: what it holds is verbatim, durable before it is confirmed, and survives every fault."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from bandschema.codec import encode
from bandschema.records import Header, LogLine
from sdk.fake_band import BAND_ID, FakeBand, PacedTransport, Script
from sdk.helpers import AT_ONCE, band_on, paced_band, run, take
from vitalband import (
    SampleChunk,
    SampleGap,
    Store,
    StoreError,
    StoreEvent,
    StoreReader,
    StreamId,
    VitalsUpdate,
)
from vitalband.clock import TimeExchange
from vitalband.recorder import Recorder, SequenceRange, sequence_ranges
from vitalband.store.database import ExchangeRow, FrameRow, default_store_path

ROOT = Path(__file__).parents[2]


def row(sequence: int, boot_id: int = 1, text: str = "x", band_id: bytes = BAND_ID) -> FrameRow:
    record = LogLine(level=20, part=0, text=text)
    frame = encode(Header(kind=record.KIND, boot_id=boot_id, sequence=sequence, ticks_ms=sequence), record)
    return FrameRow(band_id, boot_id, sequence, record.KIND, sequence, 1_000_000 + sequence, frame)


def test_frames_come_back_verbatim_in_order_of_boot_and_sequence(tmp_path):
    rows = [row(3), row(1), row(2, boot_id=2), row(1, boot_id=2)]
    with Store.create(tmp_path / "a.vband") as store:
        store.write(rows)
    with Store.open(tmp_path / "a.vband") as store:
        assert list(store.frames(BAND_ID)) == [rows[1], rows[0], rows[3], rows[2]]
        assert store.bands() == [BAND_ID]
        assert store.boots(BAND_ID) == [1, 2]


def test_writing_a_frame_again_changes_nothing(tmp_path):
    with Store.create(tmp_path / "a.vband") as store:
        store.write([row(1)])
        store.write([row(1), row(2)])
        assert list(store.frames(BAND_ID)) == [row(1), row(2)]


def test_another_frame_of_the_same_number_is_refused_and_nothing_of_its_batch_is_written(tmp_path):
    with Store.create(tmp_path / "a.vband") as store:
        store.write([row(1, text="first")])
        with pytest.raises(StoreError, match=r"another frame 1 of band .*, boot 1.*another file"):
            store.write([row(1, text="second"), row(2)])
        assert list(store.frames(BAND_ID)) == [row(1, text="first")]


def test_time_exchanges_and_metadata_come_back(tmp_path):
    exchange = ExchangeRow(BAND_ID, 1, TimeExchange(5, 10, 2))
    with Store.create(tmp_path / "a.vband") as store:
        store.write([], [exchange])
        store.set_metadata("source", "test")
        assert list(store.exchanges(BAND_ID)) == [exchange]
        assert store.metadata() == {"source": "test"}


def test_a_locked_store_is_a_clear_error_and_nothing_is_half_written(tmp_path):
    path = tmp_path / "a.vband"
    with Store.create(path, busy_timeout_ms=20) as store:
        locker = sqlite3.connect(path)
        locker.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked by another writer"):
            store.write([row(1), row(2)])
        locker.rollback()
        locker.close()
        assert store.frame_count() == 0
        store.write([row(1)])
        assert store.frame_count() == 1


def test_a_full_disk_is_a_clear_error_and_what_was_written_stays(tmp_path):
    with Store.create(tmp_path / "a.vband") as store:
        store.write([row(1)])
        limit_pages(store, 0)
        with pytest.raises(StoreError, match="no space left"):
            store.write([row(number, text="x" * 900) for number in range(2, 200)])
        assert store.frame_count() == 1


def limit_pages(store: Store, room: int) -> None:
    """Make the store's disk full: SQLite then fails as it does when the file system has no space."""
    connection = store._connection
    count = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={count + room}")


def test_a_file_that_is_no_store_is_refused_and_left_alone(tmp_path):
    garbage = tmp_path / "garbage.vband"
    garbage.write_bytes(b"not a database at all" * 100)
    stranger = tmp_path / "stranger.vband"
    with sqlite3.connect(stranger) as connection:
        connection.execute("CREATE TABLE other (x)")
    connection.close()
    empty = tmp_path / "empty.vband"
    empty.write_bytes(b"")
    with pytest.raises(StoreError, match="is empty"):
        Store.open(empty)
    for path, reason in ((garbage, "not a SQLite database"), (stranger, "not a store of bands")):
        before = path.read_bytes()
        with pytest.raises(StoreError, match=reason):
            Store.create(path)
        with pytest.raises(StoreError, match=reason):
            Store.open(path)
        assert path.read_bytes() == before


def test_a_corrupt_store_is_a_clear_error(tmp_path):
    path = tmp_path / "a.vband"
    with Store.create(path) as store:
        store.write([row(number, text="x" * 200) for number in range(500)])
    content = bytearray(path.read_bytes())
    content[8192:-4096] = b"\xa5" * (len(content) - 8192 - 4096)
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"corrupt|not a SQLite"), Store.open(path) as store:
        list(store.frames(BAND_ID))


def test_a_store_of_a_later_version_is_refused_by_its_number(tmp_path):
    path = tmp_path / "a.vband"
    Store.create(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(StoreError, match="store version 99"):
        Store.create(path)


def test_a_missing_store_is_told_by_name(tmp_path):
    with pytest.raises(StoreError, match=r"no store at .*nothing\.vband"):
        Store.open(tmp_path / "nothing.vband")


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="store"):
        Store.create(tmp_path / "file" / "a.vband")


def test_recordings_go_to_the_users_data_folder_by_default():
    assert default_store_path().suffix == ".vband"
    assert default_store_path().is_absolute()


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
            failing = await anext(events)
            assert isinstance(failing, StoreEvent)
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


_WRITER = """
    import sys
    sys.path[:0] = [{tests!r}]
    from pathlib import Path
    from sdk.test_store import row
    from vitalband import Store
    store = Store.create(Path({path!r}))
    number = 0
    while True:
        store.write([row(number + offset) for offset in range(7)])
        number += 7
        print(number, flush=True)
"""


def test_confirmed_frames_survive_a_killed_process(tmp_path):
    path = tmp_path / "a.vband"
    script = textwrap.dedent(_WRITER.format(tests=str(ROOT / "tests"), path=str(path)))
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as writer:
        try:
            confirmed = 0
            while confirmed < 700:
                confirmed = int(writer.stdout.readline())
        finally:
            os.kill(writer.pid, signal.SIGKILL)
        confirmed = max([confirmed, *(int(line) for line in writer.stdout.read().split("\n")[:-1])])
    with Store.open(path) as store:
        sequences = [frame.sequence for frame in store.frames(BAND_ID)]
    assert sequences[:confirmed] == list(range(confirmed))
    assert len(sequences) % 7 == 0  # a batch is there whole or not at all


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


def record(path: Path, script: Script | None = None, seconds: float = 30) -> list[VitalsUpdate]:
    """Record a fake band and give the vitals that were iterated live."""

    async def work():
        band, transport = paced_band(script, record_to=path)
        async with band:
            vitals = band.vitals()
            await band.start_stream(StreamId.OPTICAL)
            transport.band.press_button(transport.clock.now_ms)
            await band.run_for(seconds)
        return [item async for item in vitals]

    return run(work())


def test_read_back_values_equal_the_live_ones(tmp_path):
    live = record(tmp_path / "a.vband")
    with StoreReader(tmp_path / "a.vband") as reader:
        stored = list(reader.vitals())
        assert reader.identity().maker == "Vitalband"
        assert len(reader.manifest()) == 2
        assert reader.unreadable_frames == 0
    assert len(stored) == len(live) >= 14
    for ours, theirs in zip(stored, live, strict=True):
        assert [(r.name, r.value, r.validity, r.quality, r.cause) for r in ours] == [
            (r.name, r.value, r.validity, r.quality, r.cause) for r in theirs
        ]
        difference_ms = abs((ours.time - theirs.time).total_seconds()) * 1000
        assert difference_ms <= ours.stamp.uncertainty_ms + theirs.stamp.uncertainty_ms


def test_waveform_reads_back_as_numpy_with_gaps(tmp_path):
    script = Script(capabilities=1)  # keeps nothing: what is lost stays lost
    path = tmp_path / "a.vband"
    script.lose = {12}
    record(path, script)
    with StoreReader(path) as reader:
        items = list(reader.waveform(StreamId.OPTICAL))
        gaps = [item for item in items if isinstance(item, SampleGap)]
        chunks = [item for item in items if isinstance(item, SampleChunk)]
        table = reader.waveform_table(StreamId.OPTICAL)
    assert len(gaps) == 1
    assert gaps[0].sample_count == 20
    numbers = table.column("sample").to_numpy()
    assert len(numbers) == sum(len(chunk.counts) for chunk in chunks)
    missing = set(range(numbers[-1] + 1)) - set(numbers.tolist())
    assert missing == set(range(gaps[0].first_sample, gaps[0].first_sample + 20))
    assert np.array_equal(table.column("red").to_numpy(), (numbers.astype(np.int64) * 3) & 0x3FFFF)


def test_vitals_read_back_as_array_with_nan_for_what_is_unknown(tmp_path):
    record(tmp_path / "a.vband")
    with StoreReader(tmp_path / "a.vband") as reader:
        array = reader.vitals_array()
    assert np.all(array["heart_rate_bpm"] == 72.0)
    assert np.all(np.isnan(array["systolic_mmhg"]))
    assert np.all(np.diff(array["utc_us"]) == 2_000_000)


def test_a_store_of_two_bands_asks_which(tmp_path):
    path, other = tmp_path / "a.vband", bytes(range(8))
    with Store.create(path) as store:
        store.write([row(1), row(1, band_id=other)])
    with pytest.raises(StoreError, match=f"wanted one band.*{other.hex()}"):
        StoreReader(path)
    with StoreReader(path, other) as reader:
        assert reader.band_id == other
    with pytest.raises(StoreError, match="ffff"):
        StoreReader(path, b"\xff" * 8)


def test_cancelling_a_recording_writes_what_came(tmp_path):
    async def work():
        path = tmp_path / "a.vband"
        band, transport = paced_band(record_to=path)

        async def own():
            async with band:
                await band.run_for(10_000)

        task = asyncio.create_task(own())
        while transport.clock.now_ms < 20_000:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        with Store.open(path) as store:
            assert store.frame_count() >= 3 + 9

    run(work())
