"""The fit for filtered sensors leaves less of a smooth signal than the table that it begins beside."""

import numpy as np

from bandschema.predictors import TABLES
from fit import filtered

RAW = np.array(TABLES[0], np.int64)


def smooth_windows(count, random):
    """Windows of the differences of noise through a long moving average, twice."""
    noise = random.normal(0, 4000, (count, 400))
    kernel = np.ones(12) / 12
    rows = [np.convolve(np.convolve(row, kernel, "valid"), kernel, "valid") for row in noise]
    return np.rint(np.array(rows)[:, :200]).astype(np.int64)


def test_a_table_in_64ths_leaves_less_of_smooth_signals_than_that_of_raw_sensors():
    random = np.random.default_rng(2)
    table = filtered.fitted([smooth_windows(40, random), smooth_windows(60, random)], 6, random)
    assert table.shape == RAW.shape
    unseen = smooth_windows(40, random)
    assert filtered.bits_of(unseen, table, 6) < filtered.bits_of(unseen, RAW, 4)


def test_of_a_constant_slope_nothing_is_left_but_the_ones_and_one_bit_of_remainder():
    windows = np.full((3, 200), 7, np.int64)
    assert filtered.bits_of(windows, RAW, 4) == 2.0


def test_a_recording_shorter_than_a_window_gives_none():
    short = np.zeros((150, 2), np.int64)
    assert filtered._windows([short], np.random.default_rng(0)).shape == (0, 200)
