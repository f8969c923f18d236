"""One demo session: connect, agree, stream, watch, store."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bandschema.enums import AlertLevel, Page, StreamId
from bandsim.demo.log import DemoLog
from bandsim.screen import Pixels
from bandsim.transport import SimTransport
from bandsim.virtual_band import VirtualBand
from vitalband.alerts import Alert
from vitalband.client import Band
from vitalband.errors import DeviceError
from vitalband.values import VitalsUpdate
from vitalband.view import LiveView

_CUFF_AT_S = 40.0
_PRESS_AT_S = 86.0
_PAGE_AT_S = 90.0
_PICTURE_DELAY_S = 4.0
_CUFF_AGE_S = 300
_RAW_LONGEST_S = 3600.0
"""Raw samples of longer sessions would only make the file big: they are left out."""


@dataclass(slots=True)
class DemoSession:
    """What a run collects; `show` is called after each item with the live view and the display's pixels,
    which cost something to look at.
    """

    output: Path
    show: Callable[[LiveView, Callable[[], Pixels]], None]
    log: DemoLog
    view: LiveView
    pictures: dict[str, Pixels] = field(default_factory=dict[str, Pixels])
    started_s: float = field(default_factory=time.monotonic)
    _due: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    _did: set[str] = field(default_factory=set[str])

    async def run(self, virtual: VirtualBand, seconds: float | None) -> None:
        """Run a band's scenario to its end, or for `seconds` of band time."""
        url = f"sim:{virtual.scenario.name}"
        async with Band.open(url, record_to=self.output / "session.vband", band=virtual) as band:
            transport = band.transport
            assert isinstance(transport, SimTransport)
            self.view.identity = band.identity
            is_short = virtual.scenario.duration_s <= _RAW_LONGEST_S
            async for item in band.watch(seconds=seconds):
                self.view.feed(item)
                if isinstance(item, VitalsUpdate):
                    self.log.take(item)
                    await self._act(band, transport, item.stamp.ticks_ms / 1000, is_short)
                elif isinstance(item, Alert):
                    self._take_alert(item, transport.console.now_s)
                self.view.feed(band.statistics)
                self.show(self.view, transport.console.pixels)

    def _take_alert(self, alert: Alert, t_s: float) -> None:
        self.log.alerts.append((t_s, alert))
        if alert.level in (AlertLevel.WARNING, AlertLevel.ALARM) and "alert" not in self._did:
            self._did.add("alert")
            self._due.append((t_s + _PICTURE_DELAY_S, "alert"))

    async def _act(self, band: Band, transport: SimTransport, t_s: float, is_short: bool) -> None:
        """Do what the people would: give the cuff reading, start raw streams, see the alert, open a page."""
        if t_s >= _CUFF_AT_S and "cuff" not in self._did:
            self._did.add("cuff")
            await self._send_cuff_reading(band, transport)
            if is_short:
                await band.start_stream(StreamId.OPTICAL)
                await band.start_stream(StreamId.MOTION)
        if t_s >= _PRESS_AT_S and "press" not in self._did:
            self._did.add("press")
            transport.console.press_button()
        if t_s >= _PAGE_AT_S and "page" not in self._did:
            self._did.add("page")
            await band.show_page(Page.HEART)
            self._due.append((t_s + _PICTURE_DELAY_S, "page"))
        for due in [due for due in self._due if due[0] <= t_s]:
            self._due.remove(due)
            self.pictures[due[1]] = transport.console.pixels()

    async def _send_cuff_reading(self, band: Band, transport: SimTransport) -> None:
        truth = transport.console.truth()
        if truth.systolic_mmhg is None or truth.diastolic_mmhg is None:
            return
        try:
            await band.send_cuff_reading(
                round(truth.systolic_mmhg), round(truth.diastolic_mmhg), age_s=_CUFF_AGE_S
            )
        except DeviceError as error:
            self.view.note = str(error)
