"""Blood pressure: the wearer's own cuff reading, with its age, until it expires; never the band's own."""

from itertools import pairwise

import pytest

from bandschema.readings import CUFF_RETENTION_H
from device.bands import Gathering, play, rest_file, unconsented
from vitalband import Band, Cause, DeviceError, Result, Validity, VitalsUpdate

EXPIRY_S = CUFF_RETENTION_H * 3600
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
