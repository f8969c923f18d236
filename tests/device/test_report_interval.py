"""Vitals in fewer, fuller frames on the whole band: none is lost by a cut, and none outlives a withdrawal."""

import asyncio
import itertools

import pytest

from bandschema.enums import ConsentAction
from device import bands
from device.bands import Gathering, console_of, play
from vitalband import Alert, AlertLevel, Band, Cause, ConsentChange, ReconnectPolicy, VitalsUpdate

pytestmark = pytest.mark.one_lane(
    reason="the host is what is tested: both lanes send it the same bytes (tests/m4/test_lane.py)"
)

INTERVAL_MS = 10_000
UPDATES = INTERVAL_MS // 2000
CUT_S = 7.0
LONG_PRESS_MS = 2000


async def cut_and_withdraw() -> dict[str, object]:
    band = Band.open("sim:rest", reconnect=ReconnectPolicy(first_ms=1, limit_ms=1))
    console = console_of(band)
    found: dict[str, object] = {}
    async with band:
        await band.run_for(20)
        vitals, events = Gathering(band.vitals()), Gathering(band.events())
        alerts: list[Alert] = []
        watching = asyncio.create_task(_watch(band, alerts))
        found["taken_ms"] = await band.set_report_interval(INTERVAL_MS + 1500)
        await band.run_for(34)
        console.cut_link(round(CUT_S * 1000))
        await band.run_for(CUT_S + 60)
        console.press_button(LONG_PRESS_MS)
        await band.run_for(30)
        found["statistics"] = band.statistics
        watching.cancel()
        await asyncio.wait({watching})
        found |= {"vitals": await vitals.stop(), "events": await events.stop(), "alerts": alerts}
    return found


async def _watch(band: Band, alerts: list[Alert]) -> None:
    async for alert in band.early_warning(show_on_band=False):
        alerts.append(alert)


@pytest.fixture(scope="module")
def life(lane_kind) -> dict[str, object]:
    return play(cut_and_withdraw())


def updates_of(life) -> list[VitalsUpdate]:
    return [item for item in life["vitals"] if isinstance(item, VitalsUpdate)]


def test_the_band_says_what_it_took(life):
    assert life["taken_ms"] == INTERVAL_MS


@pytest.mark.off_bluez(reason="a slower host tells the band later what it wants, after more than one frame")
def test_a_frame_holds_the_updates_of_its_interval_before_a_cut_and_after_it(life):
    sequences = sorted(update.stamp.sequence for update in updates_of(life))
    sizes = [len(list(group)) for _, group in itertools.groupby(sequences)]
    # On a line, one frame after the cut the band does not know yet what this host wants; over the air it
    # is told before there is anything to be sent.
    others = [at for at, size in enumerate(sizes) if at and size != UPDATES]
    assert [sizes[at] for at in others] == ([] if bands.carrier.is_air else [1])
    assert len(sizes) > 8
    assert all(3 < at < len(sizes) - 4 for at in others)


def test_no_update_is_lost_though_the_link_drops_in_the_middle_of_a_run(life):
    assert life["statistics"].missing_frames == 0
    assert life["statistics"].connections == 2
    ticks = sorted(update.stamp.ticks_ms for update in updates_of(life))
    assert all(later - earlier < 2100 for earlier, later in itertools.pairwise(ticks))


def test_only_the_cut_is_a_fault(life):
    faults = [alert.cause for alert in life["alerts"] if alert.level == AlertLevel.FAULT]
    assert faults == [Cause.LINK_LOST]


def test_updates_that_wait_do_not_outlive_a_withdrawal(life):
    (withdrawn,) = [
        item
        for item in life["events"]
        if isinstance(item, ConsentChange) and item.action == ConsentAction.WITHDRAWN
    ]
    assert updates_of(life)
    assert all(update.stamp.sequence < withdrawn.stamp.sequence for update in updates_of(life))
