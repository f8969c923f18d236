"""A small part of each table of `make bench-link`: what is lost comes again here, and the floor loses it."""

from dataclasses import replace

import numpy as np
import pytest

from bench.document import DOCUMENT, with_figures
from bench_link import accounting, beside, catch_up, cuts, loss, times
from bench_link.__main__ import TABLES, main
from bench_link.beside import NOT_STATED, Measured
from bench_link.sizes import Sizes
from soak.life import PROFILES

TINY = Sizes(
    seeds=(4,),
    life_h=0.03,
    recorded_s=60.0,
    losses=((0.0, 0.0), (0.05, 240.0)),
    offline_h=(0.03,),
    streamed_h=0.03,
    band_stride=2100,
    host_stride=300,
    clocks=3,
)


@pytest.fixture(scope="module")
def measured() -> Measured:
    return beside.measured(TINY)


def test_nothing_is_lost_over_a_bad_link_but_without_repair(measured):
    clean, bad = (row.found for row in measured.losses)
    assert clean.lost_share == bad.lost_share == 0
    assert clean.floor_lost_share < bad.floor_lost_share
    assert bad.bad_share > 0.01
    assert bad.statistics.connections > 1
    assert clean.stored_bytes < clean.band_bytes < 2 * clean.stored_bytes


def test_a_host_that_was_away_catches_up_and_so_does_an_empty_store(measured):
    away, empty = measured.catch_ups
    assert (away.stored, empty.stored) == (away.made, empty.made)
    assert 0 < away.repaired < empty.repaired
    # No faster than the line carries; the transmit buffer may be full besides.
    assert empty.bytes < (empty.seconds + 1) * catch_up.LINE_BYTES_A_SECOND


def test_after_a_cut_the_store_is_whole_and_the_cost_is_told(measured):
    for row in measured.cuts:
        assert row.cuts.unequal == []
        assert len(row.cuts.comebacks) == row.cuts.done > 0
        assert row.cuts.in_turn < row.cuts.frames
        median, most = row.of("seconds")
        assert 0 < median <= most < 10


def test_a_life_is_accounted_for(measured):
    (life,) = measured.lives
    assert life.account.stored + life.account.lost == life.account.made
    assert life.in_turn > life.again
    assert 0 <= accounting.floor_lost_share(measured.lives) < 1


def test_one_offset_is_further_off_the_longer_it_is_held(measured):
    for row in measured.times:
        assert np.max(row.ours.error_ms) < np.max(row.floor.error_ms)
    by_case = {row.case: np.max(row.floor.error_ms) for row in measured.times if row.link == "serial"}
    # 50 ppm of eight hours, less what the crystal makes of temperature.
    assert by_case[times.OFFLINE] == pytest.approx(1440, rel=0.3)


def test_the_table_beside_others_has_a_row_for_each_measure_and_names_what_is_not_stated(measured):
    table = beside.table(measured)
    cells = [list(column.cells) for column in table.columns]
    assert len(cells) == 6
    assert len(cells[0]) == len(set(cells[0])) == table.row_count
    assert NOT_STATED not in cells[1]
    for stated in cells[3:]:
        assert NOT_STATED in stated
        assert any(cell != NOT_STATED for cell in stated)
    for tables in (
        accounting.table(measured.lives),
        accounting.times_table(measured.lives),
        loss.table(measured.losses),
        catch_up.table(measured.catch_ups),
        cuts.table(measured.cuts),
        times.table(measured.times),
    ):
        assert tables.row_count > 0


def test_a_life_that_is_not_right_is_told(measured, monkeypatch):
    life = replace(measured.lives[0], statistics=None)
    monkeypatch.setattr(accounting, "live", lambda *_, **__: life)
    with pytest.raises(RuntimeError, match="seed 4 is not right: no host came to its end"):
        accounting.measure(replace(TINY, life_h=1.0))
    assert accounting.PROFILE in PROFILES


@pytest.mark.parametrize("name", TABLES)
def test_the_document_has_a_part_for_each_table(name):
    text = DOCUMENT.read_text("utf-8")
    assert with_figures(text, f"link-{name}", "new") != text


def test_a_name_that_is_no_table_is_refused(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["everything"])
    assert "got everything" in capsys.readouterr().err
