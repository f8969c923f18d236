"""The image's radio: over the virtual air both lanes say the same, byte for byte, within the budget."""

import asyncio
from pathlib import Path

import pytest

from bandsim.firmware_cost import CostReading
from bandsim.lane import LaneSettings
from bandsim.radio.air_band import AirBand
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings
from bandwire.frames import STREAM_ID_MOTION, STREAM_ID_OPTICAL
from budget.__main__ import budgets_of
from kept import delivered
from m4.tool_chain import SOC, need_image
from radio.air_hosts import AirHost
from radio.apps import SENT, App, turn_services
from radio.live_hosts import HostWithApp
from standard_services import registry


@pytest.fixture(scope="module", autouse=True)
def _image() -> None:
    need_image()


def notifications(kind: str, state_dir: Path) -> list[bytes]:
    """All that a band on a lane of this kind notified in half a minute, light among it."""
    # A band without a kept id draws one.
    lane = LaneSettings(kind=kind, state_dir=delivered(state_dir))
    with AirBand(load_scenario("rest"), BandSettings(lane=lane)) as band:
        host = AirHost(band.world)

        async def life() -> None:
            async with host.connected():
                await host.listen(10)
                host.link.start_stream(STREAM_ID_OPTICAL, 1000, host.now_ms)
                await host.listen(20)

        band.run_for(1.0)
        band.world.run(life())
    return host.records


def test_both_lanes_send_the_same_notifications(tmp_path: Path) -> None:
    on_image = notifications("m4", tmp_path / "m4")
    assert len(on_image) > 15
    assert max(len(record) for record in on_image) > 150
    assert on_image == notifications("unix", tmp_path / "unix")


READ = tuple(
    uuid for _, _, rows in registry.SERVICES for uuid, properties, *_ in rows if properties & registry.READ
)


def told_to_an_app(lane: LaneSettings) -> tuple[dict[int, list[bytes]], int]:
    """What an app is told in ten seconds, by characteristic, and the most that was alive in bytes."""
    with AirBand(load_scenario("rest"), BandSettings(lane=lane)) as band:
        app = App(band)

        async def life() -> None:
            await turn_services(band)
            async with app.connected():
                await app.subscribe(*SENT)
                await asyncio.sleep(10)
                for uuid in READ:
                    app.came.setdefault(uuid, []).append((0.0, await app.read(uuid)))

        band.run_for(8.0)
        band.world.run(life())
        most_alive_bytes = band.measure_cost().most_alive_bytes if lane.counts_instructions else 0
        return {uuid: app.values(uuid) for uuid in app.came}, most_alive_bytes


def test_with_the_standard_services_on_both_lanes_tell_an_app_the_same_within_the_budget_of_memory() -> None:
    # More heap than the budget, so that what is past it is measured and not a crash.
    counting = LaneSettings(
        kind="m4", counts_instructions=True, heap_bytes=192 * 1024, collect_every_bytes=128
    )
    on_image, most_alive_bytes = told_to_an_app(counting)
    assert set(on_image) == {uuid for _, _, rows in registry.SERVICES for uuid, *_ in rows}
    assert len(on_image[registry.HEART_RATE_MEASUREMENT]) >= 4
    assert on_image == told_to_an_app(LaneSettings(kind="unix"))[0]
    assert most_alive_bytes <= budgets_of(SOC).alive_bytes


async def cost_of(band: AirBand) -> CostReading:
    """What the firmware has done since it was asked before."""
    reports = band.conductor.reports
    before = reports.cost
    reports.want_cost()
    async with asyncio.timeout(5):
        while reports.cost is before:
            await asyncio.sleep(0.05)
    assert reports.cost is not None
    return reports.cost


def test_with_the_services_and_both_streams_to_one_host_the_link_keeps_to_its_budget() -> None:
    lane = LaneSettings(kind="m4", counts_instructions=True)
    with AirBand(load_scenario("rest"), BandSettings(lane=lane)) as band:
        host = HostWithApp(band)

        async def life() -> tuple[CostReading, CostReading]:
            await turn_services(band)
            async with host.connected():
                await host.use_both()
                for stream in (STREAM_ID_OPTICAL, STREAM_ID_MOTION):
                    host.link.start_stream(stream, 1000, host.now_ms)
                await host.listen(6)
                before = await cost_of(band)
                await host.listen(12)
                assert not host.is_gone
                return before, await cost_of(band)

        band.run_for(8.0)
        before, after = band.world.run(life())
    (link,) = (task for task in after.tasks if task.name == "link")
    assert len(host.app.values(registry.HEART_RATE_MEASUREMENT)) > 7
    assert link.steps > 10
    assert link.instructions * 2_000_000 / (after.now_us - before.now_us) <= link.budget
