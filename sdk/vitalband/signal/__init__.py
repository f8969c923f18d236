"""What the band's signal processing computes, in NumPy: the oracles of its tests.

Each module states one stage over whole recordings, with shapes and units, for whoever wants to read, check or
re-use it; the band's own streaming code is held against it by property tests, integer by integer where both
compute in integers.
"""
