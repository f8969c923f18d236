"""Drivers of the band's chips: raw counts out, OSError on any fault, no policy, no clock.

Every driver takes a bus object with the methods of `machine.I2C`, checks the chip's identity when
it is constructed (OSError ENODEV when it is another chip), owns its buffers, and allocates nothing
in the methods called while sampling. `start` may be called again at any time, after a fault too.
"""
