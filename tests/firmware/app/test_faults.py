"""Any chip may be missing at the start or fail in the middle: the band tells it, goes on, and recovers."""

import itertools

import pytest

from bandschema.enums import Cause, EventKind, Part
from bandwire.catalogue import INDEX_BATTERY_PERCENT
from hal.storage import Storage

PARTS = {
    "max30101": Part.OPTICAL,
    "lsm6dso": Part.MOTION,
    "tmp117": Part.THERMOMETER,
    "ssd1306": Part.DISPLAY,
    "max17048": Part.FUEL_GAUGE,
}
ENODEV = 19

every_chip = pytest.mark.parametrize("name", list(PARTS))


def others_work(rig, name):
    """Let some seconds pass; whether every other part did its job in them."""
    before, sent = dict(rig.vitals.counts), len(rig.host.updates())
    rig.bus.trace.clear()
    rig.core.status.touch()
    rig.run(12_000)
    for source, chip in (("optical", "max30101"), ("motion", "lsm6dso"), ("temperature", "tmp117")):
        if chip != name and rig.vitals.counts[source] <= before.get(source, 0):
            return False
    is_gauge_read = name == "max17048" or bool(rig.reads_of("max17048"))
    return is_gauge_read and len(rig.host.updates()) >= sent + 5


@every_chip
def test_a_chip_missing_at_the_start_is_told_once_and_the_rest_works(make_rig, name):
    rig = make_rig()
    if name == "ssd1306":  # without which nobody can agree: it goes missing after that
        rig.agree()
        rig.run(100)
        rig.fail(name)
        rig.boot()
    rig.fail(name)
    rig.connect()
    rig.run(5_000)
    if name != "ssd1306":
        rig.agree()
    assert others_work(rig, name)
    assert rig.events(EventKind.FAULT) == [(PARTS[name], ENODEV)]


@every_chip
def test_a_chip_that_fails_in_the_middle_is_told_once_and_comes_back(rig, name):
    rig.connect()
    rig.agree()
    rig.run(5_000)
    rig.fail(name)
    if name == "ssd1306":
        rig.vitals.rate = 712
    assert others_work(rig, name)
    assert rig.events(EventKind.FAULT) == [(PARTS[name], ENODEV)]
    assert rig.events(EventKind.RECOVERED) == []
    rig.restore(name)
    rig.run(61_000)
    assert rig.events(EventKind.RECOVERED) == [(PARTS[name], 0)]
    assert rig.core.status.faulty_parts == 0
    assert others_work(rig, None)


@every_chip
def test_a_chip_that_comes_before_the_wearer_agrees_works_after(make_rig, name):
    rig = make_rig()
    rig.fail(name)
    rig.connect()
    rig.run(5_000)
    rig.restore(name)
    rig.run(5_000)
    rig.agree()
    rig.run(61_000)
    assert rig.core.status.faulty_parts == 0
    assert others_work(rig, None)


def test_all_chips_missing_leave_a_band_that_answers(make_rig):
    rig = make_rig()
    rig.agree()
    rig.run(100)
    for name in PARTS:
        rig.fail(name)
    rig.boot()
    rig.connect()
    rig.run(30_000)
    assert {part for part, _ in rig.events(EventKind.FAULT)} == set(PARTS.values())
    assert len(rig.host.updates()) >= 14
    assert rig.core.table.cause(INDEX_BATTERY_PERCENT) == Cause.SENSOR_FAULT


def test_a_missing_chip_is_tried_less_and_less_often(make_rig):
    rig = make_rig()
    rig.agree()
    rig.fail("tmp117")
    rig.run(3_000)
    address = rig.chip("tmp117").address
    rig.bus.trace.clear()
    rig.run(300_000)
    tries = [transfer.now_us // 1_000_000 for transfer in rig.bus.trace if transfer.address == address]
    gaps = [after - before for before, after in itertools.pairwise(tries)]
    assert gaps == sorted(gaps)
    assert gaps[-1] == 60


def test_the_vital_signs_learn_of_a_fault_and_of_its_end(rig):
    rig.agree()
    rig.fail("max30101")
    rig.run(3_000)
    assert rig.vitals.faults[Part.OPTICAL] is True
    rig.restore("max30101")
    rig.run(10_000)
    assert rig.vitals.faults[Part.OPTICAL] is False


def test_the_vital_signs_know_a_fault_that_is_older_than_the_agreement(make_rig):
    rig = make_rig()
    rig.fail("lsm6dso")
    rig.run(5_000)
    rig.vitals.faults.clear()
    rig.agree()
    rig.run(100)
    assert rig.vitals.faults == {Part.MOTION: True}


def test_an_error_in_the_program_is_a_fault_with_a_log_line_and_is_restarted(rig):
    host = rig.connect()
    rig.agree()
    step, rig.vitals.step = rig.vitals.step, None
    rig.run(3_000)
    assert rig.events(EventKind.FAULT) == [(Part.TASK, 0)]
    (line,) = host.records("LogLine")
    assert line.text == "vitals: TypeError"
    rig.vitals.step = step
    rig.run(10_000)
    assert rig.events(EventKind.RECOVERED) == [(Part.TASK, 0)]
    assert host.updates()


def test_storage_that_takes_no_write_is_a_fault_and_the_band_works(make_rig, monkeypatch):
    def refuse(_self):
        raise OSError(28)

    monkeypatch.setattr(Storage, "write", refuse)
    rig = make_rig()
    rig.connect()
    rig.agree()
    rig.run(10_000)
    assert (Part.STORAGE, 28) in rig.events(EventKind.FAULT)
    assert rig.host.updates()
    assert rig.core.numbering.boot_id >= 1
