"""What a band is asked: commands, cuff readings, alerts; and what it tells unasked."""

import asyncio

import pytest

from bandschema.enums import (
    CommandCode,
    Page,
    Result,
)
from bandschema.records import Alert as AlertRecord
from bandschema.records import Command, CuffReading, Issuance
from sdk.fake_band import Script
from sdk.helpers import paced_band, run
from vitalband import (
    Acknowledgement,
    AlertLevel,
    BandEvent,
    Cause,
    DeviceError,
    EventKind,
    LinkTimeoutError,
    ReadingId,
    VitalsUpdate,
)


def test_commands_are_answered_refused_or_time_out_by_name():
    async def work():
        script = Script(refuse={int(CommandCode.SHOW_PAGE): Result.BAD_ARGUMENT})
        script.silent_commands = {int(CommandCode.VIBRATE)}
        band, transport = paced_band(script)
        async with band:
            with pytest.raises(DeviceError, match=r"SHOW_PAGE.*BAD_ARGUMENT"):
                await band.show_page(Page.HEART)
            before_ms = transport.clock.now_ms
            with pytest.raises(LinkTimeoutError, match="VIBRATE"):
                await band.vibrate(200)
            assert transport.clock.now_ms - before_ms <= 3000 + 1000  # its time-out, and one turn
            commands = [record for record in transport.band.received if isinstance(record, Command)]
            assert commands[-1].argument == 200

    run(work())


def test_cuff_reading_and_issuance_reach_the_band():
    async def work():
        band, transport = paced_band()
        async with band:
            await band.send_cuff_reading(118, 76, age_s=60)
            update = await anext(band.vitals())
            assert update["systolic_mmhg"].value == 118.0
            issuance = Issuance(
                request_id=0, issuer="Clinic", contact="desk", purpose="study", notice="url",
                is_voluntary=1, start_unix_s=1, end_unix_s=2, refusal="nothing",
            )  # fmt: skip
            await band.set_issuance(issuance)
            kinds = [type(record) for record in transport.band.received]
            assert CuffReading in kinds
            assert Issuance in kinds

    run(work())


def test_an_alert_is_shown_and_its_acknowledgement_comes_back():
    async def work():
        band, transport = paced_band()
        async with band:
            alerts = band.alerts()
            alert_id = await band.send_alert(
                AlertLevel.WARNING, Cause.SCORE, reading_id=ReadingId.SPO2_PERCENT, value=91.5, score=3
            )
            answer = await anext(alerts)
            assert isinstance(answer, Acknowledgement)
            assert answer.alert_id == alert_id
            sent = next(record for record in transport.band.received if isinstance(record, AlertRecord))
            assert sent.raw_value == 915

    run(work())


def test_events_tell_what_happened_on_the_band():
    async def work():
        band, transport = paced_band()
        async with band:
            events = band.events()
            transport.band.press_button(transport.clock.now_ms)
            while not isinstance(event := await anext(events), BandEvent):
                pass
            assert event.event is EventKind.BUTTON_SHORT

    run(work())


def test_a_cancelled_wait_leaves_the_session_whole():
    async def work():
        band, _ = paced_band(Script(silent_commands={int(CommandCode.VIBRATE)}))
        async with band:
            waiting = asyncio.create_task(band.vibrate(10))
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            assert isinstance(await anext(band.vitals()), VitalsUpdate)

    run(work())
