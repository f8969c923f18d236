"""Bodies of runs that the band's writer makes of readings by chance, and what the heap grows by meanwhile."""

import gc
from binascii import hexlify

from lcg import Lcg

from bandwire.catalogue import READING_COUNT, READINGS
from bandwire.frames import HEADER_BYTES, NO_VALUE
from bandwire.vitals_run import RunWriter

UPDATES = 300
EVERY_GROUP = 0x3FF


class Table:
    """Readings that go on by small steps, and now and then begin afresh."""

    def __init__(self):
        self.contact = 2
        self._chance = Lcg(5)
        self._codes = bytearray(3 * READING_COUNT)
        self._raw = [NO_VALUE] * READING_COUNT

    def change(self):
        """The next update."""
        below = self._chance.below
        self.contact = below(4) if below(20) == 0 else self.contact
        for index in range(READING_COUNT):
            what = below(40)
            if what == 0:
                self._begin(index, below(4))
            elif what < 12 and self._raw[index] != NO_VALUE:
                row = READINGS[index]
                self._raw[index] = min(max(self._raw[index] + below(41) - 20, row[4]), row[5])
                self._codes[3 * index + 1] = below(101) if what < 4 else self._codes[3 * index + 1]

    def _begin(self, index, validity):
        row = READINGS[index]
        has_value = validity in (1, 2)
        self._raw[index] = row[4] + self._chance.below(min(row[5] - row[4], 65535)) if has_value else NO_VALUE
        self._codes[3 * index] = validity
        self._codes[3 * index + 1] = self._chance.below(101) if has_value else 0
        self._codes[3 * index + 2] = 0 if validity == 1 else self._chance.below(15)

    def raw(self, index):
        return self._raw[index]

    def validity(self, index):
        return self._codes[3 * index]

    def quality(self, index):
        return self._codes[3 * index + 1]

    def cause(self, index):
        return self._codes[3 * index + 2]


def main():
    table = Table()
    writer = RunWriter(table, 241)
    writer.choose(EVERY_GROUP)
    allocated = getattr(gc, "mem_alloc", lambda: 0)
    grown = 0
    for number in range(UPDATES):
        table.change()
        ticks_ms = 2000 * number + number % 7
        low, high = ticks_ms & 0xFFFF, ticks_ms >> 16
        before = allocated()
        is_added = writer.add(low, high)
        grown += allocated() - before
        if not is_added:
            last = writer.ticks_high << 16 | writer.ticks_low
            print(last, hexlify(bytes(writer.buffer[HEADER_BYTES : writer.close()])).decode())
            writer.add(low, high)
    print("grown", grown)


main()
