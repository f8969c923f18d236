"""Records written and read again, with losses and repeats: prints what the reader made of them."""

from lcg import Lcg

from bandwire.frames import ROLE_BAND
from bandwire.record import CLASS_LIVE, CONTENT_FRAMES, RecordReader, RecordWriter


class Xor:
    """The least seal that depends on counter and direction; for tests only."""

    overhead = 1

    def seal_into(self, record, length, counter, sender):
        record[length] = self._tag(record, length, counter, sender)
        return length + 1

    def open_into(self, record, counter, sender, opened):
        end = len(record) - 1
        opened[:end] = record[:end]
        return end if record[end] == self._tag(record, end, counter, sender) else 0

    def _tag(self, record, length, counter, sender):
        tag = counter ^ counter >> 8 ^ counter >> 16 ^ sender
        for index in range(length):
            tag = tag * 31 + record[index] & 0xFF
        return tag & 0xFF


def run(seal):
    lcg = Lcg(5)
    writer = RecordWriter(ROLE_BAND)
    reader = RecordReader(ROLE_BAND, True)
    record = bytearray(32)
    reader.open(record[: writer.close_hello(record, 10, CONTENT_FRAMES)])
    reader.restart()
    writer.seal = reader.seal = seal
    outcomes = {}
    for _ in range(70000):
        lcg_fate = lcg.below(64)
        length = writer.close(record, 10, CONTENT_FRAMES, CLASS_LIVE)
        for _ in range(min(lcg_fate, 1) + lcg_fate // 63):
            outcome = reader.open(record[:length])
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
    print(sorted(outcomes.items()), reader.lost_records, reader.counter)


run(None)
run(Xor())
print("both read")
