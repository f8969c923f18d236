"""Bands on the virtual air, and a count of what passes there."""

from bumble.controller import Controller

from bandsim.lane import LaneSettings
from bandsim.lanes import default_kind
from bandsim.radio.air import Air
from bandsim.radio.air_band import AirBand
from bandsim.radio.phy import packets_of, sent_bytes
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings
from vitalband import StreamId

SCENARIO = "walk"
STREAMS = (StreamId.OPTICAL, StreamId.MOTION)
AGREED_S = 8.0
"""When the scenario's wearer has agreed."""
_SPARE_S = 7200.0


def band_on_air(seconds: float) -> AirBand:
    """A band that is walked with for so long, and two hours of reserve; its wearer has agreed."""
    scenario = load_scenario(SCENARIO, duration_s=seconds + _SPARE_S)
    band = AirBand(scenario, BandSettings(lane=LaneSettings(kind=default_kind())))
    band.run_for(AGREED_S)
    return band


class Counted:
    """What was sent over connections of an air since `begin`, by both sides: packets of the link layer that
    carry something, their bytes on the air, and the bytes of L2CAP in them."""

    def __init__(self, air: Air) -> None:
        self.begin()
        air.on_sent = self._count

    def begin(self) -> None:
        """Count from nothing."""
        self.packets = self.air_bytes = self.l2cap_bytes = 0

    def _count(self, _sender: Controller, packet: bytes) -> None:
        self.packets += packets_of(len(packet))
        self.air_bytes += sent_bytes(len(packet))
        self.l2cap_bytes += len(packet)
