"""The journal's flash: sectors that are erased as a whole, words that are programmed once in between.

Below it is MicroPython's block device with the extended interface (`os.AbstractBlockDev`). What a device does
when it fails differs: `zephyr.FlashArea` gives a number below 0 (ports/zephyr/zephyr_storage.c),
`esp32.Partition` raises (ports/esp32/esp32_partition.c). Here it is an OSError always.
"""

from errno import EINVAL, ENOENT

import micropython

SECTOR_BYTES = 4096
_SECTOR_COUNT = 4
_BLOCK_SIZE = 5
_ERASE_BLOCK = 6


class Flash:
    """`sector_count` sectors of a block device, at most `most_sectors`; OSError when its blocks are others.

    A read or a program of the whole of `buffer` allocates nothing; of a part of it, a view of that part.
    """

    def __init__(self, device, most_sectors):
        self._device = device
        if device.ioctl(_BLOCK_SIZE, 0) != SECTOR_BYTES:
            raise OSError(EINVAL)
        self.sector_count = min(device.ioctl(_SECTOR_COUNT, 0), most_sectors)

    @micropython.native
    def read_into(self, sector, offset, buffer, start, count):
        """Fill `count` bytes of `buffer` from `start` on; OSError when the medium fails."""
        _check(self._device.readblocks(sector, _part(buffer, start, count), offset))

    @micropython.native
    def program(self, sector, offset, buffer, start, count):
        """Clear bits as `count` bytes of `buffer` from `start` on say; OSError when the medium fails.

        `offset` and `count` are multiples of 4, the words are erased, and all within one sector.
        """
        _check(self._device.writeblocks(sector, _part(buffer, start, count), offset))

    def erase(self, sector):
        """Set all bytes of a sector to 0xFF; OSError when the medium fails."""
        _check(self._device.ioctl(_ERASE_BLOCK, sector))


def key_sector(flash):
    """The sector that holds the key under which the others are sealed, and nothing else (`journal.seal`)."""
    return flash.sector_count - 1


def open_flash(board):
    """The flash that a board's profile names; None where there is none of that name, or none that works."""
    try:
        return find_flash(board)
    except OSError:  # the band does without
        return None


def find_flash(board):
    """The same; OSError when there is one that does not work."""
    try:
        device = _open_device(board.JOURNAL_DEVICE, board.JOURNAL_AREA)
    except (ImportError, KeyError, ValueError):  # no such module or name
        return None
    except OSError as error:
        if error.errno == ENOENT:  # what `esp32.Partition` says of a name that it does not know
            return None
        raise
    return Flash(device, board.JOURNAL_SECTORS)


def _open_device(kind, name):
    if kind == "esp32":
        from esp32 import Partition

        return Partition(name)
    from zephyr import FlashArea

    return FlashArea(*FlashArea.areas[name])


def _part(buffer, start, count):
    if count == len(buffer):
        return buffer
    return memoryview(buffer)[start : start + count]


def _check(status):
    if status:
        raise OSError(-status)
