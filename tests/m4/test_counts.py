"""Instructions, counted in the image: of the firmware alone, and to the instruction the same each time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bandsim.conductor import CLOCK_MHZ
from bandsim.errors import FirmwareError
from bandsim.lane import LaneSettings
from bandsim.scenario import load_scenario
from bandsim.transport import open_transport
from bandsim.virtual_band import BandSettings, VirtualBand
from m4.tool_chain import need_image
from vitalband.errors import LocalError

HEAD = """
import counters
import gc
import time
from channel import LOG, exchange
from machine import UART


def count(work, argument):
    counters.pause()
    before = counters.computed()
    counters.resume()
    work(argument)
    counters.pause()
    took = counters.computed() - before
    counters.resume()
    return took


def collect(_nothing):
    gc.collect()


def run(board):
"""


@pytest.fixture(autouse=True)
def _image() -> None:
    need_image()


@contextmanager
def counting(folder: Path, body: str, *, cycles: float = 0.0) -> Iterator[VirtualBand]:
    """A band whose firmware is a few lines and then returns, in an image that counts."""
    (folder / "main.py").write_text(HEAD + "".join(f"    {line}\n" for line in body.strip().splitlines()))
    lane = LaneSettings(kind="m4", counts_instructions=True, firmware_dir=folder)
    with VirtualBand(load_scenario("rest"), BandSettings(lane=lane, cycles_per_instruction=cycles)) as band:
        yield band


def run_to_its_end(band: VirtualBand) -> list[int]:
    """What the firmware printed: a number a line."""
    with pytest.raises(FirmwareError, match="its main program returned"):
        band.run_for(60)
    return [int(line.text) for line in list(band.conductor.log.lines)[1:]]


SUMS = """
values = list(range(100))
for _ in range(3):
    for work in (len, sum):
        took = count(work, values)
        print(took)
"""


def test_the_same_work_takes_the_same_count_each_time_and_in_each_run(tmp_path: Path) -> None:
    with counting(tmp_path, SUMS.replace("range(100)", "range(101)")) as band:
        longer = run_to_its_end(band)
    runs: list[tuple[list[int], int]] = []
    for _ in range(2):
        with counting(tmp_path, SUMS) as band:
            runs.append((run_to_its_end(band), band.conductor.counters.instructions))
    assert runs[0] == runs[1]
    length, total = runs[0][0][:2]
    assert runs[0][0] == [length, total] * 3
    # One number more is one turn of a loop in C more.
    assert longer == [length, longer[1]] * 3
    assert 10 < longer[1] - total < 300


def test_what_an_exchange_takes_is_not_counted(tmp_path: Path) -> None:
    body = """
uart = UART(0)
for size in (1, 400, 1, 400):
    took = count(uart.write, bytes(size))
    print(took)
"""
    with counting(tmp_path, body) as band:
        counts = run_to_its_end(band)
    assert len(set(counts)) == 1


def test_collections_are_counted_apart_and_cost_time_all_the_same(tmp_path: Path) -> None:
    body = """
took = count(collect, None)
print(took)
before = time.ticks_us()
gc.collect()
time.sleep_us(0)
exchange(LOG, 0, 0, 0, b"0")
print(time.ticks_us() - before)
"""
    with counting(tmp_path, body, cycles=1.0) as band:
        computed, _, passed_us = run_to_its_end(band)
    # Marking and sweeping some hundreds of objects takes far more than calling the function.
    assert computed < 2_000
    assert passed_us > 10 * computed / CLOCK_MHZ


@pytest.mark.parametrize("cycles", [1.0, 2.0])
def test_time_is_that_of_the_instructions_and_of_nothing_else(tmp_path: Path, cycles: float) -> None:
    body = """
total = 0
for number in range(20000):
    total += number
print(total)
"""
    with counting(tmp_path, body, cycles=cycles) as band:
        run_to_its_end(band)
    instructions = band.conductor.counters.instructions
    assert instructions > 20_000 * 10
    # What ends the firmware is served after the time of its instructions.
    assert band.now_us == int(instructions * cycles / CLOCK_MHZ)


def test_a_lane_that_does_not_count_refuses_to_let_instructions_cost_time() -> None:
    with pytest.raises(LocalError, match="wanted a lane that counts instructions, which is m4, got unix"):
        open_transport("sim:rest?cpi=2")


@pytest.mark.parametrize("cycles", ["-1", "101", "nan"])
def test_cycles_that_no_processor_takes_are_refused(cycles: str) -> None:
    with pytest.raises(LocalError, match=f"wanted a cpi of 0 to 100, got {cycles}"):
        open_transport(f"sim+m4:rest?cpi={cycles}")
