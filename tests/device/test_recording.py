"""Recording a whole band: a disk that fills, a store that is locked, a recorder that is killed."""

import os
import select
import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from device.bands import HANG_LIMIT_S, no_band, play
from vitalband import Band, StoreError, StoreEvent, StoreReader, StreamId

pytestmark = pytest.mark.one_lane(
    reason="the host is what is tested: both lanes send it the same bytes (tests/m4/test_lane.py)"
)
own_process = pytest.mark.on_a_line(reason="the recorder is a process with a band of its own, on a line")

ROOT = Path(__file__).parents[2]
FILE_LIMIT_BYTES = 400_000
"""More than the store's tables, less than ten minutes with both raw streams: about 2.7 KB a second."""
KILL_AFTER = 400


def run_on_a_small_disk(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """The command line in a process whose files cannot grow past a limit, as on a disk that is full."""
    script = f"""
        import resource, sys
        resource.setrlimit(resource.RLIMIT_FSIZE, ({FILE_LIMIT_BYTES}, {FILE_LIMIT_BYTES}))
        from vitalband.cli import main
        sys.argv = ["vitalband", *{arguments!r}]
        main()
    """
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        timeout=HANG_LIMIT_S,
        check=False,
    )


@pytest.fixture(scope="module")
def full_disk(lane_kind, tmp_path_factory):
    path = tmp_path_factory.mktemp("full") / "full.vband"
    streams = ("--stream", "optical", "--stream", "motion")
    result = run_on_a_small_disk("record", "sim:rest", str(path), "--seconds", "500", *streams)
    return path, result


@own_process
def test_a_full_disk_is_told_at_once_and_again_at_the_end_with_an_exit_code_of_its_own(full_disk):
    path, result = full_disk
    assert result.returncode == 5, result.stderr
    warning, line = result.stderr.splitlines()
    assert warning.startswith("store failing, ")
    assert line.startswith("error: store ")
    assert str(path) in line
    assert "frames are not written" in line


@own_process
def test_what_was_written_before_the_disk_was_full_is_whole(full_disk):
    path, _ = full_disk
    with StoreReader(path) as reader:
        sequences = [row.sequence for row in reader.frames()]
        updates = list(reader.vitals())
    assert sequences == list(range(len(sequences)))
    assert len(updates) > 20


async def next_store_event(events) -> StoreEvent:
    while not isinstance(event := await anext(events), StoreEvent):
        pass
    return event


async def record_with_a_lock(path: Path):
    async with Band.open("sim:rest", record_to=path) as band:
        events = band.events()
        await band.run_for(20)
        stranger = sqlite3.connect(path)
        stranger.execute("BEGIN IMMEDIATE")
        failing = await next_store_event(events)
        waiting = band.statistics.store_waiting
        stranger.rollback()
        stranger.close()
        working = await next_store_event(events)
        await band.run_for(15)
        await band.save()
        statistics = band.statistics
    with StoreReader(path) as reader:
        sequences = [row.sequence for row in reader.frames()]
    return waiting, statistics, [failing, working], sequences


@pytest.fixture(scope="module")
def locked(lane_kind, tmp_path_factory):
    return play(record_with_a_lock(tmp_path_factory.mktemp("locked") / "locked.vband"))


def test_a_locked_store_is_told_and_so_is_its_end(locked):
    _, _, events, _ = locked
    assert [event.is_failing for event in events] == [True, False]
    assert "locked by another writer" in events[0].reason
    assert events[0].lost_frames == 0


def test_frames_wait_while_the_store_is_locked_and_none_is_lost(locked):
    waiting, statistics, _, sequences = locked
    assert waiting > 0
    assert statistics.store_waiting == statistics.store_lost == 0
    assert sequences == list(range(len(sequences)))
    assert len(sequences) == statistics.received_frames


RECORDER = """
    import asyncio, sys
    from bandwire.hostlink import HostLink
    from vitalband import Band, StreamId

    confirm = HostLink.confirm_stored

    def told(self, boot_id, first, count):
        print(boot_id, first, count, flush=True)
        return confirm(self, boot_id, first, count)

    HostLink.confirm_stored = told

    async def record():
        async with Band.open("sim:rest?duration_s=100000", record_to={path!r}) as band:
            print("band", band.transport.band.conductor._lane._process.pid, flush=True)
            await band.run_for(6)
            await band.start_stream(StreamId.OPTICAL)
            await band.wait_closed()

    asyncio.run(record())
"""


@pytest.fixture(scope="module")
def killed(lane_kind, tmp_path_factory):
    """A recorder ended by SIGKILL: its path, what it had confirmed to the band, and the band's process."""
    path = tmp_path_factory.mktemp("killed") / "killed.vband"
    script = textwrap.dedent(RECORDER.format(path=str(path)))
    confirmed: list[tuple[int, int, int]] = []
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as recorder:
        assert recorder.stdout is not None
        band_process = os.pidfd_open(int(recorder.stdout.readline().split()[1]))
        try:
            while sum(count for _, _, count in confirmed) < KILL_AFTER:
                confirmed.append(tuple(map(int, recorder.stdout.readline().split())))
        finally:
            recorder.send_signal(signal.SIGKILL)
        whole_lines = recorder.stdout.read().split("\n")[:-1]
        confirmed += [tuple(map(int, line.split())) for line in whole_lines]
    yield path, confirmed, band_process
    os.close(band_process)


@own_process
def test_all_that_was_confirmed_survives_a_killed_recorder(killed):
    path, confirmed, _ = killed
    with StoreReader(path) as reader:
        stored = {(row.boot_id, row.sequence) for row in reader.frames()}
    promised = {(boot_id, first + at) for boot_id, first, count in confirmed for at in range(count)}
    assert len(promised) >= KILL_AFTER
    assert promised <= stored


@own_process
def test_a_killed_recorders_store_reads_back_as_vitals_and_samples(killed):
    path, _, _ = killed
    with StoreReader(path) as reader:
        assert list(reader.vitals())
        assert list(reader.waveform(StreamId.OPTICAL))
        assert reader.unreadable_frames == 0


@own_process
def test_the_band_of_a_killed_host_ends_too(killed):
    _, _, band_process = killed
    ended, _, _ = select.select([band_process], [], [], HANG_LIMIT_S)
    assert ended


@no_band
def test_a_store_that_cannot_be_made_stops_the_recording_before_it_begins(tmp_path):
    (tmp_path / "file").write_text("")

    async def work():
        with pytest.raises(StoreError, match="file"):
            async with Band.open("sim:rest", record_to=tmp_path / "file" / "a.vband"):
                pass

    play(work())
