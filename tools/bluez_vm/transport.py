"""A virtual band, reached by unmodified `bleak` on BlueZ in the machine."""

from bandsim.radio.air_band import AirBand
from bandsim.radio.transport import AirTransport
from bluez_vm.guest_world import GuestWorld
from vitalband.bluetooth import Radio


class GuestTransport(AirTransport):
    """See `AirTransport`; the band is on the air of a `GuestWorld`, where the machine's adapter is too."""

    def __init__(self, url: str, band: AirBand, *, owns_band: bool = True) -> None:
        assert isinstance(band.world, GuestWorld)
        self._world = band.world
        super().__init__(url, band, owns_band=owns_band)

    async def search(self) -> None:
        """See `AirTransport`."""
        with self._world.waited_for():
            await super().search()

    async def open(self) -> None:
        """See `AirTransport`."""
        with self._world.waited_for():
            await super().open()

    async def send(self, data: bytes) -> None:
        """See `AirTransport`."""
        with self._world.waited_for():
            await super().send(data)

    async def close(self) -> None:
        """See `AirTransport`."""
        with self._world.waited_for():
            await super().close()

    def _new_radio(self) -> Radio:
        return Radio()

    def _take_adapter(self) -> None:
        """There is one, for all hosts."""

    def _leave_adapter(self) -> None:
        """See `_take_adapter`."""
