"""The consent gate on the whole band: nothing is measured, kept or sent before the wearer's press."""

from dataclasses import replace

import pytest

from bandschema.enums import ConsentAction
from bandschema.records import CompressedBlock, VitalsRun
from bandsim.agreeing import presses
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings, VirtualBand
from device.bands import (
    Gathering,
    Life,
    console_of,
    lane_with_change,
    live,
    new_band,
    next_update,
    play,
    rest_file,
    unconsented,
)
from device.bus_reads import SAMPLE_REGISTERS, sample_reads
from vitalband import (
    Band,
    Cause,
    Contact,
    DeviceError,
    EventKind,
    Group,
    Page,
    ReadingId,
    Result,
    SampleChunk,
    StoreReader,
    StreamId,
    Validity,
)

LONG_PRESS_MS = 2000
WITHDRAWN_AFTER_S = 1.5
"""The firmware's long press (`tasks.button`)."""
LOOK_S = 0.05
"""The button is looked at every 20 ms while it is held, and a task's step takes some bus time."""
PAUSE_S = 3600
MOST_PAGES = 40
PRESSES = len(list(presses()))
WALK = 'doing = "walk"\nposture = "hanging"'


async def before_and_after_the_press(url: str, path) -> dict[str, object]:
    found: dict[str, object] = {}
    band = Band.open(url, record_to=path)
    console = console_of(band)
    trace = console.bus.trace = []
    async with band:
        found["manifest"] = band.manifest
        for stream in StreamId:
            with pytest.raises(DeviceError) as refusal:
                await band.start_stream(stream)
            found[stream.name] = refusal.value.result
        await band.run_for(60)
        found["reads_before"] = sample_reads(trace, console.chips)
        found["transfers_before"] = {transfer.address for transfer in trace}
        await band.save()
        with StoreReader(path) as reader:
            found["kinds_before"] = {row.kind for row in reader.frames()}
        trace.clear()
        async with band.events() as events:
            console.agree()
            found["events"] = [await anext(events) for _ in range(3 + PRESSES)]
        found["first"] = await next_update(band)
        chips = console.chips
        await band.run_for(15)
        read = {transfer.address for transfer in sample_reads(trace, chips)}
        found["chips_read"] = {name for name, chip in chips.items() if chip.address in read}
        for stream in StreamId:
            await band.start_stream(stream)
        async with band.waveform(StreamId.OPTICAL) as chunks:
            found["chunk"] = await anext(chunks)
    return found


@pytest.fixture(scope="session")
def gate(lane_kind, tmp_path_factory) -> dict[str, object]:
    folder = tmp_path_factory.mktemp("gate")
    return play(before_and_after_the_press(unconsented(folder), folder / "gate.vband"))


def test_no_sample_is_read_on_the_bus_before_the_press(gate):
    assert gate["reads_before"] == []
    # The chips were there to be read: the band had found and stopped every one of them.
    assert len(gate["transfers_before"]) == 5


def test_no_reading_and_no_samples_are_on_the_link_before_the_press(gate):
    kinds = gate["kinds_before"]
    assert kinds
    assert not kinds & {VitalsRun.KIND, CompressedBlock.KIND}


@pytest.mark.parametrize("stream", list(StreamId))
def test_a_stream_is_refused_for_want_of_consent_before_the_press(gate, stream):
    assert gate[stream.name] == Result.NO_CONSENT


def test_the_press_gives_a_record_of_all_groups_of_this_very_manifest(gate):
    started, at_start, *buttons, consent = gate["events"]
    manifest = gate["manifest"]
    assert started.event == EventKind.STARTED
    assert (at_start.action, at_start.groups) == (ConsentAction.IN_FORCE, 0)
    assert [button.event for button in buttons] == [EventKind.BUTTON_SHORT] * PRESSES
    assert consent.action == ConsentAction.AGREED
    wanted = Group(0)
    for entry in manifest:
        wanted |= entry.group
    assert Group(consent.groups) == wanted
    assert consent.manifest_digest == manifest[0].manifest_digest


def test_after_the_press_every_chip_is_sampled_and_readings_and_samples_come(gate):
    assert gate["chips_read"] == set(SAMPLE_REGISTERS)
    assert set(gate["first"].readings) == set(ReadingId)
    assert isinstance(gate["chunk"], SampleChunk)


async def withdraw_in_the_middle(url: str) -> dict[str, object]:
    band = Band.open(url)
    console = console_of(band)
    trace = console.bus.trace = []
    found: dict[str, object] = {}
    async with band:
        await band.run_for(60)
        followed = {stream.name.lower(): Gathering(band.waveform(stream)) for stream in StreamId}
        followed |= {"vitals": Gathering(band.vitals()), "events": Gathering(band.events())}
        await band.run_for(10)
        found["before"] = await next_update(band)
        pressed_at_s = console.now_s
        console.press_button(LONG_PRESS_MS)
        await band.run_for(30)
        withdrawn_us = (pressed_at_s + WITHDRAWN_AFTER_S + LOOK_S) * 1e6
        late = [transfer for transfer in trace if transfer.now_us > withdrawn_us]
        found["late_reads"] = sample_reads(late, console.chips)
        found |= {name: await gathering.stop() for name, gathering in followed.items()}
        found["refusals"] = {name: followed[name].error for name in ("optical", "motion")}
        console.agree()
        found["again"] = await next_update(band)
    return found


@pytest.fixture(scope="session")
def withdrawal(lane_kind, tmp_path_factory) -> dict[str, object]:
    return play(withdraw_in_the_middle(rest_file(tmp_path_factory.mktemp("withdrawal"), segment=WALK)))


def consent_of(items):
    return next(item for item in items if getattr(item, "action", None) == ConsentAction.WITHDRAWN)


def test_a_long_press_stops_sampling_at_once(withdrawal):
    assert withdrawal["late_reads"] == []


@pytest.mark.parametrize("topic", ["optical", "motion", "vitals"])
def test_nothing_of_the_wearer_is_numbered_after_the_withdrawal(withdrawal, topic):
    last = consent_of(withdrawal["events"]).stamp.sequence
    assert withdrawal[topic]
    assert all(item.stamp.sequence < last for item in withdrawal[topic])


@pytest.mark.parametrize("stream", ["optical", "motion"])
def test_whoever_follows_a_stream_is_told_of_the_withdrawal(withdrawal, stream):
    refusal = withdrawal["refusals"][stream]
    assert isinstance(refusal, DeviceError)
    assert refusal.result == Result.NO_CONSENT


def test_a_withdrawal_clears_the_readings(withdrawal):
    before, again = withdrawal["before"], withdrawal["again"]
    assert before["steps"].value > 30, "the wearer walks, so that there is something to forget"
    assert before["heart_rate_bpm"].is_valid
    assert again["steps"].value in (None, 0)
    assert again["heart_rate_bpm"].value is None
    assert again.contact == Contact.UNKNOWN


async def pause_in_the_middle(url: str) -> dict[str, object]:
    """The wearer pages to the pause, reads, and presses; then most of the hour, and its end."""
    band = Band.open(url)
    console = console_of(band)
    trace = console.bus.trace = []
    async with band:
        await band.run_for(20)
        events = Gathering(band.events())
        for _ in range(MOST_PAGES):
            console.press_button()
            await band.run_for(1.2)
            if any(getattr(event, "detail", None) == Page.PAUSE for event in events.items):
                break
        await band.run_for(3)
        console.press_button()
        await band.run_for(1)
        trace.clear()
        vitals = Gathering(band.vitals())
        await band.run_for(PAUSE_S - 60)
        found = {"reads": sample_reads(trace, console.chips), "vitals": await vitals.stop()}
        found["after"] = await next_update(band)
        found["actions"] = [event.action for event in await events.stop() if hasattr(event, "action")]
    return found


def test_a_pause_by_the_button_stops_all_within_a_second_and_ends_after_an_hour(tmp_path):
    found = play(pause_in_the_middle(rest_file(tmp_path)))
    assert found["reads"] == []
    assert found["vitals"] == []
    assert found["actions"][-2:] == [ConsentAction.PAUSED, ConsentAction.RESUMED]
    assert found["after"].readings


def consent_lives(tmp_path, *deeds) -> Life:
    return live(f"{unconsented(tmp_path)}?state={tmp_path / 'state'}", 20.0, deeds)


def agree():
    return lambda console: console.agree()


def withdraw():
    return lambda console: console.press_button(LONG_PRESS_MS)


def test_the_agreement_outlives_a_restart_without_a_press(tmp_path):
    first = consent_lives(tmp_path, (2, agree()))
    second = consent_lives(tmp_path)
    assert first.moments
    assert second.moments, "the band measures at once after the restart"
    assert second.consents() == [], "and asks nothing anew"
    boots = [life.moments[0].update.stamp.boot_id for life in (first, second)]
    assert boots[1] > boots[0]


def test_a_withdrawal_outlives_a_restart(tmp_path):
    withdrawn = consent_lives(tmp_path, (2, agree()), (10, withdraw()))
    assert [change.action for _, change in withdrawn.consents()] == [
        ConsentAction.AGREED,
        ConsentAction.WITHDRAWN,
    ]
    assert consent_lives(tmp_path).moments == []


async def first_vitals(band: VirtualBand) -> tuple[bytes, list[object]]:
    async with Band.open("sim:there", band=band) as host:
        vitals = Gathering(host.vitals())
        await host.run_for(20)
        return host.manifest[0].manifest_digest, await vitals.stop()


@pytest.mark.one_lane(reason="another firmware is another image to be built")
def test_a_band_that_collects_something_else_asks_anew(tmp_path):
    agreed = consent_lives(tmp_path, (2, agree()))
    changed = lane_with_change(tmp_path, "streams.py", 'b"Raw light"', 'b"Raw rays"')
    scenario = load_scenario(tmp_path / "rest_here.toml")
    lane = replace(changed, state_dir=tmp_path / "state")
    with new_band(scenario, BandSettings(lane=lane)) as band:
        digest, updates = play(first_vitals(band))
    assert digest != agreed.consents()[0][1].manifest_digest
    assert updates == []


def test_readings_before_the_first_beats_say_why_they_have_no_value(gate):
    for reading in gate["first"]:
        is_unknown = reading.value is None
        assert is_unknown == (reading.validity == Validity.UNKNOWN)
        assert (reading.cause == Cause.NONE) == (reading.validity == Validity.VALID)
