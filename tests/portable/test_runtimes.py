"""The same modules give the same bytes under CPython and MicroPython, and allocate nothing there."""

import pytest

from bandschema.vitals_run import decode_updates
from bandschema.vitals_run_writer import encode_updates
from portable.runtimes import run_cpython, run_micropython

RUN_LINES = 11
"""Ten bodies of 300 updates that change much, and what it took."""


@pytest.mark.parametrize(
    ("name", "lines"), [("framing", 41), ("pair", 12), ("record", 3), ("runs", RUN_LINES), ("secure_pair", 7)]
)
def test_both_runtimes_print_the_same(name, lines, monkeypatch):
    here = run_cpython(name, monkeypatch)
    assert len(here) == lines
    assert run_micropython(name) == here


@pytest.fixture(scope="module")
def bytes_allocated():
    """Bytes that the heap grew by, each time, by what was done."""
    lines = [line.rsplit(" ", 1) for line in run_micropython("allocation")]
    return {what: float(grown) for what, grown in lines}


@pytest.mark.parametrize("what", ["append", "pull 20", "pull 64", "pull 244"])
def test_queue_and_link_allocate_nothing_on_the_way_out(bytes_allocated, what):
    assert bytes_allocated[what] == 0


def test_serial_packet_costs_two_views_for_its_crc(bytes_allocated):
    # binascii.crc32 takes no length, so the record is shown to it through a view of a view: 32 bytes
    # each on the 64-bit unix port.
    assert bytes_allocated["serial"] <= 64


def test_received_frame_costs_views_and_an_event(bytes_allocated):
    # The CRC's view, the record's, the frame's two, the event and the queue's place for it.
    assert bytes_allocated["receive"] <= 192


def test_a_run_of_vitals_is_written_without_a_byte_of_the_heap():
    *bodies, grown = run_micropython("runs")
    assert grown == "grown 0"
    for line in bodies:
        ticks_ms, body = line.split()
        updates = decode_updates(bytes.fromhex(body), int(ticks_ms))
        assert encode_updates(updates) == bytes.fromhex(body)
