"""Sizes, costs and rates of the codec on recordings, beside other formats: `make bench-codec`.

    (in tools) python -m bench_codec [--data DIR] [--document] [NAME ...]

Recordings are read from a data folder and never kept. One module a table, listed in `__main__`.
"""
