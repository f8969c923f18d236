"""A virtual band that has a radio, and hosts beside it on the same air."""

import asyncio
import hashlib
import weakref

from bandsim.lane import Lane
from bandsim.radio.adapter import Adapter
from bandsim.radio.air_link import AirLink
from bandsim.radio.band_radio import CANNOT_PAIR, BandRadio
from bandsim.radio.client import AirClient
from bandsim.radio.scanner import AirScanner
from bandsim.radio.world import World
from bandsim.scenario import Scenario
from bandsim.virtual_band import BandSettings, VirtualBand, unique_id_of
from vitalband.bluetooth import Radio

_HOST_ADDRESS = "C0:00:00:00:{:02X}:{:02X}"

_LOOK_S = 0.01
"""Between two looks for what the firmware reports."""


class AirBand(VirtualBand):
    """A `VirtualBand` whose firmware finds a radio; it lives in a `world`, of its own if none is given.

    `refuses`: see `BandRadio`.
    """

    def __init__(
        self,
        scenario: Scenario,
        settings: BandSettings | None = None,
        *,
        world: World | None = None,
        lane: Lane | None = None,
        refuses: frozenset[str] = CANNOT_PAIR,
    ) -> None:
        self.world = world or World(scenario.seed)
        # Whoever lets a band go without closing it leaves no loop behind.
        self._end_world = weakref.finalize(self, self.world.close if world is None else _leave)
        address = _address_of(unique_id_of(scenario))
        self.radio = BandRadio(
            self.world.air, address, self.world.entered, seed=scenario.seed, refuses=refuses
        )
        link = AirLink(self.world, scenario.seed)
        super().__init__(scenario, settings, lane=lane, link=link, radio=self.radio)
        self.world.join(self.conductor, self.radio)

    def run_for(self, duration_s: float) -> None:
        """Let virtual time pass for all that lives on this air; raises FirmwareError."""
        self.start()
        self.world.run(asyncio.sleep(duration_s))

    def _run_on(self, limit_us: int) -> None:
        self.run_for(min(_LOOK_S, (limit_us - self.now_us) / 1_000_000))

    def close(self) -> None:
        """See `VirtualBand`; a world of its own ends with it."""
        super().close()
        self._end_world()


def plug_in(world: World) -> tuple[Adapter, Radio]:
    """Plug one more adapter into a host on this air; gives it, and how bleak reaches the air by it."""
    number = world.adapters = world.adapters + 1
    address = _HOST_ADDRESS.format(number >> 8, number & 0xFF)
    adapter = world.run(Adapter.plugged_in(world.air, address))
    return adapter, _radio_of(adapter)


def borrow(world: World) -> tuple[Adapter, Radio]:
    """As `plug_in`, or one that a host before had and that is in `world.idle` since."""
    adapter = next((each for each in world.idle if each.is_plugged_in), None)
    if adapter is None:
        return plug_in(world)
    world.idle.remove(adapter)
    return adapter, _radio_of(adapter)


def _radio_of(adapter: Adapter) -> Radio:
    by = {"radio": adapter}
    return Radio(scanner={"backend": AirScanner, **by}, client={"backend": AirClient, **by})


def _leave() -> None:
    """A world of others lives on."""


def _address_of(unique_id: bytes) -> str:
    """Give the random static address that a band has where it does not change."""
    digest = bytearray(hashlib.sha256(b"address " + unique_id).digest()[:6])
    digest[0] |= 0xC0
    return ":".join(f"{octet:02X}" for octet in digest)
