"""`vitalband record`, killed with SIGKILL in mid-recording and started again: nothing is lost by it."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from typer.testing import CliRunner

from bandschema.codec import decode
from bandschema.records import StoreConfirm
from bandsim.endpoints import Endpoint
from bandwire.bandlink import BandLink
from bandwire.events import EVENT_FRAME
from bandwire.numbering import Numbering
from bandwire.serial import SerialCarrier
from device.bands import rest_file
from device.hosts import journal_of
from device.wires import WiredBand
from link.pairs import never_raise
from vitalband.cli import app
from vitalband.store import Store

pytestmark = pytest.mark.on_a_line(reason="the recorder is a process of its own, on a socket")

SEED = 6
KILLS = 3
LEAST_BYTES, MOST_BYTES = 6_000, 30_000
"""Of the band's bytes, a kill falls after so many: a quarter of a minute to some minutes of a session."""
PROCESS_LIMIT_S = 60
"""Wall-clock end of a process that hangs; no claim rests on it."""
RECORD = "from vitalband.cli import main; main()"

Key = tuple[int, int]


class Confirmations:
    """Listens to what hosts say, as another band would, and keeps the numbers that they confirm."""

    def __init__(self) -> None:
        self.keys: set[Key] = set()
        self._carrier = SerialCarrier(BandLink(Numbering(1, never_raise), band_id=bytes(8)))

    def take(self, data: bytes) -> None:
        self._carrier.receive(data, len(data), 0)
        while (event := self._carrier.next_event(0)) is not None:
            if event[0] == EVENT_FRAME:
                record = decode(bytes(event[1]))[1]
                if isinstance(record, StoreConfirm):
                    boot_id, first = record.confirmed_boot_id, record.first_sequence
                    self.keys |= {(boot_id, number) for number in range(first, first + record.frame_count)}


class Trap:
    """An endpoint that lets so many bytes of the band through, and then acts, once."""

    def __init__(self, endpoint: Endpoint, hear: Callable[[bytes], None]) -> None:
        self.url = endpoint.url
        self.descriptors, self.close = endpoint.descriptors, endpoint.close
        self._endpoint = endpoint
        self._hear = hear
        self._left = 0
        self._act: Callable[[], None] | None = None

    def set(self, count: int, act: Callable[[], None]) -> None:
        self._left, self._act = count, act

    def read(self) -> bytes:
        data = self._endpoint.read()
        self._hear(data)
        return data

    def write(self, data: bytes) -> int:
        if self._act is None:
            return self._endpoint.write(data)
        taken = self._endpoint.write(data[: self._left])
        self._left -= taken
        if self._left == 0:
            act, self._act = self._act, None
            act()
        return taken


def record_until_killed(trap: Trap, store: Path, count: int) -> None:
    command = [sys.executable, "-c", RECORD, "record", trap.url, str(store), "--stream", "optical"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        trap.set(count, process.kill)
        try:
            assert process.wait(PROCESS_LIMIT_S) == -signal.SIGKILL
        finally:
            process.kill()


def run(*arguments: object) -> dict[str, Any]:
    result = CliRunner().invoke(app, [*map(str, arguments), "--json"])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return json.loads(result.stdout)


def found_wrong(report: dict[str, Any]) -> list[dict[str, Any]]:
    """What a check finds, but for what follows from this test: a band that lives faster than its host, whose
    time exchanges contradict each other, and a stream that nobody wants while no host is there."""
    explained = ("time exchanges contradict each other", "stream 1 was started again")
    return [found for found in report["findings"] if not found["cause"].startswith(explained)]


def frames_of(path: Path) -> dict[Key, bytes]:
    with Store.open(path) as store:
        (band_id,) = store.bands()
        return {(row.boot_id, row.sequence): row.frame for row in store.frames(band_id)}


@pytest.mark.one_lane("it is the host that is killed")
def test_a_recording_killed_at_any_point_keeps_what_was_confirmed_and_comes_to_be_whole(tmp_path):
    path, confirmed, random = tmp_path / "a.vband", Confirmations(), Random(SEED)
    wired = WiredBand("socket", rest_file(tmp_path).removeprefix("sim:"))
    wired.endpoint = trap = Trap(wired.endpoint, confirmed.take)
    before: dict[Key, bytes] = {}
    with wired:
        for _ in range(KILLS):
            record_until_killed(trap, path, random.randrange(LEAST_BYTES, MOST_BYTES))
            told = set(confirmed.keys)
            stored = frames_of(path)
            assert told <= stored.keys()
            assert before.items() <= stored.items()
            before = stored
        assert confirmed.keys
        counts = run("sync", wired.url, path)
    report = run("check", path)
    assert found_wrong(report) == []
    assert report["missing_samples"] == 0
    assert [(boot["missing"], boot["lost"]) for boot in report["boots"]] == [(0, 0)]
    accounted = ("received_frames", "repaired_frames", "dropped_on_band", "missing_frames")
    assert sum(counts[name] for name in accounted) == counts["assigned_frames"]
    assert (counts["missing_frames"], counts["dropped_on_band"]) == (0, 0)
    stored = frames_of(path)
    assert before.items() < stored.items()
    assert confirmed.keys <= stored.keys()
    boot_id, newest = max(stored)
    kept = journal_of(wired.band, boot_id)
    # The band has gone on while its last host left.
    assert stored == {(boot_id, number): frame for number, frame in kept.items() if number <= newest}
