"""An app on a host that pairs, and the wearer who reads the passkey off the band's display."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from bleak.exc import BleakError
from bumble.pairing import PairingDelegate

from bandsim.agreeing import AGREE_S
from bandsim.radio.adapter import Adapter
from bandsim.radio.air_band import AirBand
from radio.apps import App, turn_services
from radio.glass import passkey_on
from standard_services import registry
from standard_services.host_pairing import SHOWN_MS

HOLD_MS = 1600
DRAWN_S = 1.5
"""The display is drawn at most once a second."""
SETTLED_S = 3.0
SECRET = registry.BATTERY_LEVEL


class Wearer(PairingDelegate):
    """Who reads the passkey off the band's display and types it at the host; `types` may change it."""

    def __init__(self, band: AirBand, types: Callable[[int], int | None]) -> None:
        super().__init__(PairingDelegate.IoCapability.KEYBOARD_INPUT_ONLY)
        self._band = band
        self._types = types
        self.seen: list[int] = []
        self.dawdles_s = 0.0

    async def get_number(self) -> int | None:
        await asyncio.sleep(DRAWN_S)
        self.seen.append(passkey_on(self._band))
        await asyncio.sleep(self.dawdles_s)
        return self._types(self.seen[-1])


class Phone(App):
    """An app on a host of its own that pairs, whose wearer types what `types` makes of the passkey."""

    def __init__(self, band: AirBand, types: Callable[[int], int | None] = lambda passkey: passkey) -> None:
        super().__init__(band)
        self.wearer: PairingDelegate = Wearer(band, types)

    @property
    def passkeys(self) -> list[int]:
        """Those that were shown to it."""
        assert isinstance(self.wearer, Wearer)
        return self.wearer.seen

    async def plug_in(self) -> None:
        if self.adapter is None:
            world = self.band.world
            world.adapters += 1
            self.adapter = await Adapter.plugged_in(
                world.air, f"C0:00:00:00:02:{world.adapters:02X}", delegate=lambda: self.wearer
            )

    async def read_once(self, uuid: int = SECRET) -> bytes:
        """Read over a connection of its own, which has the time to be remembered."""
        self.is_gone = False
        async with self.connected():
            value = await self.read(uuid)
            await asyncio.sleep(1.0)
        return value

    async def reads_while_the_passkey_is_shown(self, deed: Callable[[], Awaitable[None]]) -> None:
        """Begin to read, do something while the passkey is on the display, and be refused."""
        assert isinstance(self.wearer, Wearer)
        self.wearer.dawdles_s = SHOWN_MS / 1000
        reading = asyncio.ensure_future(self.is_refused())
        while not self.passkeys:
            await asyncio.sleep(0.1)
        await deed()
        await reading

    async def is_refused(self) -> str:
        """Try to read what is protected; gives the error."""
        with pytest.raises(BleakError) as refused:
            await self.read_once()
        return str(refused.value)


async def withdraw_and_open_again(band: AirBand, off_ms: int = 0) -> None:
    """Withdraw the agreement, lose power if wanted, agree anew, and open the band to apps anew."""
    band.console.press_button(duration_ms=HOLD_MS)
    await asyncio.sleep(HOLD_MS / 1000 + SETTLED_S)
    if off_ms:
        band.console.cut_power(off_ms=off_ms)
        await asyncio.sleep(2 * SETTLED_S)
    band.console.agree()
    await asyncio.sleep(AGREE_S + SETTLED_S)
    await turn_services(band)
    await asyncio.sleep(SETTLED_S)
