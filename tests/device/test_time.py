"""Determinism, and every counter that wraps: ticks at 2^30, ticks at 2^32, sequence numbers at 2^24."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from bandschema.records import CompressedBlock, VitalsRun
from bandsim.lane import LaneSettings
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings, VirtualBand
from bandwire.frames import STREAM_ID_MOTION, STREAM_ID_OPTICAL
from device.bands import Gathering, kept_by_lane, lane_with_change, new_band, play
from device.hosts import RawHost
from sdk.helpers import utc_us_of
from vitalband import Band, StreamId

by_hand = pytest.mark.on_a_line(reason="the host is a link by hand, on a line, so that bytes repeat")

WRAP_30_MS = 1 << 30
TICKS_32 = 1 << 32
CONSENT_S = 6.0
"""The wearer of the scenario has pressed by then."""


@kept_by_lane
def bytes_of(seed: int, number: int) -> tuple[bytes, tuple[object, ...]]:
    """All that a band sent in 40 s with both raw streams on, and its bus transfers; `number` makes runs."""
    with VirtualBand(load_scenario("walk", seed=seed)) as band:
        trace = band.console.bus.trace = []
        host = RawHost(band)
        host.run_for(10)
        for stream_id in (STREAM_ID_OPTICAL, STREAM_ID_MOTION):
            host.link.start_stream(stream_id, 1000, host.now_ms)
        host.run_for(30)
    assert host.of_kind(CompressedBlock)
    return bytes(host.sent), tuple(trace)


@by_hand
def test_same_seed_same_bytes():
    first, second = bytes_of(3, 1), bytes_of(3, 2)
    assert first is not second
    assert first[0] == second[0]


@by_hand
def test_same_seed_same_bus_transfers_at_the_same_time():
    assert bytes_of(3, 1)[1] == bytes_of(3, 2)[1]


@by_hand
def test_another_seed_other_bytes():
    assert bytes_of(3, 1)[0] != bytes_of(4, 1)[0]


async def vitals_across(band: VirtualBand, seconds: float):
    async with Band.open("sim:wrap", band=band) as host:
        await host.run_for(CONSENT_S)
        vitals, optical = Gathering(host.vitals()), Gathering(host.waveform(StreamId.OPTICAL))
        await host.run_for(seconds)
        return await vitals.stop(), await optical.stop(), host.statistics


def lived(settings: BandSettings, seconds: float = 100.0):
    with new_band(load_scenario("rest"), settings) as band:
        return play(vitals_across(band, seconds))


def wrapping_firmware(folder: Path) -> BandSettings:
    """A band whose 32-bit ticks are half a minute from their end: as after 49.7 days."""
    near_end = (TICKS_32 - 30_000) >> 16
    lane = lane_with_change(
        folder, "hal/clock.py", "        self.ticks_high = 0\n", f"        self.ticks_high = {near_end}\n"
    )
    return BandSettings(lane=lane)


@pytest.fixture(scope="module")
def across_30(lane_kind):
    return lived(BandSettings(start_tick_ms=WRAP_30_MS - 30_000))


@pytest.fixture(scope="module")
def across_32(lane_kind, tmp_path_factory):
    return lived(wrapping_firmware(tmp_path_factory.mktemp("wrap")))


WRAPS = ("across_30", "across_32")


@pytest.mark.parametrize("wrap", WRAPS)
def test_vitals_go_on_across_a_wrap(wrap, request):
    updates, _, statistics = request.getfixturevalue(wrap)
    assert len(updates) > 40
    assert updates[-1]["heart_rate_bpm"].is_valid
    assert statistics.missing_frames == 0


@pytest.mark.parametrize("wrap", WRAPS)
def test_times_rise_evenly_across_a_wrap(wrap, request):
    updates, _, _ = request.getfixturevalue(wrap)
    for earlier, later in pairwise(updates):
        assert (later.stamp.ticks_ms - earlier.stamp.ticks_ms) % TICKS_32 == pytest.approx(2000, abs=60)
        # Two times within their uncertainty of a few ms each.
        assert (later.time - earlier.time).total_seconds() == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize("wrap", WRAPS)
def test_samples_are_whole_and_their_times_rise_across_a_wrap(wrap, request):
    _, chunks, _ = request.getfixturevalue(wrap)
    assert len(chunks) > 20
    for earlier, later in pairwise(chunks):
        assert later.first_sample == earlier.first_sample + len(earlier.counts)
        step_us = int(later.utc_us[0]) - int(earlier.utc_us[-1])
        assert step_us == pytest.approx(40_000, abs=8_000)


def test_the_32_bit_ticks_did_wrap(across_32):
    ticks = [update.stamp.ticks_ms for update in across_32[0]]
    assert min(ticks) < 100_000
    assert max(ticks) > TICKS_32 - 100_000


CLOSE_MS = 20
"""What is promised of a connected band."""


@pytest.mark.off_bluez(reason="what an exchange of the time promises is half of what it takes")
def test_times_of_a_band_with_a_bad_clock_are_true_within_their_uncertainty(lane_kind):
    with new_band(load_scenario("rest"), BandSettings(clock_error_ppm=-100.0)) as band:
        updates, _, _ = play(vitals_across(band, 40.0))
        clock, start_us = band.conductor.clock, band.scenario.start_utc_us
        true_us = [start_us + clock.time_us(update.stamp.ticks_ms * 1000) for update in updates]
    assert len(updates) > 15
    for update, truth_us in zip(updates, true_us, strict=True):
        error_ms = abs(utc_us_of(update.time) - truth_us) / 1000
        assert error_ms <= min(update.stamp.uncertainty_ms, CLOSE_MS)


FIRST_SEQUENCE = 0xFFFFFE - 60
"""To the host's first update it takes some 40 frames, in what is lived here some 110."""


@pytest.fixture(scope="module")
def lane_near_last_sequence(lane_kind, tmp_path_factory) -> LaneSettings:
    return lane_with_change(
        tmp_path_factory.mktemp("numbers"),
        "band.py",
        "Numbering(self._raise_boot_id(), self._raise_boot_id)",
        f"Numbering(self._raise_boot_id(), self._raise_boot_id, {FIRST_SEQUENCE})",
    )


def test_the_boot_id_is_raised_before_sequence_numbers_repeat(lane_near_last_sequence):
    updates, _, statistics = lived(BandSettings(lane=lane_near_last_sequence), 80.0)
    numbers = [(update.stamp.boot_id, update.stamp.sequence) for update in updates]
    assert len(set(numbers)) == len(numbers)
    assert numbers == sorted(numbers)
    assert {boot_id for boot_id, _ in numbers} == {1, 2}
    assert max(sequence for boot_id, sequence in numbers if boot_id == 1) <= 0xFFFFFE
    assert statistics.missing_frames == 0
    # A boot that begins by itself has its place in UTC with the next time exchange, 10 s later at most.
    unplaced = [update for update in updates if update.time is None]
    assert len(unplaced) <= 5
    assert all(update.stamp.boot_id == 2 for update in unplaced)


def test_the_raised_boot_id_is_durable(lane_near_last_sequence, tmp_path):
    state = tmp_path / "state"
    lived(BandSettings(lane=replace(lane_near_last_sequence, state_dir=state)), 80.0)
    with VirtualBand(load_scenario("rest"), BandSettings(lane=LaneSettings(state_dir=state))) as band:
        host = RawHost(band)
        host.run_for(20)
    assert {header.boot_id for header, _ in host.of_kind(VitalsRun)} == {3}
