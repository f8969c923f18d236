"""A recording is just another transport: played, it gives what the live session gave."""

import sqlite3

import numpy as np
import pytest

from bandschema.records import Vitals
from bandwire.frames import VERSION
from sdk.fake_band import BAND_ID, Script
from sdk.helpers import run, take
from sdk.recordings import record, row
from vitalband import (
    Band,
    BandEvent,
    DeviceError,
    EndOfDataError,
    EventKind,
    FrameGap,
    LocalError,
    LogLine,
    Result,
    SampleChunk,
    SampleGap,
    Store,
    StoreError,
    StoreReader,
    StreamId,
    UnsupportedError,
    open_transport,
)
from vitalband.store.database import FrameRow


def test_replayed_vitals_equal_the_stored_ones_in_every_part(tmp_path):
    path = tmp_path / "a.vband"
    live = record(path)

    async def work():
        async with Band.open(f"replay:{path}") as band:
            assert band.identity.maker == "Vitalband"
            assert len(band.manifest) == 2
            assert band.band_id == BAND_ID
            return [item async for item in band.vitals()]

    replayed = run(work())
    with StoreReader(path) as reader:
        stored = list(reader.vitals())
    assert len(replayed) == len(stored)
    assert all(ours == theirs for ours, theirs in zip(replayed, stored, strict=True))
    values = [[(r.name, r.value, r.validity, r.cause) for r in update] for update in replayed]
    assert values == [[(r.name, r.value, r.validity, r.cause) for r in update] for update in live]


def test_replayed_samples_events_and_gaps_equal_the_stored_ones(tmp_path):
    path = tmp_path / "a.vband"
    record(path, Script(capabilities=1, lose={13}))

    async def work():
        async with Band.open(f"replay:{path}") as band:
            waveform, events = band.waveform(StreamId.OPTICAL), band.events()
            await band.wait_closed()
            return [item async for item in waveform], [item async for item in events]

    samples, events = run(work())
    with StoreReader(path) as reader:
        stored = list(reader.waveform(StreamId.OPTICAL))
    assert [type(item) for item in samples] == [type(item) for item in stored]
    for ours, theirs in zip(samples, stored, strict=True):
        if isinstance(ours, SampleChunk):
            assert np.array_equal(ours.counts, theirs.counts)
            assert np.array_equal(ours.ticks_ms, theirs.ticks_ms)
    assert any(isinstance(item, SampleGap) for item in samples)
    assert any(isinstance(item, FrameGap) for item in events)
    assert any(isinstance(item, BandEvent) and item.event is EventKind.BUTTON_SHORT for item in events)


def test_time_of_a_replay_is_the_recordings_and_stands_still_until_asked(tmp_path):
    path = tmp_path / "a.vband"
    live = record(path)

    async def work():
        async with Band.open(f"replay:{path}") as band:
            clock = band.transport.clock
            start_ms = clock.monotonic_ms()
            update = await anext(band.vitals())
            assert clock.monotonic_ms() - start_ms <= 2000
            assert abs((update.time - live[0].time).total_seconds()) <= 0.005
            await band.run_for(10)
            assert clock.monotonic_ms() - start_ms >= 10_000

    run(work())


def test_a_recording_obeys_no_commands(tmp_path):
    path = tmp_path / "a.vband"
    record(path)

    async def work():
        async with Band.open(f"replay:{path}") as band:
            with pytest.raises(DeviceError, match="NOT_AVAILABLE") as caught:
                await band.vibrate(100)
            assert caught.value.result == Result.NOT_AVAILABLE
            with pytest.raises(DeviceError, match="NOT_AVAILABLE"):
                await band.send_cuff_reading(120, 80)
            with pytest.raises(DeviceError, match="NOT_AVAILABLE"):
                await anext(band.waveform(StreamId.MOTION))  # not in this recording

    run(work())


def test_a_recording_without_identity_says_so_when_asked(tmp_path):
    path = tmp_path / "a.vband"
    with Store.create(path) as store:
        store.write([row(number) for number in range(3)])

    async def work():
        async with Band.open(f"replay:{path}") as band:
            with pytest.raises(UnsupportedError, match="gives no identity"):
                _ = band.identity
            assert band.manifest == ()
            await band.wait_closed()
            assert band.statistics.received_frames == 3

    run(work())


def test_two_boots_are_played_one_after_the_other(tmp_path):
    path = tmp_path / "a.vband"
    with Store.create(path) as store:
        store.write([row(number, boot_id=boot_id) for boot_id in (3, 4) for number in range(5)])

    async def work():
        async with Band.open(f"replay:{path}") as band:
            lines = [item async for item in band.events() if isinstance(item, LogLine)]
            assert [(line.stamp.boot_id, line.stamp.sequence) for line in lines] == [
                (boot_id, number) for boot_id in (3, 4) for number in range(5)
            ]
            assert lines[0].stamp.time is None  # no exchange was stored: the time cannot be told

    run(work())


@pytest.mark.parametrize(
    ("place", "value", "counted"),
    [(0, VERSION + 1, "bad_records"), (1, 0x3E, "unknown_kinds")],
    ids=["version", "kind"],
)
def test_frames_of_a_later_version_or_kind_are_counted_and_the_rest_is_played(
    tmp_path, place, value, counted
):
    path = tmp_path / "a.vband"
    later = bytearray(row(1).frame)
    later[place] = value
    with Store.create(path) as store:
        store.write([row(0), FrameRow(BAND_ID, 1, 1, later[1], 1, 0, bytes(later)), row(2)])

    async def work():
        async with Band.open(f"replay:{path}") as band:
            lines = await take(band.events(), 2)
            assert [line.stamp.sequence for line in lines] == [0, 2]
            assert getattr(band.statistics, counted) == 1
            assert band.statistics.missing_frames == 0

    run(work())
    with StoreReader(path) as reader:
        assert len(list(reader.frames())) == 3
        assert sum(len(found.rows) for _, kinds in reader.frame_columns() for found in kinds.values()) == 2
        assert reader.unreadable_frames == 1
        assert [damage.sequence for damage in reader.damage.first] == [1]


def test_vitals_of_a_later_version_are_left_out_of_tables_and_counted(tmp_path):
    path = tmp_path / "a.vband"
    live = record(path)
    with Store.open(path) as store:
        vitals = next(frame for frame in store.frames(BAND_ID) if frame.kind == Vitals.KIND)
    connection = sqlite3.connect(path)
    later = bytes([VERSION + 1]) + vitals.frame[1:]
    connection.execute("UPDATE frames SET frame=? WHERE sequence=?", (later, vitals.sequence))
    connection.commit()
    connection.close()
    with StoreReader(path) as reader:
        assert reader.vitals_table().num_rows == len(live) - 1
        assert reader.unreadable_frames == 1
    with StoreReader(path) as reader:
        assert len(list(reader.vitals())) == len(live) - 1
        assert reader.unreadable_frames == 1


def test_a_recording_that_is_not_there_is_a_store_error(tmp_path):
    async def work():
        async with Band.open(f"replay:{tmp_path}/none.vband"):
            pass

    with pytest.raises(StoreError, match="no store at"):
        run(work())


def test_an_unknown_option_is_refused_by_name():
    with pytest.raises(LocalError, match="speed"):
        open_transport("replay:a.vband", speed=2)


def test_the_end_of_a_recording_is_told_apart_from_a_failure(tmp_path):
    path = tmp_path / "a.vband"
    with Store.create(path) as store:
        store.write([row(0)])

    async def work():
        transport = open_transport(f"replay:{path}")
        await transport.open()
        assert await transport.receive(1000) == b""  # no host has said hello: the frame waits
        with pytest.raises(EndOfDataError, match="played to its end"):
            await transport.receive(1000)
        await transport.close()

    run(work())
