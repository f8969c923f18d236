"""Whatever comes over the link, in either direction: counted, skipped, never obeyed, and the band goes on."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bandschema.codec import encode
from bandschema.enums import CommandCode
from bandschema.records import Command, Header
from bandsim.lane import LaneSettings
from bandsim.link_port import LinkFaults
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings, VirtualBand
from device.bands import Life, console_of, lane_with_change, live, new_band, play
from device.hosts import RawHost
from vitalband import Band, BandEvent, Result, StoreReader, StreamId

pytestmark = [
    pytest.mark.one_lane(
        reason="the host is what is tested: both lanes send it the same bytes (tests/m4/test_lane.py)"
    ),
    pytest.mark.off_bluez(reason="what comes over the link is damaged byte by byte"),
]

on_a_noisy_line = pytest.mark.on_a_line(reason="the air carries a packet whole, or loses the connection")

HEADER = Header(version=1, kind=Command.KIND, boot_id=0, sequence=0, ticks_ms=0, drops=0)
RESET_BY_MISTAKE = Command(request_id=9, command=0xEE, stream_id=0, argument=0)

REPL_BYTES = {
    "interrupt": b"\x03\x03",
    "raw mode": b"\x01import os; print(os.listdir())\x04",
    "friendly mode": b"\x02",
    "soft reset": b"\x04",
    "paste mode": b"\x05open('owned', 'w').write('x')\r\n\x04",
    "a line": b"\r\nimport os\r\nopen('owned', 'w').close()\r\n",
    "raw paste": b"\x05A\x01open('owned', 'w').close()\x04",
    "between zeros": b"\0import machine; machine.reset()\r\n\0",
    "all of it": bytes(range(256)) * 4,
}


def talking(state: Path | None = None) -> RawHost:
    """A band in the middle of a session, vitals under way."""
    lane = LaneSettings(state_dir=state)
    host = RawHost(VirtualBand(load_scenario("rest"), BandSettings(lane=lane)))
    host.run_for(12)
    assert host.updates()
    return host


@pytest.mark.parametrize("name", REPL_BYTES)
def test_what_would_move_a_repl_is_neither_echoed_nor_executed(name, tmp_path):
    host = talking(tmp_path / "state")
    with host.band as band:
        files = sorted(path.name for path in (tmp_path / "state").iterdir())
        said = len(host.sent)
        lines = len(band.console.log_lines)
        band.link.feed(REPL_BYTES[name])
        host.run_for(10)
        band.link.feed(b"\0")  # ends what was left open, as the end of the packet that it spoils would
        assert not _shares_text(REPL_BYTES[name], bytes(host.sent[said:]))
        assert sorted(path.name for path in (tmp_path / "state").iterdir()) == files
        assert band.console.counters.restarts == 0
        assert len(band.console.log_lines) == lines
        assert host.command(CommandCode.SEND_IDENTITY) == Result.OK
    assert {header.boot_id for header, _ in host.frames} == {1}
    assert len(host.updates()) >= 7


def _shares_text(sent: bytes, came: bytes, length: int = 8) -> bool:
    """Whether a piece of what was sent came back, or a prompt; shorter pieces are found in any bytes."""
    pieces = {sent[at : at + length] for at in range(len(sent) - length + 1)}
    return b">>> " in came or b"Traceback" in came or any(piece in came for piece in pieces)


def noise(size: int, seed: int) -> bytes:
    return np.random.default_rng(seed).bytes(size)


def damaged_packets(host: RawHost) -> dict[str, bytes]:
    """Bytes that are almost a packet of this very session."""
    command = encode(HEADER, RESET_BY_MISTAKE)
    whole = host.packet_of(command)
    unknown_kind = bytearray(command)
    unknown_kind[1] = 0x7D
    later_version = encode(replace(HEADER, version=9), RESET_BY_MISTAKE)
    return {
        "cut short": whole[:-6],
        "cut short and ended": whole[:-6] + b"\0",
        "one bit wrong": bytes([whole[0], whole[1] ^ 0x10]) + whole[2:],
        "without its beginning": whole[4:],
        "an old one again": whole + whole,
        "a frame of an unknown kind": host.packet_of(bytes(unknown_kind)),
        "a frame of a later version": host.packet_of(later_version),
        "a frame too short for its kind": host.packet_of(command[:14]),
        "noise": noise(3000, 1),
        "zeros": bytes(3000),
        "a packet without end": b"\x01" * 5000,
    }


DAMAGES = (
    "cut short",
    "cut short and ended",
    "one bit wrong",
    "without its beginning",
    "an old one again",
    "a frame of an unknown kind",
    "a frame of a later version",
    "a frame too short for its kind",
    "noise",
    "zeros",
    "a packet without end",
)


@pytest.fixture(scope="module")
def battered(lane_kind):
    host = talking()
    with host.band:
        yield host


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_band_goes_on_whatever_a_host_sends(battered, damage):
    vitals = len(battered.updates())
    battered.band.link.feed(damaged_packets(battered)[damage])
    battered.run_for(10)
    battered.band.link.feed(b"\0")
    assert battered.command(CommandCode.SEND_IDENTITY) == Result.OK
    assert len(battered.updates()) >= vitals + 5
    assert battered.band.console.counters.restarts == 0


@pytest.fixture(scope="module")
def noisy_line(lane_kind, tmp_path_factory):
    return play(live_on_a_noisy_line(tmp_path_factory.mktemp("noisy") / "noisy.vband"))


async def live_on_a_noisy_line(path: Path):
    band = Band.open("sim:rest", record_to=path)
    console = console_of(band)
    async with band:
        await band.run_for(10)
        for stream in StreamId:
            await band.start_stream(stream)
        console.set_link_faults(LinkFaults(drop_rate=1e-4, garble_rate=1e-4))
        await band.run_for(180)
        console.set_link_faults(LinkFaults())
        await band.run_for(40)
        # A reply names the number that comes next: from then on every loss is known.
        await band.command(CommandCode.SEND_IDENTITY)
        await band.save()
        statistics = band.statistics
    with StoreReader(path) as reader:
        sequences = [row.sequence for row in reader.frames()]
    return statistics, sequences, console.link_counters


@on_a_noisy_line
def test_noise_on_the_line_is_counted(noisy_line):
    statistics, _, line = noisy_line
    assert line.garbled_bytes > 0
    assert line.lost_bytes > 0
    # A byte garbled to zero ends a packet early and leaves a second bad one.
    assert 0 < statistics.bad_packets <= 2 * line.garbled_bytes + line.lost_bytes


@on_a_noisy_line
def test_what_noise_took_is_fetched_again(noisy_line):
    statistics, _, _ = noisy_line
    assert statistics.repaired_frames > 0
    assert statistics.backfill_requests > 0


@on_a_noisy_line
def test_received_repaired_and_missing_are_all_that_the_band_numbered(noisy_line):
    statistics, sequences, _ = noisy_line
    assert len(set(sequences)) == len(sequences) == statistics.received_frames + statistics.repaired_frames
    assert statistics.missing_frames == max(sequences) + 1 - len(sequences)


@on_a_noisy_line
def test_nothing_false_came_through_the_noise(noisy_line):
    statistics, _, _ = noisy_line
    assert statistics.undecodable_frames == 0
    assert statistics.unknown_kinds == 0
    assert statistics.unknown_readings == 0


LATER = """        self.send(KIND_EVENT, pack_event_into(self.buffer, 0, event, part, detail) + 4)
        self.send(0x3D, 40)
"""
"""A firmware of a later minor version: four bytes more in each event, and a kind that is not known yet."""


@pytest.fixture(scope="module")
def later_band(lane_kind, tmp_path_factory) -> Life:
    plain = "        self.send(KIND_EVENT, pack_event_into(self.buffer, 0, event, part, detail))\n"
    lane = lane_with_change(tmp_path_factory.mktemp("later"), "tasks/outbox.py", plain, LATER)
    scenario = load_scenario("chip_failure")
    with new_band(scenario, BandSettings(lane=lane)) as band:
        return live("sim:later", 300.0, band=band)


def test_frames_of_a_kind_to_come_are_skipped_and_counted(later_band):
    events = [event for _, event in later_band.events if isinstance(event, BandEvent)]
    assert later_band.statistics.unknown_kinds == len(events) > 0
    assert later_band.statistics.missing_frames == 0


def test_fields_to_come_are_ignored(later_band):
    known = live("sim:chip_failure", 300.0)
    assert [e for _, e in later_band.events if not hasattr(e, "action")]
    assert [(e.event, e.part, e.detail) for _, e in later_band.events if hasattr(e, "event")] == [
        (e.event, e.part, e.detail) for _, e in known.events if hasattr(e, "event")
    ]
    assert later_band.moments[-1].update["heart_rate_bpm"].is_valid
