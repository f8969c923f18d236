"""What the link and the journal cost and what they save: `make bench-link`.

    (in tools) python -m bench_link [--document] [NAME ...]

The real firmware in virtual time, the real SDK, the faults and the truth of the soak; clocks by `bench.time`.
One module a table, listed in `__main__`. The naive floor is the same link with no repair: what does not come
in turn stays lost; and of times, one offset taken at connect.
"""
