"""The fit of predictors never ends worse than it began, and keeps to what the encoder can sum."""

import numpy as np

from bandschema.predictors import TABLES
from fit import blocks


def _cost(table, lags, weights):
    return float(weights @ np.log2((lags @ blocks._factors(table).T).min(axis=1)))


def test_what_is_fitted_leaves_less_than_the_table_it_began_with():
    random, rows = np.random.default_rng(4), []
    for _ in range(60):
        y = np.zeros((600, 1))
        first, second = random.uniform(-0.4, 0.8), random.uniform(-0.5, 0.1)
        for step in range(2, 600):
            y[step] = first * y[step - 1] + second * y[step - 2] + random.normal(0, 30)
        rows += blocks._lags_of(np.cumsum(np.rint(y), axis=0).astype(np.int32))
    lags, weights = np.array(rows), np.full(len(rows), 1 / len(rows))
    table = np.array(TABLES[0], np.float64)
    anew = blocks.refined(table, lags, weights)
    assert _cost(anew, lags, weights) < _cost(table, lags, weights)
    assert (np.abs(anew).sum(axis=1) <= 124).all()
    assert anew[:3].tolist() == table[:3].tolist()


def test_a_flat_recording_gives_no_window():
    assert blocks._lags_of(np.full((1000, 3), 77, np.int32)) == []
