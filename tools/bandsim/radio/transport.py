"""The transport `ble+sim:SCENARIO`: a virtual band, reached on the virtual radio as `ble:` reaches real ones.

What the SDK does on a real adapter it does here too: it scans, connects, subscribes and writes by `bleak`.
Options are those of `sim:`; `ble+sim+m4:` runs the firmware's image in the emulator. Time passes inside the
calls only.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from bandsim.console import Console
from bandsim.radio.adapter import Adapter
from bandsim.radio.air_band import AirBand, borrow
from bandsim.transport import TURN_US, BandClock, band_options
from vitalband.bluetooth import Radio
from vitalband.bluetooth.band_transport import BandTransport
from vitalband.errors import EndOfDataError, TransportError

ResultT = TypeVar("ResultT")

LANE_OF_SCHEME = {"ble+sim": "", "ble+sim+m4": "m4"}


class AirTransport:
    """A packet transport to a band on a virtual air; each has an adapter of its own while it is open.

    `close` switches off a band that came with the transport, but not one whose connection was lost: it lives
    on, and is found again. One that was there already (`owns_band` false) is whoever's it is.
    """

    is_stream = False
    is_paced = True

    def __init__(self, url: str, band: AirBand, *, owns_band: bool = True) -> None:
        self.url = url
        self.band = band
        self.clock = BandClock(band)
        self._owns_band = owns_band
        self._is_lost = False
        self._inner = BandTransport(url, radio=self._new_radio(), clock=self.clock)

    def _new_radio(self) -> Radio:
        self.adapter: Adapter
        self.adapter, radio = borrow(self.band.world)
        return radio

    @property
    def console(self) -> Console:
        """The test console of the band."""
        return self.band.console

    @property
    def max_packet(self) -> int:
        """Bytes of the longest record; follows the connection."""
        return self._inner.max_packet

    def met(self, band_id: bytes, finder_key: bytes) -> None:
        """See `vitalband.transport.Recognizing`."""
        self._inner.met(band_id, finder_key)

    def press_button(self) -> None:
        """Press the band's button and let it go, a short press."""
        self.band.console.press_button()

    async def search(self) -> None:
        """Find the band by its service, in virtual time."""
        self._begin()
        self._live(self._inner.search())

    async def open(self) -> None:
        """Connect to it and subscribe."""
        self._begin()
        self._is_lost = False
        self._live(self._inner.open())

    async def send(self, data: bytes) -> None:
        """Write a record; the time that this takes passes."""
        self._live(self._inner.send(data))

    async def receive(self, timeout_ms: int) -> bytes:
        """Let virtual time pass until a record has come, `timeout_ms` at most.

        Raises TransportError when the connection is lost, FirmwareError when the firmware fails, and
        EndOfDataError at the end of the scenario.
        """
        band = self.band
        deadline_us = band.now_us + timeout_ms * 1000
        while True:
            limit_us = min(deadline_us, band.end_us, band.now_us + TURN_US)
            record = self._live(self._inner.receive(-(-max(0, limit_us - band.now_us) // 1000)))
            if record or band.now_us >= deadline_us:
                return record
            if band.is_at_end:
                raise EndOfDataError(f"{self.url}: the scenario ends after {band.end_us / 1e6:g} s")
            await asyncio.sleep(0)

    async def close(self) -> None:
        """Disconnect; see the class."""
        self._live(self._inner.close())
        self._leave_adapter()
        if self._owns_band and not self._is_lost:
            self.band.stop()

    def _begin(self) -> None:
        self._take_adapter()
        self.band.start()

    def _take_adapter(self) -> None:
        if self.adapter in self.band.world.idle:
            self.band.world.idle.remove(self.adapter)

    def _leave_adapter(self) -> None:
        if self.adapter not in self.band.world.idle:
            self.band.world.idle.append(self.adapter)

    def _live(self, work: Coroutine[Any, Any, ResultT]) -> ResultT:
        try:
            return self.band.world.run(work)
        except TransportError:
            self._is_lost = True
            raise


def open_transport(url: str, **options: Any) -> AirTransport:
    """The transport for `ble+sim:SCENARIO?OPTIONS` or `ble+sim+m4:...`; `band` takes an `AirBand` there is.

    Raises LocalError for an unknown option; see `bandsim.transport`.
    """
    scheme, _, rest = url.partition(":")
    name, _, query = rest.partition("?")
    band = options.pop("band", None)
    if band is not None:
        return AirTransport(url, band, owns_band=False)
    wanted = options | dict(parse_qsl(query, keep_blank_values=True))
    return AirTransport(url, AirBand(*band_options(url, name, LANE_OF_SCHEME[scheme], wanted)))
