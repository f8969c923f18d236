"""Tiny runs of the benchmarks: rows are there and plausible. How fast anything was is not looked at."""

import asyncio

import pytest
from rich.console import Console

from bandsim.agreeing import presses
from bandsim.errors import FirmwareError
from bench import blocks, codecs, firmware, speed
from bench.host import SCENARIO, STREAMS, streaming_band, virtual_band_of
from vitalband import DeviceError

CAP_BYTES = 192 * 1024
OBJECT_SLACK_BYTES = 1024
"""Heap is given out in blocks of 32 bytes, and the ballast is of several pieces."""

TABLE_COLUMNS = 100


@pytest.fixture(scope="module")
def rows_of_speed():
    return speed.measure(15.0)


@pytest.fixture(scope="module")
def heap_use():
    return firmware.measure_heap(30.0)


@pytest.fixture(scope="module")
def allocation():
    return firmware.measure_allocation(60.0)


def test_every_run_of_the_speed_lasts_as_long_as_was_asked(rows_of_speed):
    assert len({row.name for row in rows_of_speed}) == 4
    assert [row.virtual_s for row in rows_of_speed] == pytest.approx([15.0] * 4, abs=1.0)


def test_the_band_speaks_to_its_chips_and_the_empty_loop_does_not(rows_of_speed):
    *bands, empty = rows_of_speed
    assert all(row.bus_transfers > 15 for row in bands)
    assert empty.bus_transfers == 0
    assert empty.exchanges == pytest.approx(150 + len(list(presses())), abs=5)


def test_streams_add_exchanges_and_no_bus_transfers(rows_of_speed):
    off, on, *_ = rows_of_speed
    assert on.exchanges > off.exchanges
    assert on.link_bytes > 1.2 * off.link_bytes
    assert on.bus_transfers == off.bus_transfers


def test_the_heap_is_that_of_the_cap_and_code_is_outside_of_it(heap_use):
    assert heap_use.heap_bytes == CAP_BYTES
    assert heap_use.code_bytes > CAP_BYTES
    for row in heap_use.rows:
        assert row.used_bytes + row.free_bytes == pytest.approx(CAP_BYTES, abs=OBJECT_SLACK_BYTES)


def test_the_heap_is_looked_at_from_boot_to_the_end(heap_use):
    moments = [row.moment for row in heap_use.rows]
    assert moments[0] == "booted, before consent"
    assert moments[-2] == "streaming all, at 30 s"
    *looks, least = (row.free_bytes for row in heap_use.rows)
    assert 0 < least <= min(looks[2:])


def test_the_least_heap_is_more_than_what_is_used_at_rest(heap_use):
    step_bytes = 16 * 1024
    least_bytes = firmware.find_least_heap(8.0, CAP_BYTES, step_bytes)
    assert heap_use.rows[0].used_bytes <= least_bytes <= CAP_BYTES


def test_the_least_heap_is_the_most_where_no_whole_number_of_steps_is_enough():
    most_bytes, step_bytes = 120 * 1024, 70 * 1024
    assert firmware.find_least_heap(8.0, most_bytes, step_bytes) == most_bytes


def test_what_went_wrong_while_streams_are_taken_is_raised(monkeypatch):
    virtual_band = virtual_band_of(SCENARIO, 8.0)
    monkeypatch.setattr(virtual_band.console, "agree", lambda *_: None)

    async def take_what_is_not_agreed_to() -> None:
        async with streaming_band(virtual_band, STREAMS) as band:
            await band.run_for(2.0)

    with pytest.raises(DeviceError):
        asyncio.run(take_what_is_not_agreed_to())


def test_a_band_is_closed_whatever_happens_while_it_streams():
    virtual_band = virtual_band_of(SCENARIO, 8.0)

    async def fail() -> None:
        async with streaming_band(virtual_band, ()):
            raise KeyError("of the test")

    with pytest.raises(KeyError, match="of the test"):
        asyncio.run(fail())
    with pytest.raises(FirmwareError, match="was closed"):
        virtual_band.start()


def test_every_table_can_be_read_at_a_hundred_columns(rows_of_speed, heap_use, allocation):
    tables = [
        *codecs.run(10),
        *blocks.run(10),
        speed.speed_table(rows_of_speed),
        firmware.heap_table(heap_use, CAP_BYTES),
        firmware.allocation_table(allocation),
    ]
    console = Console(width=110)
    for table in tables:
        with console.capture() as capture:
            console.print(table)
        lines = capture.get().splitlines()
        assert max(map(len, lines)) <= TABLE_COLUMNS
        assert lines[0].strip() == table.title, "the title takes one line"
