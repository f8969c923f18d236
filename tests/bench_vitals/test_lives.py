"""Tables of vitals that no recording tells of: what the virtual band lives through."""

from pathlib import Path

import pytest

from bench_vitals.lives import LIVES
from bench_vitals.report import report_of
from bench_vitals.rows import Row
from bench_vitals.tasks import SCENARIOS, TASKS

pytestmark = pytest.mark.one_lane(reason="the tables are made on the unix lane")


def rows_of(name: str, folder: Path) -> dict[str, Row]:
    (task,) = (one for one in TASKS if one.name == name and one.dataset == SCENARIOS)
    rows = report_of(task, [], folder).rows
    assert {row.who for row in rows} == {LIVES}
    return {row.measure: row for row in rows}


def value(row: Row) -> float:
    return float(row.value.split()[0])


def test_skin_temperature_is_within_a_tenth_of_the_sensor_model(tmp_path: Path):
    rows = rows_of("temperature", tmp_path)
    for name in ("rest", "fever", "taken off and put on"):
        assert 0 < value(rows[f"largest error once settled, {name}"]) <= 0.1
    assert value(rows["first reading after the agreement, rest"]) == pytest.approx(60, abs=4)
    # Ten degrees of a pad that nears the skin within a minute's time constant.
    assert 200 < value(rows["reading again after it was put on"]) < 300
    assert value(rows["shown while it was off"]) <= 1
    assert abs(value(rows["delay of a fever's rise"])) < 3
    assert value(rows["rise of a fever that was shown"]) == pytest.approx(100, abs=1)


def test_a_cuff_reading_is_shown_ages_expires_and_is_used_while_fresh(tmp_path: Path):
    rows = rows_of("cuff", tmp_path)
    assert value(rows["shown as it was entered"]) == 100
    assert value(rows["its age, largest error"]) < 1
    assert value(rows["oldest that was shown"]) <= 24
    assert value(rows["withheld once a day old"]) == 100
    assert value(rows["warnings by a low one of 10 min"]) == 1
    assert value(rows["warnings by a low one of 2 h"]) == 0
    assert value(rows["pressures told without a cuff"]) == 0
    assert rows["pressures told without a cuff"].count == "2984 updates"
