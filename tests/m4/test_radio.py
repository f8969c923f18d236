"""The image's radio: over the virtual air both lanes say the same, byte for byte."""

import pytest

from bandsim.lane import LaneSettings
from bandsim.radio.air_band import AirBand
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings
from bandwire.frames import STREAM_ID_OPTICAL
from m4.tool_chain import need_image
from radio.air_hosts import AirHost


@pytest.fixture(scope="module", autouse=True)
def _image() -> None:
    need_image()


def notifications(kind: str) -> list[bytes]:
    """All that a band on a lane of this kind notified in half a minute, light among it."""
    with AirBand(load_scenario("rest"), BandSettings(lane=LaneSettings(kind=kind))) as band:
        host = AirHost(band.world)

        async def life() -> None:
            async with host.connected():
                await host.listen(10)
                host.link.start_stream(STREAM_ID_OPTICAL, 1000, host.now_ms)
                await host.listen(20)

        band.run_for(1.0)
        band.world.run(life())
    return host.records


def test_both_lanes_send_the_same_notifications() -> None:
    on_image = notifications("m4")
    assert len(on_image) > 15
    assert max(len(record) for record in on_image) > 150
    assert on_image == notifications("unix")
