"""Tiny runs of the benchmarks: rows are there and plausible. How fast anything was is not looked at."""

import pytest
from rich.console import Console

from bandschema.enums import Part
from bench import blocks, codecs, firmware, speed

CAP_BYTES = 192 * 1024
OBJECT_SLACK_BYTES = 1024
"""Heap is given out in blocks of 32 bytes, and the ballast is of several pieces."""

SAMPLE_PATH = {
    ("sampling", Part.OPTICAL),
    ("sampling", Part.MOTION),
    ("temperature", Part.THERMOMETER),
    ("power", Part.FUEL_GAUGE),
    ("vitals", Part.NONE),
    ("button", Part.NONE),
}
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
    assert empty.exchanges == pytest.approx(150, abs=5)


def test_streams_add_exchanges_and_no_bus_transfers(rows_of_speed):
    off, on, *_ = rows_of_speed
    assert on.exchanges > off.exchanges
    assert on.link_bytes > 2 * off.link_bytes
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


def test_nothing_is_allocated_on_the_path_of_the_samples(allocation):
    found = {(row.task, row.part): row.in_all_bytes for row in allocation.rows}
    assert {task: found[task] for task in SAMPLE_PATH} == dict.fromkeys(SAMPLE_PATH, 0)


def test_steps_allocate_no_more_than_the_heap_grows(allocation):
    assert allocation.virtual_s == 60.0
    assert allocation.outside_bytes >= 0
    link = next(row for row in allocation.rows if row.part is Part.LINK)
    assert 0 < link.largest_bytes <= link.in_all_bytes <= allocation.in_all_bytes


def test_every_table_can_be_read_at_a_hundred_columns(rows_of_speed, heap_use, allocation):
    tables = [
        *codecs.run(10),
        *blocks.run(10),
        speed.table_of(rows_of_speed),
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
