"""Run by MicroPython: a worn band's files on LittleFS, and a wipe of them, power going at some operations.

on_littlefs.py FIRMWARE_DIR ROUNDS BLOCK_BYTES CUT...: after ROUNDS of writing, where the files lie in a
folder of their own unless BLOCK_BYTES is 0. A cut is a number of operations of the flash from the start of
one wipe. Prints, as numbers: places of what is searched for before and after the wipe, and operations of a
wipe that was not cut.
"""

import os
import sys

import vfs

sys.path[:0] = [sys.argv[1]]
sys.modules["machine"] = vfs

from hal import wiping  # noqa: E402
from hal.handover import Handover  # noqa: E402
from hal.slots import Slots  # noqa: E402

BLOCK_BYTES = 4096
BLOCKS = 24
MARK = b"\xd5MARKED\xd5"
OFF = -5
"""EIO: LittleFS gives up whatever it does."""
ROOT = "/flash"
FOLDER = "kept/"


class Flash:
    """What is erased is ones. The operation in which power goes is half done, and none after it."""

    def __init__(self, content):
        self.content = content
        self.operations = 0
        self.cut_at = 0

    def readblocks(self, block, buffer, offset=0):
        if self.is_off:
            return OFF
        at = block * BLOCK_BYTES + offset
        buffer[:] = self.content[at : at + len(buffer)]
        return 0

    def writeblocks(self, block, buffer, offset=0):
        return self._change(block * BLOCK_BYTES + offset, buffer)

    def ioctl(self, operation, block):
        if operation == 6:
            return self._change(block * BLOCK_BYTES, b"\xff" * BLOCK_BYTES)
        return {4: BLOCKS, 5: BLOCK_BYTES}.get(operation, 0)

    @property
    def is_off(self):
        return 0 < self.cut_at <= self.operations

    def _change(self, at, content):
        if self.is_off:
            return OFF
        self.operations += 1
        count = len(content) // 2 if self.is_off else len(content)
        self.content[at : at + count] = content[:count]
        return OFF if self.is_off else 0

    def places_of(self, mark):
        count = at = 0
        while (at := self.content.find(mark, at) + 1) > 0:
            count += 1
        return count


def mount(flash):
    vfs.mount(vfs.VfsLfs2(flash), ROOT)
    os.chdir(ROOT)


def unmount():
    os.chdir("/")
    vfs.umount(ROOT)


class AnyRecord(Slots):
    """A record of a kind, in which the mark stands."""

    def __init__(self, kind, folder):
        Slots.__init__(self, folder)
        self.NAME, self.MAGIC, self.FORMAT = kind.NAME, kind.MAGIC, kind.FORMAT


def wear(folder, rounds):
    """Records short and long, many times over, as a band in use keeps them."""
    kinds = [AnyRecord(kind, folder) for kind in wiping.WIPED_SLOTS]
    handover = Handover(folder)
    handover.band_id = MARK
    handover.note_worn()
    for turn in range(rounds):
        for number, kind in enumerate(kinds):
            kind.keep(MARK * (1 + (number * 7 + turn) % 60))
        handover.write()
    with open(folder + wiping.LAST_WORDS_FILE, "wb") as file:
        file.write(MARK)
    handover.begin_wipe(1)


def start(folder, block_bytes):
    """As a start that finds the mark."""
    handover = Handover(folder)
    if handover.is_wiping:
        wiping.wipe(handover, None, lambda: None, folder, block_bytes)


def run(rounds, block_bytes, cuts):
    flash = Flash(bytearray(b"\xff" * (BLOCK_BYTES * BLOCKS)))
    vfs.VfsLfs2.mkfs(flash)
    mount(flash)
    folder = FOLDER if block_bytes else ""
    if folder:
        os.mkdir(folder[:-1])
    wear(folder, rounds)
    free = os.statvfs("")[3]
    before = flash.places_of(MARK)
    for cut in cuts:
        flash.cut_at = flash.operations + cut
        try:
            start(folder, block_bytes)
        except OSError:
            assert flash.is_off
        unmount()
        flash = Flash(flash.content)
        mount(flash)
    begun = flash.operations
    start(folder, block_bytes)
    print(before, flash.places_of(MARK), flash.operations - begun)
    handover = Handover(folder)
    assert (handover.is_wiping, handover.count) == (False, 1)
    kept = [kind.NAME + slot for kind in wiping.WIPED_SLOTS for slot in "01"]
    kept.extend([Handover.NAME + "0", Handover.NAME + "1", wiping.LAST_WORDS_FILE])
    assert sorted(os.listdir(folder or ".")) == sorted(kept)
    assert os.statvfs("")[3] >= free - 2


run(int(sys.argv[2]), int(sys.argv[3]), [int(cut) for cut in sys.argv[4:]])
