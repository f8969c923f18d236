"""Erases all that the band keeps of whoever wears it, at a start that finds this marked (`hal.handover`).

What is erased is listed here, and nowhere else: whoever has the firmware keep something more adds it, or a
test fails (`tests/firmware/app/test_wiping.py`). It runs before anything of what is kept is read, so that
nothing of it comes to lie in RAM again.
"""

import gc
import os
from errno import EIO

from micropython import const

from hal.bonds import Bonds
from hal.comeback import LAST_WORDS_FILE
from hal.entropy import Entropy
from hal.flash import SECTOR_BYTES, key_sector
from hal.host_keys import HostKeys
from hal.slots import wipe_slots
from hal.storage import Storage
from hal.terms import TermsSlots

WIPED_SLOTS = (HostKeys, Entropy, Bonds, Storage, TermsSlots)
"""Kinds of records, keys first: they open what else was kept. The journal's key goes before them."""
WIPED_FILES = (LAST_WORDS_FILE,)

_READ_BYTES = 256
_ERASED = 0xFF
_LEAST_BYTES = 16
"""A block of MicroPython's heap on ports of 32 bits."""


_INLINE_BYTES = const(96)
"""What LittleFS keeps of a file in the log of its folder is less than its cache, four times what is
programmed at once: 32 bytes by `extmod/vfs_lfs.c` of MicroPython 1.25.0."""
_FILLED_BYTES = const(512)
_FILLER = "filler"
_ENOSPC = const(28)
"""`LFS_ERR_NOSPC`; MicroPython's `errno` has no name for it."""


def wipe(handover, flash, feed, folder="", block_bytes=0):
    """Erase it all and end the wipe; `flash` may be None, `feed()` is called at least once a sector.

    `block_bytes` are those of the LittleFS that keeps `folder`, 0 where the files lie on something else.
    OSError when a medium fails, or still holds what was erased: the wipe is not over then.
    """
    overwrite_free_heap()
    if flash is not None:
        _erase(flash, key_sector(flash), feed)
    for kind in WIPED_SLOTS:
        wipe_slots(kind, folder)
    for name in WIPED_FILES:
        with open(folder + name, "wb"):
            pass
    if flash is not None:
        for sector in range(key_sector(flash)):
            _erase(flash, sector, feed)
    if block_bytes:
        # Neither of its files may name the wearer's band while their folder is written over.
        handover.write()
        handover.write()
        _turn_logs(folder, block_bytes, feed)
        _fill(folder, feed)
    handover.end_wipe()


def overwrite_free_heap():
    """Set what is free of the heap to zeros: a reset leaves in RAM what lay there, and so does collecting."""
    gc.collect()
    held = []
    size = gc.mem_free()
    while size >= _LEAST_BYTES:
        try:
            held.append(bytearray(size))
        except MemoryError:  # no gap is that long
            size //= 2


def _erase(flash, sector, feed):
    """Erase a sector, and read it back: a part that fails may take an erase and keep what it had."""
    buffer = bytearray(_READ_BYTES)
    blank = bytes((_ERASED,)) * _READ_BYTES
    flash.erase(sector)
    for offset in range(0, SECTOR_BYTES, _READ_BYTES):
        flash.read_into(sector, offset, buffer, 0, _READ_BYTES)
        if buffer != blank:
            raise OSError(EIO)
    feed()


def _turn_logs(folder, block_bytes, feed):
    """Have LittleFS erase both blocks of each log of the folder, where small files and their pasts lie.

    It adds to one block until that is full, and then begins the other anew with what is in force. A long
    folder has several logs, in the order of names: so much is added by each file that its own is full twice.
    The mark's files lie among these by their names, and are too short to have one for themselves.
    """
    zeros = bytes(_INLINE_BYTES)
    for kind in WIPED_SLOTS:
        for slot in range(2):
            for _ in range(2 * block_bytes // _INLINE_BYTES + 1):
                with open(folder + kind.NAME + str(slot), "wb") as file:
                    file.write(zeros)
            feed()
        wipe_slots(kind, folder)


def _fill(folder, feed):
    """Write over all that is free, of files and logs that were given up."""
    zeros = bytes(_FILLED_BYTES)
    try:
        with open(folder + _FILLER, "wb") as file:
            while True:
                file.write(zeros)
                feed()
    except OSError as error:
        if error.errno != _ENOSPC:
            raise
    os.remove(folder + _FILLER)
