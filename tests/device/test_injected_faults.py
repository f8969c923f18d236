"""What the console can do to a band, done to the real firmware: it names what is wrong, and gets over it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from errno import ETIMEDOUT
from itertools import pairwise

import pytest

from bandschema.enums import ConsentAction
from bandsim.link_port import LinkFaults
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings, VirtualBand
from device.bands import CHIPS, Deed, Gathering, kept_by_lane, new_band, play
from device.test_faults import PART_OF
from vitalband import (
    Band,
    BandEvent,
    ConsentChange,
    EventKind,
    LinkStatistics,
    ReconnectPolicy,
    SampleChunk,
    StreamId,
    VitalsUpdate,
)
from vitalband.values import EventItem

pytestmark = pytest.mark.off_bluez(reason="faults last for so long, in lives of minutes of virtual time")

AT_ONCE = ReconnectPolicy(first_ms=1, limit_ms=1)
FAULT_S, END_S = 60.0, 180.0
BACK_S = 40.0
"""A part missing for some seconds is tried again within 8 s; windows of readings take the rest."""
DRIFT_PPM = 100


@dataclass
class Endured:
    """What a host had of a band to which something was done; times are of virtual time, in s."""

    updates: list[VitalsUpdate] = field(default_factory=list[VitalsUpdate])
    chunks: list[SampleChunk] = field(default_factory=list[SampleChunk])
    events: list[EventItem] = field(default_factory=list[EventItem])
    statistics: LinkStatistics | None = None

    def of_kind(self, kind: EventKind) -> list[BandEvent]:
        """Events of one kind."""
        return [event for event in self.events if isinstance(event, BandEvent) and event.event == kind]

    def after(self, ticks_s: float, boot_id: int = 1) -> list[VitalsUpdate]:
        """Updates of a boot from a tick on."""
        return [
            update
            for update in self.updates
            if update.stamp.boot_id == boot_id and update.stamp.ticks_ms >= ticks_s * 1000
        ]


@kept_by_lane
def endured(deeds: Sequence[Deed], seconds: float = END_S, clock_error_ppm: float = 0.0) -> Endured:
    """A life of the scenario with the optical stream on, and deeds done on the way."""
    scenario = load_scenario("rest", duration_s=seconds + 10)
    with new_band(scenario, BandSettings(clock_error_ppm=clock_error_ppm)) as virtual:
        return play(_endure(virtual, deeds, seconds))


async def _endure(virtual: VirtualBand, deeds: Sequence[Deed], seconds: float) -> Endured:
    band = Band.open("sim:rest", band=virtual, reconnect=AT_ONCE)
    console = virtual.console
    for at_s, deed in deeds:
        console.conductor.timeline.at(round(at_s * 1e6), lambda deed=deed: deed(console))
    async with band:
        events, vitals = Gathering(band.events()), Gathering(band.vitals())
        await band.run_for(8)
        chunks = Gathering(band.waveform(StreamId.OPTICAL))
        await band.run_for(seconds - console.now_s)
        return Endured(
            [item for item in await vitals.stop() if isinstance(item, VitalsUpdate)],
            [item for item in await chunks.stop() if isinstance(item, SampleChunk)],
            await events.stop(),
            band.statistics,
        )


def stall(console):
    console.stall_link(5000)


def slow_and_late(console):
    console.set_link_faults(LinkFaults(most_bytes_per_s=2000, delay_to_host_ms=180, delay_to_band_ms=20))


def stick(console):
    console.stick_bus(5000)


def hold(console):
    console.hold_bus(4000)


def cut_power(console):
    console.cut_power(10_000)


def hold_button(console):
    console.press_button(60_000)


def agree(console):
    console.agree()


STALL = ((FAULT_S, stall),)
SLOW = ((0.0, slow_and_late),)
STICK = ((FAULT_S, stick),)
HOLD = ((FAULT_S, hold),)
CUT_POWER = ((FAULT_S, cut_power),)
BUTTON = ((FAULT_S, hold_button), (FAULT_S + 70, agree))


def gaps_of(chunks: Sequence[SampleChunk]) -> list[int]:
    """How many samples are missing between one chunk and the next, where some are."""
    steps = [
        later.first_sample - earlier.first_sample - len(earlier.counts) for earlier, later in pairwise(chunks)
    ]
    return [step for step in steps if step]


@pytest.mark.parametrize("deeds", [STALL, SLOW], ids=["stall", "slow and late"])
def test_a_line_that_makes_bytes_wait_loses_none(deeds):
    life = endured(deeds)
    assert life.statistics is not None
    assert life.statistics.missing_frames == life.statistics.dropped_on_band == 0
    ticks = [update.stamp.ticks_ms for update in life.after(0)]
    assert all(later - earlier < 2200 for earlier, later in pairwise(ticks))
    assert ticks[-1] > (END_S - 5) * 1000
    assert gaps_of(life.chunks) == []


def test_a_bus_that_is_stuck_is_a_fault_of_every_chip_that_was_asked_and_ends_with_it():
    life = endured(STICK)
    faults = {event.part: event.detail for event in life.of_kind(EventKind.FAULT)}
    assert set(faults) >= {PART_OF[chip] for chip in CHIPS if chip != "max17048"}
    assert set(faults.values()) == {ETIMEDOUT}
    assert {event.part for event in life.of_kind(EventKind.RECOVERED)} == set(faults)
    assert life.after(FAULT_S + BACK_S)[-1]["heart_rate_bpm"].is_valid
    assert life.statistics is not None
    assert life.statistics.missing_frames == 0


def test_a_fifo_that_overflows_is_a_gap_of_so_many_samples_and_no_fault():
    life = endured(HOLD)
    assert life.of_kind(EventKind.FAULT) == []
    (lost,) = gaps_of(life.chunks)
    rate_hz = life.chunks[0].descriptor.rate_hz
    # A FIFO of 32 samples keeps the last of four seconds; it was read up to half a second before.
    assert 4 * rate_hz - 32 - 2 <= lost <= 4.5 * rate_hz - 32 + 2
    # Sample numbers go on at the true rate: what was lost is counted.
    first, last = life.chunks[0], life.chunks[-1]
    span_s = (int(last.utc_us[-1]) - int(first.utc_us[0])) / 1e6
    samples = last.first_sample + len(last.counts) - 1 - first.first_sample
    assert samples / rate_hz == pytest.approx(span_s, rel=0.002)
    assert life.after(FAULT_S + BACK_S)[-1]["heart_rate_bpm"].is_valid


def test_a_loss_of_power_is_a_new_boot_that_goes_on_with_what_the_wearer_agreed_to():
    life = endured(CUT_POWER)
    first, second = life.after(0), life.after(0, boot_id=2)
    assert first[-1].stamp.ticks_ms > (FAULT_S - 5) * 1000
    assert second[0].stamp.ticks_ms < 10_000
    assert second[-1].stamp.ticks_ms > (END_S - FAULT_S - 10 - 5) * 1000
    assert second[-1]["heart_rate_bpm"].is_valid
    assert life.of_kind(EventKind.FAULT) == []
    records = [event for event in life.events if isinstance(event, ConsentChange)]
    assert [(event.stamp.boot_id, event.action) for event in records] == [
        (1, ConsentAction.IN_FORCE),
        (1, ConsentAction.AGREED),
        (2, ConsentAction.IN_FORCE),
    ]
    assert records[0].groups == 0
    assert records[1].groups == records[2].groups


def test_a_button_that_is_held_withdraws_once_and_a_press_after_it_agrees_again():
    life = endured(BUTTON)
    changes = [event for event in life.events if isinstance(event, ConsentChange)]
    assert [event.action for event in changes if event.stamp.ticks_ms > FAULT_S * 1000] == [
        ConsentAction.WITHDRAWN,
        ConsentAction.AGREED,
    ]
    assert len(life.of_kind(EventKind.BUTTON_LONG)) == 1
    assert life.after(FAULT_S + 80)[-1]["skin_temperature_c"].value is not None


@pytest.mark.one_lane(reason="the host places the times; the clock is the virtual band's on both lanes")
@pytest.mark.parametrize("error_ppm", [-DRIFT_PPM, DRIFT_PPM])
def test_a_clock_that_drifts_is_placed_in_true_time(error_ppm):
    start_utc = load_scenario("rest").start_utc_us / 1e6
    life = endured((), 400.0, error_ppm)
    updates = life.after(0)
    assert len(updates) > 190
    for update in updates:
        true_s = update.stamp.ticks_ms / 1000 / (1 + error_ppm / 1e6)
        assert isinstance(update.stamp.time, datetime)
        assert update.stamp.uncertainty_ms is not None
        error_ms = (update.stamp.time.timestamp() - start_utc - true_s) * 1000
        # The tick has a resolution of 1 ms.
        assert abs(error_ms) <= update.stamp.uncertainty_ms + 1
    # The band's own seconds are not true ones: it shows, or there was nothing to place.
    drift_ms = update.stamp.ticks_ms - (update.stamp.time.timestamp() - start_utc) * 1000
    assert drift_ms == pytest.approx(error_ppm * 0.4, abs=5)


def test_a_line_that_delays_one_way_is_within_the_stated_uncertainty():
    start_utc = load_scenario("rest").start_utc_us / 1e6
    for update in endured(SLOW).after(0):
        assert update.stamp.time is not None
        assert update.stamp.uncertainty_ms is not None
        error_ms = (update.stamp.time.timestamp() - start_utc) * 1000 - update.stamp.ticks_ms
        assert abs(error_ms) <= update.stamp.uncertainty_ms + 1
