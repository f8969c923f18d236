"""Samples out of FIFO bytes: the fast kernels on the band, the plain ones elsewhere.

`unpack_optical(source, samples, count)`: `count` big-endian words of 3 bytes, of which the low 18 bits
count (MAX30101 FIFO data), into `samples`, array('i').

`unpack_motion(source, samples, words) -> samples taken`: `words` FIFO words of 7 bytes, a tag and three
signed little-endian 16-bit numbers (LSM6DSO FIFO); those tagged as accelerometer go into `samples`,
array('h'), x, y, z in turn, the rest are passed over.
"""

import sys

if sys.implementation.name == "micropython":
    from drivers.unpack_viper import unpack_motion, unpack_optical
else:
    from drivers.unpack_plain import unpack_motion, unpack_optical

__all__ = ("unpack_motion", "unpack_optical")
