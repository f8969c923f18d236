"""How things end: a scenario before its time, a pipe, a picture, a loop, a recording to the wrong file."""

import asyncio
import subprocess
import sys
import threading

import pytest

from sdk.fake_band import BAND_ID, FakeBand
from sdk.helpers import paced_band, run
from sdk.recordings import record, row
from vitalband import EndOfDataError, LocalError, Store, StoreConflictError, StoreError, StoreReader, sync
from vitalband.cli.common import FRAME_S, Screen, console
from vitalband.client import Band
from vitalband.export.tables import ExportTable, export_table
from vitalband.session_settings import SessionSettings


def test_data_that_ends_before_its_time_is_told_as_the_end(tmp_path):
    record(tmp_path / "a.vband")

    async def work():
        async with Band.open(f"replay:{tmp_path / 'a.vband'}") as band:
            with pytest.raises(EndOfDataError):
                await band.run_for(10_000)

    run(work())


def test_a_recording_of_data_that_ends_before_its_time_succeeds(tmp_path):
    live = record(tmp_path / "a.vband")
    code = "from vitalband.cli import main; main()"
    command = [sys.executable, "-c", code, "record", f"replay:{tmp_path / 'a.vband'}", "b.vband"]
    result = subprocess.run(
        [*command, "--seconds", "10000"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
    with StoreReader(tmp_path / "b.vband") as reader:
        assert len(list(reader.vitals())) == len(live)


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_reader_that_goes_is_no_failure(tmp_path, options):
    record(tmp_path / "a.vband")
    code = "from vitalband.cli import main; main()"
    command = [sys.executable, "-c", code, "info", f"replay:{tmp_path / 'a.vband'}", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        errors = process.stderr.read()
        assert (process.wait(60), errors) == (0, b"")


def test_the_picture_that_came_last_is_drawn_though_none_comes_after_it(monkeypatch):
    drawn = []

    async def work():
        with Screen() as screen:
            monkeypatch.setattr(
                screen._live, "refresh", lambda: drawn.append(str(screen._live.get_renderable()))
            )
            for picture in ("first", "second", "last"):
                screen.show(picture)
            assert drawn == ["first"]
            while len(drawn) < 2:
                await asyncio.sleep(FRAME_S / 10)

    with console.capture():
        run(work())
    assert drawn[:2] == ["first", "last"]


class _Stuck:
    """A transport whose opening fails while a thread of it hangs in the operating system."""

    url, is_paced, is_stream, max_packet = "stuck:", False, True, 64

    def __init__(self, clock, freed):
        self.clock, self._freed = clock, freed

    async def open(self):
        asyncio.get_running_loop().run_in_executor(None, self._freed.wait)
        raise LocalError("the port hangs")

    async def close(self):
        pass


def test_a_thread_that_hangs_hides_no_error_and_leaves_no_loop(monkeypatch):
    monkeypatch.setattr(sync, "CLOSE_TIMEOUT_S", 0.2)
    freed = threading.Event()
    clock = paced_band()[1].clock
    band = sync.Band(Band(_Stuck(clock, freed), SessionSettings(), None))
    try:
        with pytest.raises(LocalError, match="the port hangs"), band:
            pass
        assert not any(thread.name == "vitalband" for thread in threading.enumerate())
    finally:
        freed.set()


@pytest.mark.parametrize("path", ["no/x.csv", "file/x.csv"])
def test_a_table_that_cannot_be_written_is_told_by_its_own_name(tmp_path, path):
    record(tmp_path / "a.vband")
    (tmp_path / "file").touch()
    with StoreReader(tmp_path / "a.vband") as reader, pytest.raises(StoreError) as told:
        export_table(reader, ExportTable.VITALS, tmp_path / path)
    assert f"cannot write {tmp_path / path}: " in str(told.value)
    assert ".part" not in str(told.value)


def test_a_recording_to_the_file_of_another_ends_at_once(tmp_path):
    path = tmp_path / "a.vband"
    with Store.create(path) as store:
        store.write([row(3, boot_id=FakeBand().boot_id, band_id=BAND_ID)])

    async def work():
        band, transport = paced_band(record_to=path)
        with pytest.raises(StoreConflictError, match="record to another file"):
            async with band:
                await band.run_for(10_000)
        return transport.clock.now_ms

    assert run(work()) < 60_000
