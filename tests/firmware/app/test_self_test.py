"""The self-test: nothing without a press, every part tried, each fault named, all as before afterwards."""

import itertools
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bandschema.enums import CommandCode, EventKind, Outcome, Part, Result, SelfTest, StreamId, Unit
from bandschema.readings import NO_VALUE
from bandsim.stimulus import Battery
from firmware.app.sent_blocks import blocks_of

RUN_ID = 77
READING_MS = 2000
"""Longer than the page is drawn: a press before that was meant for another page."""
RUN_MS = 12_000
ENODEV = 19
STOPPED_PPM = -1_000_000
LENT_MODULES = ("tasks.self_test_run", "tasks.self_test_probe", "display.self_test_view")
IDENTITIES = {Part.OPTICAL: 0x15, Part.MOTION: 0x6C, Part.THERMOMETER: 0x117, Part.FUEL_GAUGE: 0x10}
CHIPS = {
    "max30101": Part.OPTICAL,
    "lsm6dso": Part.MOTION,
    "tmp117": Part.THERMOMETER,
    "max17048": Part.FUEL_GAUGE,
    "ssd1306": Part.DISPLAY,
}
FREE_HEAP_BYTES = 50_000
"""What the rig's `gc.mem_free` says."""


def lie_still(rig):
    """The band lies on a table, sensor covered."""
    rig.stimulus.optical = lambda _start_s, count, _rate_hz: np.full((count, 3), 90_000.0)
    rig.stimulus.acceleration_g = lambda _start_s, count, _rate_hz: np.tile([0.0, 0.6, 0.8], (count, 1))


@pytest.fixture
def table(rig):
    lie_still(rig)
    rig.connect()
    return rig


def ask(rig, run_id=RUN_ID):
    assert rig.command(CommandCode.RUN_SELF_TEST, 0, run_id) == Result.OK
    rig.run(READING_MS)


def results(rig):
    return rig.host.records("SelfTestResult")


def ended(rig):
    """The last word on each test, as {(test, part): result}; the run must be over."""
    said = {(result.test, result.part): result for result in results(rig)}
    assert said[SelfTest.WHOLE, Part.NONE].outcome in (Outcome.PASSED, Outcome.FAILED, Outcome.ENDED)
    assert not any(module in sys.modules for module in LENT_MODULES)
    return said


def whole_run(rig):
    """Ask, press, and let the run end."""
    ask(rig)
    rig.press()
    rig.run(RUN_MS)
    return ended(rig)


def faults(said):
    """(test, part) of what failed, the whole left out."""
    return {key for key, result in said.items() if result.outcome == Outcome.FAILED} - {
        (SelfTest.WHOLE, Part.NONE)
    }


def sampled(rig):
    """Transfers that took more from a sensor than what it is."""
    return [transfer for transfer in rig.bus.trace if transfer.read_count > 2]


def test_a_sound_band_passes_every_test_and_leaves_two_to_a_person(table):
    said = whole_run(table)
    assert set(said) == {
        (SelfTest.WHOLE, Part.NONE),
        (SelfTest.BUTTON, Part.BUTTON),
        *((SelfTest.IDENTITY, part) for part in CHIPS.values()),
        (SelfTest.VOLTAGE, Part.FUEL_GAUGE),
        (SelfTest.CHARGE, Part.FUEL_GAUGE),
        (SelfTest.STORAGE, Part.STORAGE),
        (SelfTest.HEAP, Part.TASK),
        (SelfTest.RATE, Part.OPTICAL),
        (SelfTest.RATE, Part.MOTION),
        (SelfTest.LIGHT, Part.OPTICAL),
        (SelfTest.NOISE, Part.OPTICAL),
        (SelfTest.NOISE, Part.MOTION),
        (SelfTest.GRAVITY, Part.MOTION),
        (SelfTest.CONVERSION, Part.THERMOMETER),
        (SelfTest.PATTERN, Part.DISPLAY),
        (SelfTest.VIBRATION, Part.MOTOR),
    }
    shown = {key for key, result in said.items() if result.outcome == Outcome.SHOWN}
    assert shown == {(SelfTest.PATTERN, Part.DISPLAY), (SelfTest.VIBRATION, Part.MOTOR)}
    assert {result.outcome for key, result in said.items() if key not in shown} == {Outcome.PASSED}
    assert {result.run_id for result in results(table)} == {RUN_ID}


def test_what_is_measured_is_told_with_its_unit_and_its_limits(table):
    said = whole_run(table)

    def told(test, part):
        result = said[test, part]
        return result.value, result.unit, result.lower_limit, result.upper_limit

    assert told(SelfTest.VOLTAGE, Part.FUEL_GAUGE) == (3900, Unit.MILLIVOLT, 3000, 4350)
    assert told(SelfTest.CHARGE, Part.FUEL_GAUGE)[:2] == (80, Unit.PERCENT)
    assert told(SelfTest.HEAP, Part.TASK)[:2] == (FREE_HEAP_BYTES, Unit.BYTE)
    assert told(SelfTest.STORAGE, Part.STORAGE) == (2, Unit.COUNT, 2, 2)
    assert told(SelfTest.LIGHT, Part.OPTICAL)[:2] == (90_000, Unit.COUNT)
    assert told(SelfTest.NOISE, Part.OPTICAL)[:2] == (0, Unit.COUNT)
    assert told(SelfTest.NOISE, Part.MOTION)[:2] == (0, Unit.MILLIGRAVITY)
    assert told(SelfTest.GRAVITY, Part.MOTION)[0] == pytest.approx(1000, abs=2)
    assert told(SelfTest.RATE, Part.OPTICAL)[0] == pytest.approx(25_000, rel=0.01)
    assert told(SelfTest.RATE, Part.MOTION)[0] == pytest.approx(26_000, rel=0.01)
    for part, identity in IDENTITIES.items():
        assert told(SelfTest.IDENTITY, part)[0] == identity


def test_nothing_is_sampled_before_the_press_and_nothing_of_the_wearer_is_told_after_it(table):
    ask(table)
    table.run(30_000)
    assert sampled(table) == []
    table.press()
    table.run(RUN_MS)
    ended(table)
    assert sampled(table), "the run did sample"
    assert table.host.updates() == table.host.records("CompressedBlock") == []
    conversion = ended(table)[SelfTest.CONVERSION, Part.THERMOMETER]
    assert (conversion.outcome, conversion.value) == (Outcome.PASSED, NO_VALUE)
    assert table.band.consent.agreement is None


def test_a_press_before_the_page_can_have_been_read_begins_nothing(table):
    assert table.command(CommandCode.RUN_SELF_TEST, 0, RUN_ID) == Result.OK
    table.press()
    table.run(RUN_MS)
    assert [result.outcome for result in results(table)] == [Outcome.WAITING]
    assert sampled(table) == []


def test_a_press_that_never_comes_ends_the_run_as_a_fault_of_the_button(table):
    ask(table)
    table.run(60_000)
    said = ended(table)
    assert faults(said) == {(SelfTest.BUTTON, Part.BUTTON)}
    assert sampled(table) == []
    assert table.command(CommandCode.RUN_SELF_TEST, 0, RUN_ID) == Result.OK, "it may be asked again"


def test_the_page_asks_then_says_that_it_runs_then_shows_every_pixel_lit(table):
    display = table.chip("ssd1306")
    before = display.image()
    ask(table)
    asks = display.image()
    table.press()
    table.run(1500)
    first = display.image()
    table.run(1000)
    second = display.image()
    assert (first | second).all()
    assert not (first & second).any()
    assert (asks != before).any()
    table.run(RUN_MS)
    assert (display.image() == before).all() or table.band.screen.is_on_manifest()


def test_a_second_run_is_refused_while_one_waits_or_runs(table):
    ask(table)
    assert table.command(CommandCode.RUN_SELF_TEST, 0, 5) == Result.BUSY
    table.press()
    assert table.command(CommandCode.RUN_SELF_TEST, 0, 5) == Result.BUSY
    table.run(RUN_MS)
    ended(table)


@pytest.mark.parametrize("run_id", [-1, 0x10000])
def test_a_number_that_no_result_can_carry_is_refused(table, run_id):
    assert table.command(CommandCode.RUN_SELF_TEST, 0, run_id) == Result.BAD_ARGUMENT


def long_press(rig):
    rig.press(2000)


def end_by_host(rig):
    assert rig.command(CommandCode.END_SELF_TEST) == Result.OK


@pytest.mark.parametrize("end", [long_press, end_by_host])
@pytest.mark.parametrize("has_begun", [False, True], ids=["while it waits", "while it runs"])
def test_the_wearer_and_the_host_can_end_it_at_any_time(table, end, has_begun):
    ask(table)
    if has_begun:
        table.press()
        table.run(3000)
    end(table)
    table.run(100)
    said = ended(table)
    assert said[SelfTest.WHOLE, Part.NONE].outcome == Outcome.ENDED
    table.bus.trace.clear()
    table.run(30_000)
    assert sampled(table) == [], "the chips rest again"


def test_ending_a_run_that_there_is_not_is_no_error(table):
    end_by_host(table)
    assert results(table) == []


@pytest.fixture
def agreed(table):
    table.agree()
    for stream in StreamId:
        table.command(CommandCode.START_STREAM, stream)
    table.run(10_000)
    return table


def test_under_an_agreement_sampling_pauses_goes_on_and_counts_the_gap(agreed):
    rig = agreed
    said = whole_run(rig)
    assert faults(said) == set()
    rig.run(10_000)
    for stream, part in ((StreamId.OPTICAL, Part.OPTICAL), (StreamId.MOTION, Part.MOTION)):
        blocks = blocks_of(rig.host, stream)
        gaps = [
            after.first_sample - before.first_sample - before.sample_count
            for before, after in itertools.pairwise(blocks)
        ]
        (missing,) = [gap for gap in gaps if gap]
        told = [detail for where, detail in rig.events(EventKind.DROPPED) if where == part]
        assert told == [missing]
        assert 200 < missing < 300, "about ten seconds of samples"
    assert rig.band.consent.agreement is not None
    assert rig.core.status.faulty_parts == 0


def test_a_withdrawal_while_it_runs_leaves_nothing_running(agreed):
    ask(agreed)
    agreed.press()
    agreed.run(2000)
    long_press(agreed)
    said = ended(agreed)
    assert said[SelfTest.WHOLE, Part.NONE].outcome == Outcome.ENDED
    assert agreed.band.consent.agreement is None
    agreed.bus.trace.clear()
    agreed.run(30_000)
    assert sampled(agreed) == []
    assert agreed.band.screen.is_on_manifest()


def test_an_alert_covers_the_page_and_its_press_is_not_one_for_the_self_test(table):
    ask(table)
    table.core.status.show_alert((1, 3, 12, 1, 0, 0))
    table.press()
    assert not table.core.status.alert.is_shown
    assert [result.outcome for result in results(table)] == [Outcome.WAITING]


@pytest.mark.parametrize("name", CHIPS)
def test_a_dead_chip_is_named_and_the_other_parts_are_tested(table, name):
    table.fail(name)
    said = whole_run(table)
    part = CHIPS[name]
    assert {where for _, where in faults(said)} == {part}
    assert said[SelfTest.IDENTITY, part].detail == ENODEV
    assert len(said) >= 17 if name == "ssd1306" else len(said) >= 14
    assert said[SelfTest.RATE, Part.MOTION].outcome == (
        Outcome.SKIPPED if part == Part.MOTION else Outcome.PASSED
    )


@pytest.mark.parametrize("name", [name for name in CHIPS if name != "ssd1306"])
def test_another_chip_in_its_place_is_named_with_what_it_says_of_itself(table, name):
    chip = table.chip(name)
    chip.identity ^= 0x20
    chip.power_on()
    said = whole_run(table)
    part = CHIPS[name]
    assert faults(said) == {(SelfTest.IDENTITY, part)}
    assert said[SelfTest.IDENTITY, part].value == IDENTITIES[part] ^ 0x20
    assert said[SelfTest.IDENTITY, part].lower_limit == IDENTITIES[part]


@pytest.mark.parametrize("name", ["max30101", "lsm6dso"])
def test_an_oscillator_that_stands_still_is_named(table, name):
    table.chip(name).set_clock_error(STOPPED_PPM)
    said = whole_run(table)
    assert (SelfTest.RATE, CHIPS[name]) in faults(said)
    assert {where for _, where in faults(said)} == {CHIPS[name]}
    assert said[SelfTest.RATE, CHIPS[name]].value == 0


@settings(max_examples=10)  # each is a whole run
@given(
    name=st.sampled_from(["max30101", "lsm6dso"]),
    error_ppm=st.integers(-500_000, -60_000) | st.integers(-40_000, 40_000) | st.integers(60_000, 1_500_000),
)
def test_a_rate_fails_when_and_only_when_it_is_more_than_5_percent_off(lasting_rig, name, error_ppm):
    rig = lasting_rig
    lie_still(rig)
    rig.chip(name).set_clock_error(error_ppm)
    rig.host.frames.clear()
    said = whole_run(rig)
    rig.chip(name).set_clock_error(0)
    is_off = abs(error_ppm) > 50_000
    assert (SelfTest.RATE, CHIPS[name]) in faults(said) if is_off else faults(said) == set()
    rate_mhz = said[SelfTest.RATE, CHIPS[name]].value
    assert rate_mhz == pytest.approx((25_000, 26_000)[name == "lsm6dso"] * (1 + error_ppm / 1e6), rel=0.02)


@pytest.mark.parametrize(("counts", "is_noisy"), [(30, False), (300, True)])
def test_noise_in_the_dark_is_named(table, counts, is_noisy):
    table.chip("max30101").noise_counts = counts
    assert faults(whole_run(table)) == ({(SelfTest.NOISE, Part.OPTICAL)} if is_noisy else set())


def test_leds_without_light_are_named(table):
    table.stimulus.optical = lambda _start_s, count, _rate_hz: np.full((count, 3), 300.0)
    assert faults(whole_run(table)) == {(SelfTest.LIGHT, Part.OPTICAL)}


def test_a_band_that_is_shaken_is_told_from_one_that_lies_still(table):
    table.stimulus.acceleration_g = lambda start_s, count, rate_hz: np.stack(
        [0.1 * np.sin(9 * (start_s + np.arange(count) / rate_hz)), np.zeros(count), np.ones(count)], axis=1
    )
    assert faults(whole_run(table)) == {(SelfTest.NOISE, Part.MOTION)}


@pytest.mark.parametrize("volts", [2.5, 4.6])
def test_a_cell_of_no_sound_voltage_is_named(table, volts):
    table.stimulus.battery_now = Battery(percent=50.0, volts=volts, charge_rate_percent_per_h=0.0)
    assert faults(whole_run(table)) == {(SelfTest.VOLTAGE, Part.FUEL_GAUGE)}


def test_storage_that_takes_no_write_is_named(table, monkeypatch):
    def refuse():
        raise OSError(28)

    monkeypatch.setattr(table.storage, "write", refuse)
    said = whole_run(table)
    assert faults(said) == {(SelfTest.STORAGE, Part.STORAGE)}
    assert said[SelfTest.STORAGE, Part.STORAGE].detail == 28


def test_a_fault_of_the_self_test_itself_ends_it_and_nothing_else(agreed, monkeypatch):
    rig = agreed
    ask(rig)
    monkeypatch.setattr(rig.band.haptics, "pulse", lambda *_: 1 // 0)
    rig.press()
    rig.run(RUN_MS)
    assert ended(rig)[SelfTest.WHOLE, Part.NONE].outcome == Outcome.FAILED
    assert [line.text for line in rig.host.records("LogLine")] == ["self test: ZeroDivisionError"]
    vitals = len(rig.host.updates())
    rig.run(10_000)
    assert len(rig.host.updates()) >= vitals + 4


def test_a_run_for_which_there_is_no_memory_is_refused_and_may_be_asked_for_again(table, monkeypatch):
    import tasks.self_test_run

    def refuse(*_):
        raise MemoryError

    monkeypatch.setattr(tasks.self_test_run.SelfTestRun, "__init__", refuse)
    assert table.command(CommandCode.RUN_SELF_TEST, 0, RUN_ID) == Result.NOT_AVAILABLE
    assert not any(module in sys.modules for module in LENT_MODULES)
    assert table.core.status.faulty_parts == 0
    assert faults(whole_run(table)) == set()


def test_a_chip_that_fails_in_the_middle_is_a_result(table):
    ask(table)
    table.press()
    table.run(3000)
    table.fail("max30101")
    table.run(RUN_MS)
    said = ended(table)
    assert faults(said) == {(SelfTest.RATE, Part.OPTICAL)}
    assert said[SelfTest.RATE, Part.OPTICAL].detail == ENODEV
