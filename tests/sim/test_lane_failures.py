"""A firmware that crashes, ends, hangs or spins is a clear error, and its process is always reaped."""

import gc
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from bandsim.errors import FirmwareError
from bandsim.lane import LaneSettings, ProcessLane, parse_heap
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings, VirtualBand
from sim.helpers import FOREVER, heartbeat_band, rig, write_firmware
from vitalband.errors import LocalError

HANG_TIMEOUT_S = 0.5


def process_of(lane: ProcessLane) -> "subprocess.Popen[bytes]":
    process = lane._process
    assert process is not None
    return process


def test_a_crash_gives_its_traceback_and_the_last_log_lines(tmp_path: Path) -> None:
    body = """
    print("so far so good")
    time.sleep_ms(1250)
    raise ValueError("the reason")
    """
    with rig(tmp_path, body) as band:
        band.conductor.start()
        process = process_of(band.lane)
        with pytest.raises(FirmwareError) as caught:
            band.run_ms(5000)
        message = str(caught.value)
        for part in ("rig", "at 1.250 s", "crashed", "ValueError: the reason", "main.py", "so far so good"):
            assert part in message
        assert process.returncode is not None
        with pytest.raises(FirmwareError, match="the reason"):
            band.conductor.run_until(10_000_000)


def test_a_firmware_that_cannot_be_compiled_is_a_crash(tmp_path: Path) -> None:
    with rig(tmp_path, "this is no Python") as band, pytest.raises(FirmwareError, match="SyntaxError"):
        band.run_ms(1)


def test_a_firmware_that_returns_is_an_error(tmp_path: Path) -> None:
    with rig(tmp_path, "pass") as band, pytest.raises(FirmwareError, match="its main program returned"):
        band.run_ms(1)


def test_a_firmware_that_hangs_is_ended_after_the_time_out(tmp_path: Path) -> None:
    with rig(tmp_path, "while True:\n    pass", answer_timeout_s=HANG_TIMEOUT_S) as band:
        band.conductor.start()
        process = process_of(band.lane)
        began_s = time.monotonic()
        with pytest.raises(FirmwareError, match="it hangs"):
            band.run_ms(1)
        # The process itself may take its time to start on a busy machine.
        assert HANG_TIMEOUT_S <= time.monotonic() - began_s < HANG_TIMEOUT_S + 10
        assert process.returncode == -signal.SIGKILL


def test_a_firmware_that_lets_no_time_pass_is_stuck(tmp_path: Path) -> None:
    with (
        rig(tmp_path, "while True:\n    poll.ipoll(0)") as band,
        pytest.raises(FirmwareError, match="let no time pass"),
    ):
        band.run_ms(1)


def test_a_killed_process_is_an_error_that_names_the_signal(tmp_path: Path) -> None:
    with rig(tmp_path, FOREVER) as band:
        band.run_ms(100)
        process = process_of(band.lane)
        os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(FirmwareError, match="killed by signal 9"):
            band.run_ms(10_000)
        assert process.returncode == -signal.SIGKILL


def test_an_exit_behind_the_conductors_back_is_an_error_with_what_was_printed(tmp_path: Path) -> None:
    body = """
    import sys
    sys.stdout.write("to the terminal only")
    raise SystemExit(7)
    """
    with rig(tmp_path, body) as band, pytest.raises(FirmwareError) as caught:
        band.run_ms(1)
    assert "exit code 7" in str(caught.value)
    assert "to the terminal only" in str(caught.value)


def test_running_out_of_heap_is_a_crash_that_says_so(tmp_path: Path) -> None:
    firmware_dir = write_firmware(tmp_path, "block = bytearray(60000)")
    lane = LaneSettings(firmware_dir=firmware_dir, heap_bytes=50_000)
    with _band(lane) as band, pytest.raises(FirmwareError, match="MemoryError"):
        band.run_for(1)


def test_the_heap_beside_the_code_is_what_was_asked_for(tmp_path: Path, lane_kind: str) -> None:
    lane = LaneSettings(firmware_dir=write_firmware(tmp_path, FOREVER), heap_bytes=50_000)
    with _band(lane) as band:
        band.run_for(1)
        heap = band.measure_heap(collect=True)
    assert heap.is_collected
    # In the image all code but the test's few lines is in flash.
    assert (heap.code_bytes > 10_000) is (lane_kind == "unix")
    # Gaps between the code's objects, each below 128 bytes, may count twice.
    assert 48_000 <= heap.free_bytes + heap.used_bytes <= 54_000


def test_waiting_reading_and_writing_allocate_nothing(tmp_path: Path) -> None:
    body = """
    content = bytearray(6)
    frame = bytearray(200)
    parts = (b"\\x40", frame)
    motor = Pin(1, Pin.OUT)
    while True:
        bus.readfrom_mem_into(0x48, 0, content)
        bus.writeto_mem(0x3C, 0, content)
        bus.writevto(0x3C, parts)
        uart.write(frame)
        motor.value(1)
        uart.readinto(frame)
        time.ticks_diff(time.ticks_add(time.ticks_ms(), 5), 7)
        for _ in poll.ipoll(100):
            pass
    """
    lane = LaneSettings(firmware_dir=write_firmware(tmp_path, body))
    with _band(lane) as band:
        band.run_for(1)
        before = band.measure_heap()
        band.link.feed(bytes(500))
        band.run_for(60)
        after = band.measure_heap()
    assert after.now_us - before.now_us > 60_000_000
    assert after.used_bytes == before.used_bytes


def test_a_reset_boots_again_with_the_state_that_was_written(tmp_path: Path) -> None:
    body = """
    try:
        with open("boots", "rb") as file:
            boots = int(file.read())
    except OSError:
        boots = 0
    print("boot", boots, "at tick", time.ticks_ms())
    with open("boots", "wb") as file:
        file.write(str(boots + 1).encode())
    time.sleep_ms(400)
    if boots < 2:
        reset()
    """
    with rig(tmp_path, body + FOREVER) as band:
        band.run_ms(5000)
        boots = [line for line in band.log if line.startswith("boot ")]
        assert boots == [f"boot {number} at tick 0" for number in range(3)]
        assert band.conductor.counters.restarts == 2
        assert band.conductor.now_us == 5_000_000


def test_a_firmware_that_resets_for_ever_still_lets_time_pass(tmp_path: Path) -> None:
    with rig(tmp_path, "reset()") as band:
        band.run_ms(1000)
        assert band.conductor.counters.restarts >= 4


def test_a_state_folder_that_is_named_outlives_the_band(tmp_path: Path) -> None:
    body = """
    with open("note", "wb") as file:
        file.write(b"kept")
    """
    state_dir = tmp_path / "state"
    lane = LaneSettings(firmware_dir=write_firmware(tmp_path, body + FOREVER), state_dir=state_dir)
    with _band(lane) as band:
        band.run_for(1)
    assert (state_dir / "note").read_text() == "kept"


def test_a_band_that_is_forgotten_is_reaped(tmp_path: Path) -> None:
    band = heartbeat_band(tmp_path)
    band.run_for(1)
    lane = band.conductor._lane
    assert isinstance(lane, ProcessLane)
    process = process_of(lane)
    del band
    gc.collect()
    assert process.returncode is not None


def test_a_closed_band_cannot_be_started(tmp_path: Path) -> None:
    band = heartbeat_band(tmp_path)
    band.close()
    band.close()
    with pytest.raises(FirmwareError, match="was closed"):
        band.run_for(1)


@pytest.mark.parametrize(("text", "size"), [("192k", 196_608), ("1M", 1 << 20), ("50000", 50_000)])
def test_a_heap_is_given_in_bytes_kilobytes_or_megabytes(text: str, size: int) -> None:
    assert parse_heap(text) == size


@pytest.mark.parametrize("text", ["", "k", "-1", "12g", "1.5M", "192 k"])
def test_a_heap_that_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(LocalError, match="wanted a heap such as 192k"):
        parse_heap(text)


def _band(lane: LaneSettings) -> VirtualBand:
    return VirtualBand(load_scenario("rest"), BandSettings(lane=lane))
