"""`vitalband doctor` and `Band.run_self_test` on a whole band: each fault is named, and nothing stays."""

import json
from contextlib import aclosing

import pytest
from typer.testing import CliRunner

from bandsim.lane import LaneSettings
from bandsim.link_port import LinkFaults
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings
from device.bands import Gathering, console_of, new_band, play, rest_file, unconsented
from device.bus_reads import sample_reads
from vitalband import (
    Band,
    DeviceError,
    EventKind,
    Outcome,
    Part,
    Result,
    SampleGap,
    SelfTest,
    StreamId,
    TransportError,
)
from vitalband.cli import app

READING_S = 2.0
"""The band takes no press before its page can have been read."""
WHOLE = (SelfTest.WHOLE, Part.NONE)


async def examined(band: Band, at_press=lambda _console: None) -> dict[tuple[int, int], object]:
    """A whole run on a band that is open; gives the last item of each test and part."""
    console = console_of(band)
    items = {}
    async for item in band.run_self_test():
        items[item.test, item.part] = item
        if item.outcome == Outcome.WAITING:
            await band.run_for(READING_S)
            at_press(console)
            console.press_button()
    return items


def faults(items) -> set[tuple[int, int]]:
    return {key for key, item in items.items() if item.outcome == Outcome.FAILED} - {WHOLE}


async def of_a_band(url: str, prepare) -> dict[tuple[int, int], object]:
    async with Band.open(url) as band:
        prepare(console_of(band))
        return await examined(band)


async def before_and_after_the_press(url: str) -> dict[str, object]:
    found = {}
    async with Band.open(url) as band:
        console = console_of(band)
        trace = console.bus.trace = []
        found["items"] = await examined(
            band, lambda console: found.update(early=sample_reads(trace, console.chips))
        )
        found["late"] = sample_reads(trace, console.chips)
        trace.clear()
        await band.run_for(30)
        found["afterwards"] = sample_reads(trace, console.chips)
        found["motor"] = [change.is_on for change in console.motor_changes]
        found["kinds"] = band.statistics.unknown_kinds
    return found


@pytest.fixture(scope="module")
def sound(lane_kind, tmp_path_factory):
    return play(before_and_after_the_press(unconsented(tmp_path_factory.mktemp("sound"))))


def test_a_sound_band_passes_and_leaves_display_and_motor_to_a_person(sound):
    items = sound["items"]
    assert items[WHOLE].outcome == Outcome.PASSED
    shown = {key for key, item in items.items() if item.outcome == Outcome.SHOWN}
    assert shown == {(SelfTest.PATTERN, Part.DISPLAY), (SelfTest.VIBRATION, Part.MOTOR)}
    assert {item.outcome for key, item in items.items() if key not in shown} == {Outcome.PASSED}
    assert len(items) == 20
    assert items[SelfTest.HEAP, Part.TASK].value > 4 * 1024


def test_nothing_is_sampled_before_the_press_nor_after_the_end(sound):
    assert sound["early"] == []
    assert sound["late"]
    assert sound["afterwards"] == []
    assert sound["motor"] == [True, False]


@pytest.mark.parametrize("name", ["max30101", "tmp117"])
def test_another_chip_in_its_place_is_named(tmp_path, name):
    def replace(console):
        chip = console.chips[name]
        chip.identity ^= 0x20
        chip.power_on()

    items = play(of_a_band(unconsented(tmp_path), replace))
    part = Part.OPTICAL if name == "max30101" else Part.THERMOMETER
    assert (SelfTest.IDENTITY, part) in faults(items)
    assert {where for _, where in faults(items)} == {part}


@pytest.mark.parametrize("name", ["lsm6dso", "max17048"])
def test_a_dead_chip_is_named(tmp_path, name):
    items = play(of_a_band(unconsented(tmp_path), lambda console: console.fail_chip(name)))
    part = Part.MOTION if name == "lsm6dso" else Part.FUEL_GAUGE
    assert {where for _, where in faults(items)} == {part}


@pytest.mark.parametrize(("error_ppm", "rate_mhz"), [(-1_000_000, 0), (200_000, 30_000)])
def test_a_fifo_that_is_stuck_or_too_fast_is_named(tmp_path, error_ppm, rate_mhz):
    items = play(
        of_a_band(unconsented(tmp_path), lambda console: console.chips["max30101"].set_clock_error(error_ppm))
    )
    assert (SelfTest.RATE, Part.OPTICAL) in faults(items)
    assert {where for _, where in faults(items)} == {Part.OPTICAL}
    assert items[SelfTest.RATE, Part.OPTICAL].value == pytest.approx(rate_mhz, rel=0.01)


async def a_worn_band(url: str) -> dict[str, object]:
    async with Band.open(url) as band:
        await band.run_for(20)
        chunks, events = Gathering(band.waveform(StreamId.OPTICAL)), Gathering(band.events())
        vitals = Gathering(band.vitals())
        await band.run_for(10)
        items = await examined(band)
        ended_at_s = console_of(band).now_s
        await band.run_for(60)
        return {
            "items": items,
            "chunks": await chunks.stop(),
            "events": await events.stop(),
            "late": [update for update in await vitals.stop() if update.stamp.ticks_ms > ended_at_s * 1000],
        }


def test_a_worn_band_counts_the_gap_and_goes_on(tmp_path):
    lived = play(a_worn_band(rest_file(tmp_path)))
    # On a wrist: what is measured is the wearer's, and the whole says nothing of the band's rest.
    assert lived["items"][SelfTest.RATE, Part.OPTICAL].outcome == Outcome.PASSED
    gaps = [item.sample_count for item in lived["chunks"] if isinstance(item, SampleGap)]
    dropped = [
        event.detail
        for event in lived["events"]
        if getattr(event, "event", None) == EventKind.DROPPED and event.part == Part.OPTICAL
    ]
    assert gaps == dropped
    assert len(gaps) == 1
    assert lived["late"][-1]["heart_rate_bpm"].is_valid
    assert not [event for event in lived["events"] if getattr(event, "event", None) == EventKind.FAULT]


async def heap_of_runs(folder) -> list[int]:
    scenario = load_scenario(folder / "rest_here.toml")
    with new_band(scenario, BandSettings(lane=LaneSettings())) as virtual:
        used = []
        async with Band.open("sim:there", band=virtual) as band:
            for _ in range(3):
                await examined(band)
                await band.run_for(5)
                virtual.conductor.reports.want_heap(collect=True)
                await band.run_for(65)
                used.append(virtual.conductor.reports.heap.used_bytes)
    return used


def test_a_run_leaves_nothing_on_the_heap(tmp_path):
    unconsented(tmp_path)
    first, second, third = play(heap_of_runs(tmp_path))
    # The first run of firmware in plain files leaves its names behind, which the interpreter keeps for good.
    assert abs(third - second) <= 256
    assert abs(third - first) <= 2048


async def ended_by_the_host(url: str) -> tuple[list[object], dict[tuple[int, int], object]]:
    async with Band.open(url) as band:
        events = []
        async with aclosing(band.run_self_test()) as items:
            async for item in items:
                events.append(item.outcome)
                with pytest.raises(DeviceError) as busy:
                    async for _ in band.run_self_test():
                        pass
                assert busy.value.result == Result.BUSY
                break
        return events, await examined(band)


def test_a_host_that_leaves_the_iterator_ends_the_run_and_may_ask_again(tmp_path):
    events, items = play(ended_by_the_host(unconsented(tmp_path)))
    assert events == [Outcome.WAITING]
    assert items[WHOLE].outcome == Outcome.PASSED


async def with_a_cable_cut(url: str) -> None:
    async with Band.open(url) as band:
        await examined(band, lambda console: console.conductor.timeline.at(
            console.conductor.now_us + 3_000_000, console.cut_link
        ))  # fmt: skip


def test_a_lost_link_is_an_error_and_no_hang(tmp_path):
    with pytest.raises(TransportError):
        play(with_a_cable_cut(unconsented(tmp_path)))


judges_the_link = pytest.mark.off_bluez(reason="the command judges how long an answer takes")


def doctor(url, *options, code=0, text=None):
    result = CliRunner().invoke(app, ["doctor", url, *options], input=text, env={"COLUMNS": "160"})
    assert result.exit_code == code, result.output
    return result


@judges_the_link
def test_the_command_presses_a_simulated_button_and_says_so(tmp_path):
    output = doctor(unconsented(tmp_path)).stdout
    assert "its button is pressed for you" in output
    lines = [" ".join(line.split()) for line in output.splitlines()]
    assert any(line.startswith("optical rate passed 24.9") for line in lines)
    assert any(line.startswith("link losses passed none of") for line in lines)
    assert lines[-2:] == [
        "not judged, as nobody was asked: display: pattern, motor: vibration",
        "no fault found",
    ]


@judges_the_link
def test_the_command_names_what_fails_as_json_and_by_its_exit_code(tmp_path):
    action = '[[actions]]\nat_s = 1\nname = "fail_chip"\nargument = "tmp117"'
    url = rest_file(tmp_path, head="consents = false", segment=action)
    result = doctor(url, "--yes", "--json", code=1)
    documents = [json.loads(line) for line in result.stdout.splitlines()]
    assert documents[0]["model"] == "Virtual band"
    assert documents[0]["image_profile"] in ("development", "product")
    assert documents[-1] == {"is_sound": False, "failed": ["thermometer: identity"], "not_judged": []}
    judged = {document["test"]: document for document in documents if document.get("judged_by") == "option"}
    assert {document["outcome"] for document in judged.values()} == {"passed"}
    assert set(judged) == {"pattern", "vibration"}
    assert "pressed for you" in result.stderr


@judges_the_link
def test_a_person_who_felt_nothing_finds_the_fault_of_the_motor(tmp_path):
    result = doctor(unconsented(tmp_path), "--ask", code=1, text="y\nn\n")
    assert "found faults: motor: vibration" in result.stdout
    assert "Did you feel the band vibrate" in result.stderr


async def over_a_bad_line(url: str) -> None:
    async with Band.open(url) as band:
        console_of(band).set_link_faults(LinkFaults(garble_rate=0.0005))
        assert (await examined(band))[WHOLE].outcome == Outcome.PASSED


def test_results_come_over_a_bad_line_too(tmp_path):
    play(over_a_bad_line(unconsented(tmp_path)))
