"""Blood pressure: the wearer's own cuff reading, with its age, until it expires; never the band's own."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from bandschema.readings import CUFF_RETENTION_H
from bandsim.console import Console
from device.bands import Gathering, console_of, next_update, play, rest_file, unconsented
from vitalband import (
    Alert,
    AlertLevel,
    Band,
    Cause,
    Contact,
    DeviceError,
    ReadingId,
    ReconnectPolicy,
    Result,
    Validity,
    VitalsUpdate,
)

EXPIRY_S = CUFF_RETENTION_H * 3600
LONG_PRESS_MS = 2000
NAMES = ("systolic_mmhg", "diastolic_mmhg", "cuff_age_s")


async def with_cuff(url: str) -> list[VitalsUpdate]:
    async with Band.open(url) as band:
        await band.run_for(20)
        vitals = Gathering(band.vitals())
        await band.send_cuff_reading(131, 84, age_s=EXPIRY_S - 40)
        await band.run_for(60)
        return await vitals.stop()


@pytest.fixture(scope="module")
def updates(tmp_path_factory) -> list[VitalsUpdate]:
    return play(with_cuff(rest_file(tmp_path_factory.mktemp("cuff"))))


def test_a_cuff_reading_is_shown_as_it_was_sent(updates):
    fresh = updates[1:15]
    assert {update["systolic_mmhg"].value for update in fresh} == {131.0}
    assert {update["diastolic_mmhg"].value for update in fresh} == {84.0}
    assert all(update[name].is_valid for update in fresh for name in NAMES)


def test_it_ages_by_the_second(updates):
    ages = [update["cuff_age_s"].value for update in updates if update["cuff_age_s"].is_valid]
    assert ages[0] == pytest.approx(EXPIRY_S - 40, abs=3)
    assert all(later - earlier == 2 for earlier, later in pairwise(ages))


def test_it_expires_after_a_day(updates):
    last = updates[-1]
    for name in NAMES:
        assert last[name].value is None
        assert last[name].validity == Validity.STALE
        assert last[name].cause == Cause.CUFF_READING_EXPIRED
    valid = [update["cuff_age_s"].value for update in updates if update["cuff_age_s"].is_valid]
    assert max(valid) <= EXPIRY_S


async def refusal_of(url: str, pressures: tuple[int, int]) -> int:
    async with Band.open(url) as band:
        await band.run_for(10)
        with pytest.raises(DeviceError) as refusal:
            await band.send_cuff_reading(*pressures)
        return refusal.value.result


def test_an_impossible_cuff_reading_is_refused(tmp_path):
    assert play(refusal_of(rest_file(tmp_path), (80, 120))) == Result.BAD_ARGUMENT


def test_a_cuff_reading_needs_the_wearers_agreement(tmp_path):
    assert play(refusal_of(unconsented(tmp_path), (120, 80))) == Result.NO_CONSENT


async def shown_after(band: Band, *pressures: tuple[int, int, int]) -> VitalsUpdate:
    """Enter readings of (systolic, diastolic, age), 10 s apart, then look."""
    for systolic, diastolic, age_s in pressures:
        await band.send_cuff_reading(systolic, diastolic, age_s=age_s)
        await band.run_for(10)
    return await next_update(band)


async def of_two(url: str) -> tuple[VitalsUpdate, VitalsUpdate, int]:
    async with Band.open(url) as band:
        await band.run_for(10)
        later = await shown_after(band, (150, 95, 3600), (122, 79, 60))
        with pytest.raises(DeviceError) as refusal:
            await band.send_cuff_reading(160, 100, age_s=7200)
        return later, await next_update(band), refusal.value.result


def test_of_two_readings_the_later_one_stands_in_whatever_order_they_come(tmp_path):
    later, after_older, result = play(of_two(rest_file(tmp_path)))
    assert (later["systolic_mmhg"].value, later["diastolic_mmhg"].value) == (122.0, 79.0)
    assert later["cuff_age_s"].value == pytest.approx(70, abs=3)
    assert result == Result.BAD_ARGUMENT
    assert after_older["systolic_mmhg"].value == 122.0


async def across(
    url: str, deed: Callable[[Console], None]
) -> tuple[VitalsUpdate, VitalsUpdate, VitalsUpdate]:
    band = Band.open(url, reconnect=ReconnectPolicy(first_ms=1, limit_ms=1))
    console = console_of(band)
    async with band:
        await band.run_for(10)
        before = await shown_after(band, (122, 79, 0))
        deed(console)
        await band.run_for(40)
        after = await next_update(band)
        again = await shown_after(band, (131, 84, 30))
    return [before, after, again]


def withdraw_and_agree_anew(console: Console) -> None:
    console.press_button(LONG_PRESS_MS)
    console.conductor.timeline.at(round((console.now_s + 20) * 1e6), console.agree)


@pytest.mark.parametrize("deed", [Console.restart, withdraw_and_agree_anew], ids=["restart", "wipe"])
def test_a_cuff_reading_ends_with_a_restart_and_with_the_agreement(tmp_path, deed):
    before, after, again = play(across(rest_file(tmp_path), deed))
    assert before["systolic_mmhg"].value == 122.0
    for name in NAMES:
        assert after[name].value is None
        assert after[name].cause == Cause.NO_CUFF_READING
    assert again["systolic_mmhg"].value == 131.0


async def alerts_for(url: str, age_s: int) -> list[Alert]:
    async with Band.open(url) as band:
        await band.run_for(40)
        await band.send_cuff_reading(88, 55, age_s=age_s)
        return [item async for item in band.watch(seconds=60) if isinstance(item, Alert)]


def test_early_warning_uses_a_fresh_cuff_reading_and_no_old_one(tmp_path):
    # 88 mmHg is 3 points of NEWS2 by itself.
    url = rest_file(tmp_path)
    fresh, old = play(alerts_for(url, 600)), play(alerts_for(url, 7200))
    assert [alert.level for alert in fresh] == [AlertLevel.WARNING]
    assert fresh[0].reading_id == ReadingId.SYSTOLIC_MMHG
    assert old == []


async def taken_off(url: str) -> VitalsUpdate:
    band = Band.open(url)
    console = console_of(band)
    async with band:
        await band.run_for(10)
        await band.send_cuff_reading(122, 79)
        console.set_contact(False)
        await band.run_for(30)
        return await next_update(band)


def test_a_cuff_reading_stays_while_the_band_is_off_for_it_is_not_the_bands(tmp_path):
    update = play(taken_off(rest_file(tmp_path)))
    assert update.contact == Contact.OFF_WRIST
    assert update["systolic_mmhg"].value == 122.0
    assert update["heart_rate_bpm"].value is None
