"""A band and a host joined by packet carriers that refuse at random: prints what crossed, as digests."""

import binascii
import hashlib

from lcg import Lcg

from bandwire.bandlink import BandLink
from bandwire.events import EVENT_FRAME
from bandwire.frames import HEADER_BYTES, KIND_SAMPLE_BLOCK, pack_header_into
from bandwire.hostlink import HostLink
from bandwire.numbering import Numbering
from bandwire.outbox import FrameQueue


class CountingQueue(FrameQueue):
    """Counts what it refuses, as a band's queue does."""

    drops = 0

    def append(self, frame, length):
        if not self.push(frame, length):
            self.drops += 1


def append_block(queue, numbering, lcg, frame):
    length = HEADER_BYTES + 9 + lcg.below(150)
    for index in range(HEADER_BYTES, length):
        frame[index] = lcg.below(256)
    sequence = numbering.take()
    pack_header_into(frame, 0, KIND_SAMPLE_BLOCK, numbering.boot_id, sequence, 0, 0, queue.drops & 0xFF)
    queue.append(frame, length)


def pump(sender, receiver, lcg, record, packet_bytes, now_ms, wire, taken):
    while lcg.below(4):
        length = sender.next_record_into(record, packet_bytes, now_ms)
        if length == 0:
            return
        wire.update(record[:length])
        receiver.receive_record(memoryview(record)[:length], now_ms)
        event = receiver.next_event()
        while event is not None:
            taken.append(event)
            if event[0] == EVENT_FRAME:
                wire.update(bytes(event[1]))
            event = receiver.next_event()


def run(packet_bytes):
    lcg = Lcg(packet_bytes)
    numbering = Numbering(7, None)
    queue = CountingQueue(3000)
    band = BandLink(numbering, band_id=b"bandband", live=queue)
    host = HostLink(b"session1")
    frame = bytearray(256)
    record = bytearray(packet_bytes)
    wire = hashlib.sha256()
    taken = []
    for now_ms in range(0, 60000, 100):
        if now_ms % 800 == 0:
            append_block(queue, numbering, lcg, frame)
        if now_ms % 5000 == 0:
            host.request_time(0, 1000, now_ms)
        host.poll(now_ms)
        band.poll(now_ms)
        pump(host, band, lcg, record, packet_bytes, now_ms, wire, taken)
        pump(band, host, lcg, record, packet_bytes, now_ms, wire, taken)
    ledger = host.ledger
    kinds = [event[0] for event in taken]
    print(packet_bytes, "events", [kinds.count(kind) for kind in range(1, 10)])
    print(
        packet_bytes, "ledger", ledger.assigned, ledger.received, ledger.repaired, ledger.missing, queue.drops
    )
    print(packet_bytes, "digest", binascii.hexlify(wire.digest()).decode())


for packet_bytes in (20, 64, 244, 514):
    run(packet_bytes)
