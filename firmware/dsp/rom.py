"""Constant tables where they are: kernels read the bytes in flash, the plain versions an array of them."""

import sys
from array import array

_ARMV7M_KINDS = (5, 6, 7, 8)
"""Native architectures of `.mpy` files (`MP_NATIVE_ARCH_...` of py/persistentcode.h in MicroPython 1.25.0)
that are ARMv7-M: their loads of 16 and 32 bits need no alignment (tried on the emulated Cortex-M4F only).
"""

if sys.implementation.name == "micropython":
    import micropython

    @micropython.viper
    def _address_of(data: ptr8) -> int:
        return int(data) & 0x3FFFFFFF

    def table(kind, data):
        """Integers of an array's `kind` in `data`, for kernels only; copied where loads must be aligned."""
        is_aligned = _address_of(data) & 3 == 0
        if is_aligned or getattr(sys.implementation, "_mpy", 0) >> 10 & 15 in _ARMV7M_KINDS:
            return data
        return array(kind, data)
else:

    def table(kind, data):
        """Integers of an array's `kind` in `data`, for kernels only."""
        return array(kind, data)
