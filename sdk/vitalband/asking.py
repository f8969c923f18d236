"""What a band is asked: the part of `vitalband.Band` that is requests and their answers."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from bandschema.enums import AlertLevel, Cause, CommandCode, HostRight, Page, StreamId
from bandschema.enums import Reading as ReadingId
from bandschema.readings import BY_READING, NO_VALUE
from bandschema.records import Alert as AlertRecord
from bandschema.records import Command, CuffReading, Issuance, PairedHost
from vitalband.alerts import Alert
from vitalband.hosts import paired_hosts
from vitalband.self_test import SILENCE_LIMIT_S, SelfTestItem
from vitalband.self_test_run import self_test_items
from vitalband.session import Session
from vitalband.wiping import wipe_band


class Asking(ABC):
    """Requests to one band; `_live` gives its session, or raises."""

    _next_alert_id = 1

    @abstractmethod
    def _live(self) -> Session: ...

    async def command(self, code: CommandCode, *, stream_id: int = 0, argument: int = 0) -> int:
        """Ask the band to do something; gives the reply's detail.

        `DeviceError` when it refuses, `LinkTimeoutError` when it is silent.
        """
        record = Command(request_id=0, command=code, stream_id=stream_id, argument=argument)
        return await self._live().request(record, code.name)

    async def start_stream(self, stream_id: StreamId, *, when_agreed: bool = False) -> None:
        """Have a raw stream sent without iterating it, as for a recording; `stop_stream` ends it.

        `DeviceError` when the band refuses; with `when_agreed`, a wearer who has not agreed yet is waited
        for: the stream starts whenever the wearer does.
        """
        await self._live().start_stream(int(stream_id), when_agreed=when_agreed)

    def stop_stream(self, stream_id: StreamId) -> None:
        """The stream is not wanted any more, unless somebody iterates it."""
        self._live().upkeep.wanted_streams.discard(int(stream_id))

    async def set_report_interval(self, interval_ms: int) -> int:
        """Have the band send its updates together, every `interval_ms` instead of each at once.

        Radio time is battery: alone an update of seven readings takes 40 bytes on the air, 10 with a frame
        every 30 s (`docs/benchmarks.md`). From 0 to 128,000 ms; gives what the band took, whole updates of
        2 s. A frame that is full, or tells of a band put on or taken off, comes before its time. No update is
        lost by it. It holds until the band is closed, over reconnects too. `DeviceError` when it is refused:
        UNKNOWN_COMMAND if it has no choice.
        """
        upkeep = self._live().upkeep
        upkeep.report_interval_ms = await self.command(CommandCode.SET_REPORT_INTERVAL, argument=interval_ms)
        return upkeep.report_interval_ms

    async def vibrate(self, duration_ms: int) -> None:
        """Run the vibration motor."""
        await self.command(CommandCode.VIBRATE, argument=duration_ms)

    async def run_self_test(
        self, *, silence_limit_s: float = SILENCE_LIMIT_S
    ) -> AsyncGenerator[SelfTestItem, None]:
        """Have the band test itself: an item whenever a test stands differently, the last with `is_last`.

        Nothing is tested before the wearer presses the button on the page that the band shows; no reading
        and no sample is told, and what is collected pauses meanwhile. Closing the iterator before its end
        (`contextlib.aclosing`) ends the run. `DeviceError` when one runs already or the firmware knows none,
        `TransportError` when the link is lost, `LinkTimeoutError` when nothing comes for `silence_limit_s`.
        """
        items = self_test_items(self._live(), self.command, silence_limit_s)
        async with aclosing(items):
            async for item in items:
                yield item

    async def show_page(self, page: Page) -> None:
        """Show a page of the display."""
        await self.command(CommandCode.SHOW_PAGE, argument=int(page))

    async def send_cuff_reading(self, systolic_mmhg: int, diastolic_mmhg: int, *, age_s: int = 0) -> None:
        """Give the band the wearer's own cuff reading, taken `age_s` seconds ago, to show with its age.

        `DeviceError` when it refuses: NO_CONSENT, or BAD_ARGUMENT for what cannot be a blood pressure, or
        for one taken before the reading that the band has.
        """
        record = CuffReading(
            request_id=0, systolic_mmhg=systolic_mmhg, diastolic_mmhg=diastolic_mmhg, age_s=age_s
        )
        await self._live().request(record, "cuff reading")

    async def set_issuance(self, issuance: Issuance) -> None:
        """Say who asks for the wearing and on what terms; the band shows it."""
        await self._live().request(issuance, "issuance")

    async def send_alert(
        self,
        level: AlertLevel,
        cause: Cause,
        *,
        reading_id: ReadingId | None = None,
        value: float | None = None,
        score: int = 0,
    ) -> int:
        """Show an alert on the band; gives the id that its acknowledgement will carry."""
        alert_id, self._next_alert_id = self._next_alert_id, self._next_alert_id % 0xFFFF + 1
        record = AlertRecord(
            alert_id=alert_id,
            level=level,
            cause=cause,
            reading_id=0 if reading_id is None else int(reading_id),
            score=score,
            raw_value=_raw_value(reading_id, value),
        )
        await self._live().post(record)
        return alert_id

    async def show_alert(self, alert: Alert) -> int:
        """Show an alert of `early_warning` on the band; gives its id."""
        value = alert.reading.value if alert.reading is not None and alert.reading.is_valid else None
        return await self.send_alert(
            alert.level, alert.cause, reading_id=alert.reading_id, value=value, score=alert.score.total
        )

    # -- the end of a wearing --------------------------------------------------------------------

    async def wipe(self, *, on_asked: Callable[[float], None] | None = None) -> None:
        """Have the band erase all that it keeps of its wearer, once the wearer has pressed its button.

        `on_asked(seconds)` is called when the band asks for the press, which it does for so long. Returns
        when the band has gone to erase: this session is over then, and the band comes back as another one,
        whose `handover` is the receipt, and which knows none of its hosts. `DeviceError` when the wearer
        refuses or does not press, or the firmware knows no wiping.
        """
        await wipe_band(self._live(), self.command, on_asked)

    # -- who else may ask -----------------------------------------------------------------------

    async def paired_hosts(self) -> list[PairedHost]:
        """Who is paired with the band: number, right, name that it gave itself, whether it is this one."""
        return await paired_hosts(self._live(), self.command)

    async def forget_host(self, host_id: int) -> None:
        """Have the band forget a paired host, by its number; its key opens no session any more.

        Of another host only an owner may (`DeviceError`, NO_RIGHT). A host that has itself forgotten loses
        its connection; its own key stays in its key store until that is told to forget it as well.
        """
        await self.command(CommandCode.FORGET_HOST, argument=host_id)

    async def allow_pairing(self, right: HostRight) -> None:
        """Let another host be paired, within 300 s, by the wearer at the band; owners only."""
        await self.command(CommandCode.ALLOW_PAIRING, argument=int(right))


def _raw_value(reading_id: ReadingId | None, value: float | None) -> int:
    if reading_id is None or value is None:
        return NO_VALUE
    return round(value / BY_READING[reading_id].scale)
