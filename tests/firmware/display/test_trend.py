"""The trend line shows the last four minutes and nothing that was not measured."""

import pytest

from bandwire.frames import CAUSE_MOTION
from display.trend import POINTS, Trend

LEFT, TOP, HEIGHT = 80, 55, 9


@pytest.fixture
def lit(fresh_stage):
    """Draws a trend of heart rates (None = not valid); gives the lit pixels as (x, y)."""

    def draw(rates):
        trend = Trend(0, 100)
        for rate in rates:
            if rate is None:
                fresh_stage.table.withhold(0, CAUSE_MOTION)
            else:
                fresh_stage.table.set(0, rate, 80)
            trend.collect(fresh_stage.table)
        canvas = fresh_stage.screen._canvas
        canvas.clear()
        trend.draw(canvas, LEFT, TOP, HEIGHT)
        return {
            (x, y) for x in range(128) for y in range(64) if canvas.buffer[(y >> 3) * 128 + x] >> (y & 7) & 1
        }

    return draw


def test_a_steady_value_is_a_level_line_in_the_middle(lit):
    pixels = lit([720] * POINTS)
    assert {y for _, y in pixels} == {TOP + HEIGHT // 2}
    assert {x for x, _ in pixels} == set(range(LEFT, LEFT + 2 * POINTS - 1))


def test_a_rise_goes_from_the_lowest_row_to_the_highest(lit):
    pixels = lit(range(600, 600 + 20 * POINTS, 20))
    assert {(LEFT, TOP + HEIGHT - 1), (LEFT + 2 * POINTS - 2, TOP)} <= pixels
    assert {y for _, y in pixels} == set(range(TOP, TOP + HEIGHT))


def test_noise_within_the_least_span_stays_small(lit):
    assert len({y for _, y in lit([720, 725] * (POINTS // 2))}) <= 2


def test_what_is_not_valid_leaves_a_gap(lit):
    columns = {x for x, _ in lit([720] * 8 + [None] * 8 + [720] * 8)}
    assert not columns & set(range(LEFT + 2 * 8 - 1, LEFT + 2 * 16))


@pytest.mark.parametrize(
    "rates", [[250, 2400] * 12, [2400] * 24, [250] * 24, [None] * 24, [2400, 250, None] * 8]
)
def test_it_stays_within_its_box(lit, rates):
    box = {(x, y) for x in range(LEFT, LEFT + 2 * POINTS - 1) for y in range(TOP, TOP + HEIGHT)}
    assert lit(rates) <= box


def test_only_the_newest_points_are_kept(lit):
    assert lit([300] * 5 + [720] * POINTS) == lit([720] * POINTS)
