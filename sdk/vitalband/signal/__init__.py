"""What the band's signal processing computes, in NumPy and floating point: the oracles of its tests.

Each module states one stage as its source does, with shapes and units, for whoever wants to read, check or
re-use it; the band's own integers are held against it by property tests.
"""
