"""The self-test as a host sees it: its items, its time-out, its end, and a band that knows none."""

import json
from contextlib import aclosing

import pytest
from typer.testing import CliRunner

from bandschema.enums import CommandCode, ImageProfile, Outcome, Part, Result, SelfTest, Unit
from bandschema.readings import NO_VALUE
from bandschema.records import Command, Identity, SelfTestResult
from sdk.fake_band import FakeBand, Script
from sdk.helpers import band_on, paced_band, run
from sdk.paced import PacedTransport
from vitalband import DeviceError, LinkTimeoutError
from vitalband.checks import Check, check_losses, check_of
from vitalband.cli import app
from vitalband.cli.doctor import Report
from vitalband.client import Band
from vitalband.self_test import SelfTestItem, self_test_item
from vitalband.transport import Pressable
from vitalband.values import Stamp

STAMP = Stamp(1, 0, 0, None, None)


def result(test, outcome, part=Part.NONE, **values):
    """A result of a run whose number the fake band fills in."""
    fields = {"value": NO_VALUE, "lower_limit": NO_VALUE, "upper_limit": NO_VALUE}
    fields |= {"unit": Unit.NONE, "detail": 0} | values
    return SelfTestResult(run_id=0, test=test, part=part, outcome=outcome, **fields)


ASKS = result(SelfTest.WHOLE, Outcome.WAITING)
LIMITS = {"lower_limit": 23_750, "upper_limit": 26_250}
RATE = result(SelfTest.RATE, Outcome.FAILED, Part.OPTICAL, unit=Unit.MILLIHERTZ, value=0, **LIMITS)
OVER = result(SelfTest.WHOLE, Outcome.FAILED, unit=Unit.COUNT, value=1, upper_limit=0)


def test_items_come_until_the_run_is_over_with_none_for_what_is_unknown():
    async def work():
        band, _ = paced_band(Script(self_test=[ASKS, RATE, OVER]))
        async with band:
            items = [item async for item in band.run_self_test()]
        assert [item.outcome for item in items] == [Outcome.WAITING, Outcome.FAILED, Outcome.FAILED]
        assert [item.is_last for item in items] == [False, False, True]
        rate = items[1]
        assert (rate.part, rate.value) == (Part.OPTICAL, 0)
        assert {"lower_limit": rate.lower_limit, "upper_limit": rate.upper_limit} == LIMITS
        assert (items[0].value, items[0].lower_limit, items[0].upper_limit) == (None, None, None)

    run(work())


def test_results_of_another_run_are_left_out():
    async def work():
        band, transport = paced_band(Script(self_test=[ASKS, OVER]))
        async with band, aclosing(band.run_self_test()) as items:
            assert (await anext(items)).outcome == Outcome.WAITING
            transport.band.emit(RATE, transport.clock.now_ms)
            assert (await anext(items)).is_last

    run(work())


def test_a_band_that_falls_silent_times_out_by_the_bands_clock_and_is_told_to_end():
    async def work():
        band, transport = paced_band(Script(self_test=[ASKS]))
        async with band:
            items = band.run_self_test(silence_limit_s=30)
            await anext(items)
            began_ms = transport.clock.now_ms
            with pytest.raises(LinkTimeoutError, match="told nothing for 30 s"):
                await anext(items)
            assert 30_000 <= transport.clock.now_ms - began_ms <= 35_000
        asked = [record.command for record in transport.band.received if isinstance(record, Command)]
        assert asked[-1] == CommandCode.END_SELF_TEST

    run(work())


def test_a_run_that_is_over_is_not_ended_again():
    async def work():
        band, transport = paced_band(Script(self_test=[OVER]))
        async with band:
            async for _ in band.run_self_test():
                pass
        asked = [record.command for record in transport.band.received if isinstance(record, Command)]
        assert CommandCode.END_SELF_TEST not in asked

    run(work())


class FirstVersionBand(FakeBand):
    """A band of protocol version 1: its hello and its frames say so, and its identity is shorter."""

    def emit_raw(self, frame):
        frame = bytes([1]) + frame[1:]
        super().emit_raw(frame[:112] if frame[1] == Identity.KIND else frame)


def first_version_band(monkeypatch):
    import bandwire.frames as frames

    original = frames.pack_hello_into

    def first_hello(buffer, offset, role, minimum, maximum, *rest):
        versions = (1, 1) if role == 0 else (minimum, maximum)
        return original(buffer, offset, role, *versions, *rest)

    monkeypatch.setattr("bandwire.link.pack_hello_into", first_hello)
    script = Script(refuse={int(CommandCode.RUN_SELF_TEST): Result.UNKNOWN_COMMAND})
    band = FirstVersionBand(script)
    link = band.link
    agree, stamp = link._agree, link.stamp

    def agree_on_the_first(hello):
        # As that version's link does: it takes no frame that says a higher one.
        is_agreed = agree(hello)
        link.version = 1
        return is_agreed

    def stamp_as_the_first(buffer, start, now_ms):
        stamp(buffer, start, now_ms)
        buffer[start] = 1

    link._agree, link.stamp, link._oldest_version = agree_on_the_first, stamp_as_the_first, 1
    return band


def test_a_band_of_the_first_version_is_spoken_to_in_its_version_and_tells_no_profile(monkeypatch):
    async def work():
        fake = first_version_band(monkeypatch)
        async with band_on(PacedTransport(fake)) as band:
            assert band.identity.image_profile == ImageProfile.NOT_TOLD
            assert fake.link.bad_counts == [0] * len(fake.link.bad_counts)
            with pytest.raises(DeviceError) as refusal:
                async for _ in band.run_self_test():
                    pass
            assert refusal.value.result == Result.UNKNOWN_COMMAND

    run(work())


def doctored(monkeypatch, fake, *options):
    """`vitalband doctor` on a fake band; gives its result."""
    monkeypatch.setattr("vitalband.client.open_transport", lambda url, **_: PacedTransport(fake))
    result = CliRunner().invoke(app, ["doctor", "fake:", *options], env={"COLUMNS": "160"})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_the_doctor_says_of_an_older_firmware_that_it_knows_no_self_test(monkeypatch):
    result = doctored(monkeypatch, first_version_band(monkeypatch))
    assert result.exit_code == 4
    assert result.stderr.splitlines() == [
        "error: the band's firmware knows no self-test: install a newer one"
    ]


def test_the_doctor_tells_a_person_what_to_do_and_fails_with_the_part_by_name(monkeypatch):
    result = doctored(monkeypatch, FakeBand(Script(self_test=[ASKS, RATE, OVER])), "--no-ask")
    assert result.exit_code == 1
    assert "press its button" in result.stdout
    assert "found faults: optical: rate" in result.stdout
    assert "0.00 Hz" in result.stdout
    assert "23.75 Hz to 26.25 Hz" in result.stdout


def test_the_doctor_counts_what_the_link_loses(monkeypatch):
    script = Script(self_test=[result(SelfTest.WHOLE, Outcome.PASSED)], capabilities=0)
    script.lose = {13}
    found = doctored(monkeypatch, FakeBand(script), "--json")
    documents = [json.loads(line) for line in found.stdout.splitlines()]
    losses = next(document for document in documents if document.get("test") == "losses")
    assert (losses["outcome"], losses["value"], losses["measured"]) == ("failed", 1, "missing frames 1")
    assert documents[-1]["failed"] == ["link: losses"]


def test_the_doctor_names_a_link_that_does_not_answer(monkeypatch):
    script = Script(self_test=[result(SelfTest.WHOLE, Outcome.PASSED)])
    fake = FakeBand(script)
    answered = fake._do

    def answer_twice(command, now_ms):
        if sum(isinstance(record, Command) for record in fake.received) > 3:
            script.silent_commands = {int(CommandCode.SEND_IDENTITY)}
        return answered(command, now_ms)

    monkeypatch.setattr(fake, "_do", answer_twice)
    found = doctored(monkeypatch, fake)
    assert found.exit_code == 1
    assert "found faults: link: round trip" in found.stdout


def item(**changes) -> SelfTestItem:
    return self_test_item(STAMP, result(SelfTest.IDENTITY, Outcome.PASSED, Part.MOTION, **changes))


@pytest.mark.parametrize(
    ("changes", "measured", "wanted"),
    [
        ({"value": 0x6C, "lower_limit": 0x6C, "upper_limit": 0x6C}, "0x6C", "0x6C"),
        ({"detail": 19}, "no answer", ""),
        ({"detail": 123}, "errno 123", ""),
    ],
)
def test_a_result_is_told_in_words(changes, measured, wanted):
    check = check_of(item(**changes))
    assert (check.measured, check.wanted) == (measured, wanted)


def test_numbers_of_a_later_firmware_are_told_as_numbers():
    later = result(200, 99, 77, unit=66, value=5)
    check = check_of(self_test_item(STAMP, later))
    assert (check.part, check.test, check.measured) == ("77", "200", "5")
    report = Report("", False)
    report.add(check)
    assert report.table().row_count == 1


def test_a_band_that_is_no_simulated_one_has_no_button_to_press_for_the_user():
    assert not isinstance(PacedTransport(FakeBand()), Pressable)
    assert isinstance(Band.open("sim:rest").transport, Pressable)


def test_losses_are_those_of_the_time_between_two_counts():
    async def work():
        band, _ = paced_band()
        async with band:
            before = band.statistics
            await band.run_for(10)
            check: Check = check_losses(before, band.statistics, 10)
        assert (check.has_failed, check.measured) == (False, "none of 5 frames in 10 s")

    run(work())
