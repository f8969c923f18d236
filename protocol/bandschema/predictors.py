"""The predictors of compressed blocks: part of the format, so a table once given out never changes.

A predictor is four integers in sixteenths: how much each of the last four mixed differences counts in
the guess of the next one. A block names its table by a number of two bits, and of each channel the
predictor by one of five. What another fit would gain is told by `tools/fit/results/blocks.json`, and
what a second table would gain for sensors that filter, by `tools/fit/results/filtered.json`.
"""

PREDICTOR_COUNT = 32
ORDER = 4

Predictor = tuple[int, int, int, int]

TABLES: dict[int, tuple[Predictor, ...]] = {
    0: (
        (0, 0, 0, 0), (16, 0, 0, 0), (32, -16, 0, 0), (45, -49, 25, -5),
        (36, -22, -3, 4), (34, -29, 12, -3), (27, -28, 16, -8), (26, -9, -6, 3),
        (22, 0, -8, 1), (20, -12, 4, -1), (19, -18, 9, -6), (19, -4, -3, 1),
        (14, -5, 0, -2), (14, -11, 4, -3), (13, 9, -1, -7), (12, -5, 4, -1),
        (11, 3, 0, -3), (10, -8, 3, -6), (9, -2, -1, 0), (6, 7, 3, -3),
        (5, -6, 0, -2), (5, 2, 3, -2), (5, -1, -1, -6), (3, -2, 3, 0),
        (1, 6, 5, 1), (-2, -8, -2, -2), (-4, -2, 2, 1), (-4, 1, 9, 3),
        (-4, 3, 4, 3), (-4, -4, -3, -2), (-8, -4, -3, -2), (-12, -9, -4, -2),
    ),
}  # fmt: skip
"""Number of a table -> its predictors by number. 0 serves what a sensor gives as it is."""
