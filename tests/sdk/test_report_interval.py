"""Vitals in fewer, fuller frames: asked for, asked for anew, and judged as if each update had come alone."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from bandschema.enums import CommandCode, Contact, Reading, Result
from bandschema.records import Command, VitalsRun
from sdk.fake_band import VITALS_MS, FakeBand, Script
from sdk.helpers import AT_ONCE, band_on, paced_band, run, take
from sdk.paced import PacedTransport
from sdk.test_alerts import FAST, GOOD, STRETCHES, VERY_ILL, feed, seen, update
from vitalband import (
    Alert,
    AlertLevel,
    Cause,
    ConnectionEvent,
    ConnectionState,
    DeviceError,
    EarlyWarning,
    EarlyWarningSettings,
    StoreReader,
    VitalsUpdate,
)
from vitalband.cli import app

SET = CommandCode.SET_REPORT_INTERVAL


def intervals_asked(transport):
    received = transport.band.received
    return [one.argument for one in received if isinstance(one, Command) and one.command == SET]


def test_updates_come_together_each_with_its_own_time():
    async def work():
        band, _ = paced_band()
        async with band:
            vitals = band.vitals()
            await anext(vitals)
            assert await band.set_report_interval(11_000) == 10_000
            updates = await take(vitals, 10)
            frames = [update.stamp.sequence for update in updates]
            assert [frames.count(number) for number in sorted(set(frames))] == [5, 5]
            ticks = [update.stamp.ticks_ms for update in updates]
            assert all(later - earlier == VITALS_MS for earlier, later in pairwise(ticks))

    run(work())


def test_a_band_that_has_no_choice_refuses_and_nothing_changes():
    async def work():
        band, transport = paced_band(Script(refuse={int(SET): Result.UNKNOWN_COMMAND}), reconnect=AT_ONCE)
        async with band:
            with pytest.raises(DeviceError, match="UNKNOWN_COMMAND"):
                await band.set_report_interval(10_000)
            await reconnect(band, transport)
            assert intervals_asked(transport) == [10_000], "what was refused is not asked for anew"

    run(work())


async def reconnect(band, transport):
    """Lose the link and go on until vitals come again; gives the items."""
    vitals, items = band.vitals(), []
    transport.fail_at_ms = transport.clock.now_ms + 500
    async for item in vitals:
        items.append(item)
        states = [one.state for one in items if isinstance(one, ConnectionEvent)]
        if ConnectionState.RESUMING in states and isinstance(item, VitalsUpdate):
            return items
    raise AssertionError("the band did not come back")


def test_the_interval_is_asked_for_anew_after_a_reconnect_and_no_update_is_lost():
    async def work():
        band, transport = paced_band(reconnect=AT_ONCE)
        async with band:
            vitals = band.vitals()
            assert await band.set_report_interval(6_000) == 6_000
            before = await take(vitals, 3)
            transport.fail_at_ms = transport.clock.now_ms + 3_000
            after = [item for item in await take(vitals, 18) if isinstance(item, VitalsUpdate)]
            ticks = [update.stamp.ticks_ms for update in (*before, *after)]
            assert all(later - earlier == VITALS_MS for earlier, later in pairwise(sorted(ticks)))
            assert intervals_asked(transport) == [6_000, 6_000]
            assert transport.band.updates_per_frame == 3

    run(work())


def test_who_never_asked_asks_nothing_after_a_reconnect():
    async def work():
        band, transport = paced_band(reconnect=AT_ONCE)
        async with band:
            await reconnect(band, transport)
            assert intervals_asked(transport) == []

    run(work())


@pytest.mark.parametrize("answer", [Result.UNKNOWN_COMMAND, Result.BAD_ARGUMENT])
def test_a_band_that_refuses_after_a_reconnect_is_taken_as_it_is(answer):
    async def work():
        script = Script()
        band, transport = paced_band(script, reconnect=AT_ONCE)
        async with band:
            await band.set_report_interval(60_000)
            script.refuse = {int(SET): answer}
            await reconnect(band, transport)
            await reconnect(band, transport)
            assert intervals_asked(transport) == [60_000, 60_000]

    run(work())


def test_an_answer_that_is_late_after_a_reconnect_is_asked_for_again():
    async def work():
        script = Script()
        band, transport = paced_band(script, reconnect=AT_ONCE)
        async with band:
            await band.set_report_interval(6_000)
            script.silent_commands = {int(SET)}
            await reconnect(band, transport)
            await band.run_for(2)
            script.silent_commands = set()
            await band.run_for(5)
            assert set(intervals_asked(transport)) == {6_000}
            assert transport.band.updates_per_frame == 3

    run(work())


class ChangingBand(FakeBand):
    """A fake band whose wearer's values, or contact, are others from an update on."""

    def __init__(self, from_ms=1 << 40, values=None, contact=Contact.ON_WRIST):
        super().__init__()
        self._from_ms, self._values, self._contact = from_ms, values or {}, contact

    def vitals(self):
        if self._next_vitals_ms >= self._from_ms:
            self.script.values |= self._values
            self.script.contact = self._contact
        return super().vitals()


async def alerts_of(fake, interval_ms, seconds):
    """Alerts of a watch with this interval, each with the time at which it was told."""
    transport = PacedTransport(fake)
    async with band_on(transport) as band:
        await band.set_report_interval(interval_ms)
        items = band.watch(seconds=seconds)
        return [(item, transport.clock.now_ms) async for item in items if isinstance(item, Alert)]


@pytest.mark.parametrize("interval_ms", [2_000, 30_000, 60_000, 128_000])
def test_a_band_that_gathers_is_not_stale(interval_ms):
    assert run(alerts_of(ChangingBand(), interval_ms, 600)) == []


def test_a_band_that_gathers_and_falls_silent_is_stale_an_interval_later():
    async def work():
        band, transport = paced_band()
        async with band:
            await band.set_report_interval(60_000)
            started = False
            async for item in band.watch(seconds=400):
                if isinstance(item, VitalsUpdate) and not started:
                    started = True
                    transport.band._next_vitals_ms = 1 << 40
                    last_ms = transport.clock.now_ms
                if isinstance(item, Alert) and item.level == AlertLevel.FAULT:
                    assert item.cause == Cause.STALE
                    late_ms = item.at_ms - last_ms
                    limit_ms = EarlyWarningSettings().stale_after_ms + 58_000
                    assert limit_ms <= late_ms < limit_ms + 8_000
                    return
        raise AssertionError("no fault was told")

    run(work())


LOW = {Reading.SPO2_PERCENT: 900, Reading.HEART_RATE_BPM: 1350}


@pytest.mark.parametrize(("updates", "from_ms"), [(2, 51_000), (5, 47_000), (15, 45_000), (30, 60_000)])
def test_an_alert_arises_when_it_would_have_arisen_alone_and_is_told_with_its_frame(updates, from_ms):
    def alarm_of(interval_ms):
        found = run(alerts_of(ChangingBand(from_ms, LOW), interval_ms, 180))
        return next((alert, told_ms) for alert, told_ms in found if alert.level >= AlertLevel.WARNING)

    (alone, _), (together, told_ms) = alarm_of(VITALS_MS), alarm_of(updates * VITALS_MS)
    assert (together.level, together.cause, together.at_ms) == (alone.level, alone.cause, alone.at_ms)
    assert together.at_ms <= told_ms < together.at_ms + updates * VITALS_MS


def test_a_band_taken_off_is_told_as_soon_as_its_frame_comes():
    ((alert, told_ms),) = run(alerts_of(ChangingBand(51_000, contact=Contact.OFF_WRIST), 20_000, 120))
    assert (alert.level, alert.cause) == (AlertLevel.FAULT, Cause.OFF_WRIST)
    assert alert.at_ms == pytest.approx(52_000, abs=1_000)
    assert alert.at_ms <= told_ms < alert.at_ms + 20_000


def test_readings_of_the_time_without_a_link_are_no_news_of_that_time():
    async def work():
        band, transport = paced_band(reconnect=AT_ONCE)
        async with band:
            await band.set_report_interval(20_000)
            at_ms = []
            transport.fail_at_ms = transport.clock.now_ms + 45_000
            async for item in band.watch(seconds=150):
                if isinstance(item, Alert):
                    at_ms.append(item.at_ms)
            assert at_ms == sorted(at_ms)
            assert len(at_ms) == 2, "lost, and clear again"

    run(work())


def outcomes_of(stretches, together):
    """Alerts over stretches of updates of which `together` come at once; silence is looked for every 4 s."""
    warning, now_ms, waiting, alerts = EarlyWarning(FAST, gathering_ms=2000 * (together - 1)), 0, [], []
    for values, count, _ in stretches:
        for _ in range(count):
            now_ms += 2000
            waiting.append((update(*seen(values)), now_ms))
            if len(waiting) == together:
                alerts += [warning.feed(*one) for one in waiting]
                waiting.clear()
            if now_ms % 4000 == 0:
                alerts.append(warning.poll(now_ms))
    alerts += [warning.feed(*one) for one in waiting]
    return [(one.level, one.cause, one.reading_id, one.at_ms) for one in alerts if one is not None]


@settings(max_examples=40)
@given(STRETCHES, st.integers(2, 64))
def test_updates_that_come_together_give_the_alerts_that_they_give_alone(stretches, together):
    assert outcomes_of(stretches, together) == outcomes_of(stretches, 1)


def test_a_band_that_gathers_is_stale_only_when_its_frame_does_not_come():
    warning = EarlyWarning(gathering_ms=58_000)
    feed(warning, update(GOOD), 0, 20)
    assert warning.poll(18_000 + 30_000 + 58_000 - 1) is None
    assert warning.poll(18_000 + 30_000 + 58_000).cause is Cause.STALE


def test_an_update_from_before_an_alert_counts_from_the_alert_on():
    warning = EarlyWarning(FAST)
    warning.lose_link(60_000)
    assert feed(warning, update(VERY_ILL), 10, 60) == []
    assert feed(warning, update(VERY_ILL), 60, 70) == [(64, AlertLevel.ALARM, Cause.SCORE)]


def record_with_interval(monkeypatch, tmp_path, fake):
    """`vitalband record --report-interval 20` of a fake band for 70 s; gives result and store."""
    monkeypatch.setattr("vitalband.client.open_transport", lambda url: PacedTransport(fake))
    path = tmp_path / "x.vband"
    arguments = ["record", "fake:", str(path), "--seconds", "70", "--report-interval", "20"]
    return CliRunner().invoke(app, arguments, catch_exceptions=False), path


def test_a_recording_asks_for_its_report_interval(monkeypatch, tmp_path):
    result, path = record_with_interval(monkeypatch, tmp_path, FakeBand())
    assert result.exit_code == 0, result.output
    with StoreReader(path) as reader:
        runs = [row.ticks_ms for row in reader.frames() if row.kind == VitalsRun.KIND]
    assert len(runs) == 3
    assert all(later - earlier == 20_000 for earlier, later in pairwise(runs))


def test_a_recording_of_a_band_that_has_no_choice_says_so(monkeypatch, tmp_path):
    fake = FakeBand(Script(refuse={int(SET): Result.UNKNOWN_COMMAND}))
    result, _ = record_with_interval(monkeypatch, tmp_path, fake)
    assert result.exit_code == 4
    assert result.stderr == "error: SET_REPORT_INTERVAL: the band refused, UNKNOWN_COMMAND (0)\n"


class LateBand(FakeBand):
    """Sends at 60 s what it has gathered of an illness of 40 s, as after a pause of the link."""

    _is_told = False

    def step(self, now_ms):
        if self.updates_per_frame == 1 and now_ms >= 60_000 and not self._is_told:
            self._is_told = True
            usual, self.script.values = self.script.values, self.script.values | LOW
            self.updates_per_frame = 20
            for before in range(self.updates_per_frame, 0, -1):
                self._update(now_ms - before * VITALS_MS)
            self.updates_per_frame, self.script.values = 1, usual
        super().step(now_ms)


def test_updates_that_waited_for_a_host_that_had_not_asked_for_it_raise_nothing():
    assert run(alerts_of(LateBand(), VITALS_MS, 120)) == []
