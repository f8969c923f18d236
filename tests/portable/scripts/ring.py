"""A ring that is filled, sent from and read again at random: prints what came out, as digests."""

import binascii
import hashlib

from lcg import Lcg

from bandwire.frames import HEADER_BYTES, KIND_SAMPLE_BLOCK, pack_header_into
from bandwire.numbering import Numbering
from bandwire.ring import FrameRing, RingReader


def take(source, lcg, digest):
    while lcg.below(3):
        length = source.peek()
        if length == 0:
            return
        digest.update(source.buffer[source.start : source.start + length])
        source.advance()


def run(capacity_bytes):
    lcg = Lcg(capacity_bytes)
    boots = iter(range(8, 20))
    numbering = Numbering(7, lambda: next(boots), 0xFFFFFF - 100)
    ring = FrameRing(capacity_bytes)
    reader = RingReader(ring)
    frame = bytearray(HEADER_BYTES + 60)
    live, again = hashlib.sha256(), hashlib.sha256()
    offered = 0
    for step in range(400):
        length = HEADER_BYTES + lcg.below(60)
        sequence = numbering.take()
        pack_header_into(frame, 0, KIND_SAMPLE_BLOCK, numbering.boot_id, sequence, step, 0, ring.drops & 0xFF)
        ring.append(frame, length)
        take(ring, lcg, live)
        if step % 7 == 0:
            offered += reader.begin(numbering.boot_id, max(0, sequence - lcg.below(30)), 1 + lcg.below(20))
        take(reader, lcg, again)
    print(capacity_bytes, ring.drops, ring.frame_count, ring.unsent_count, offered, reader.overwritten)
    for digest in (live, again):
        print(binascii.hexlify(digest.digest()).decode())


for capacity_bytes in (80, 200, 1000, 5000):
    run(capacity_bytes)
