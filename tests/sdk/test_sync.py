"""The blocking wrapper: the same band without asyncio."""

import threading

import pytest

from sdk.fake_band import FakeBand, Script
from sdk.recordings import record
from sdk.wire import SocketBand
from vitalband import AlertLevel, Cause, ReadingId, SampleChunk, StreamId, TransportError, VitalsUpdate
from vitalband.errors import LocalError
from vitalband.sync import Band


@pytest.fixture
def desaturated(tmp_path):
    """A recording whose oxygen saturation is worth a warning."""
    path = tmp_path / "a.vband"
    script = Script()
    script.values[ReadingId.SPO2_PERCENT] = 880
    record(path, script)
    return path


def test_a_notebook_reads_vitals_waveforms_and_sends_commands():
    threads_before = set(threading.enumerate())
    with SocketBand(FakeBand()) as wire, Band.open(wire.url) as band:
        assert band.identity.model == "Fake"
        vitals = band.vitals()
        updates = [next(vitals) for _ in range(3)]
        assert all(isinstance(update, VitalsUpdate) for update in updates)
        chunk = next(band.waveform(StreamId.OPTICAL))
        assert isinstance(chunk, SampleChunk)
        band.vibrate(10)
        band.send_cuff_reading(120, 80)
        assert band.statistics.missing_frames == 0
    assert set(threading.enumerate()) <= threads_before


def test_an_iterator_begins_when_it_is_made_and_need_not_be_read(tmp_path):
    path = tmp_path / "a.vband"
    live = record(path)
    with Band.open(f"replay:{path}") as band:
        vitals, _unread = band.vitals(), band.vitals()
        band.wait_closed()
        assert len(list(vitals)) == len(live)


def test_the_blocking_watch_gives_vitals_and_alerts_for_its_time(desaturated):
    with Band.open(f"replay:{desaturated}") as band:
        items = list(band.watch(seconds=20))
    assert {type(item).__name__ for item in items} == {"VitalsUpdate", "Alert"}
    assert sum(isinstance(item, VitalsUpdate) for item in items) in (9, 10)


def test_a_recording_is_iterated_to_its_end(tmp_path):
    path = tmp_path / "a.vband"
    live = record(path)
    with Band.open(f"replay:{path}") as band:
        assert len(list(band.vitals())) == len(live)


def test_alerts_come_from_a_recording(desaturated):
    with Band.open(f"replay:{desaturated}") as band:
        alert = next(band.early_warning())
        assert (alert.level, alert.cause) == (AlertLevel.WARNING, Cause.SCORE)


def test_a_loop_left_early_leaves_the_band_usable(tmp_path):
    path = tmp_path / "a.vband"
    record(path)
    with Band.open(f"replay:{path}") as band:
        for _ in band.vitals():
            break
        assert isinstance(next(band.vitals()), VitalsUpdate)


def test_errors_are_those_of_the_asynchronous_band():
    with pytest.raises(TransportError, match="cannot open"), Band.open("serial:///dev/no-such-port"):
        pass
    assert not any(thread.name == "vitalband" for thread in threading.enumerate())


def test_a_closed_band_says_so():
    with SocketBand(FakeBand()) as wire:
        with Band.open(wire.url) as band:
            pass
        with pytest.raises(LocalError, match="not open"):
            band.vibrate(10)
