"""The part of the zephyr port's `zephyr` that the firmware uses: a partition of flash, in the conductor.

As there (ports/zephyr/zephyr_storage.c), a call that fails gives a number below 0 and raises nothing.
"""

import channel
import micropython
from channel import exchange

_BLOCK_BYTES = 4096
_BLOCK_COUNT = 4
_BLOCK_SIZE = 5
_ERASE_BLOCK = 6
_COUNT_SHIFT = 16


class FlashArea:
    """The flash, whichever area is asked for; `areas` names it."""

    areas = {"journal": (1, _BLOCK_BYTES)}

    def __init__(self, id, block_size):
        self._block_count = exchange(channel.FLASH_SIZE, 0, 0, 0)

    @micropython.native
    def readblocks(self, block_num, buf, offset=0):
        """Fill `buf` from `offset` of a block on."""
        place = channel.byte_count(buf) << _COUNT_SHIFT | offset
        return min(0, exchange(channel.FLASH_READ, 0, block_num, place, None, buf))

    def writeblocks(self, block_num, buf, offset=None):
        """Program `buf` from `offset` of a block on; without one, erase the block first."""
        if offset is None:
            exchange(channel.FLASH_ERASE, 0, block_num, 0)
            offset = 0
        return exchange(channel.FLASH_PROGRAM, 0, block_num, offset, buf)

    def ioctl(self, cmd, arg):
        """Size, number and erasing of blocks."""
        if cmd == _ERASE_BLOCK:
            return exchange(channel.FLASH_ERASE, 0, arg, 0)
        if cmd == _BLOCK_COUNT:
            return self._block_count
        return _BLOCK_BYTES if cmd == _BLOCK_SIZE else -1
