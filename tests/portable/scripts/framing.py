"""Packets of random records, noise and any chunking: prints digests and counters."""

import binascii
import hashlib

from lcg import Lcg

from bandwire.framing import Deframer, encode_packet_into, packet_bytes
from bandwire.moving import cobs_decode_in_place, cobs_encode_into, copy_into, find_zero
from bandwire.moving_plain import cobs_decode_in_place as plain_decode
from bandwire.moving_plain import cobs_encode_into as plain_encode
from bandwire.moving_plain import copy_into as plain_copy
from bandwire.moving_plain import find_zero as plain_find

MAX_RECORD_BYTES = 300


def fill_sparsely(lcg, buffer):
    """Bytes with runs of zeros and runs without any, of all lengths around COBS's 254."""
    zeros_in_16 = lcg.below(17) * lcg.below(2)
    for index in range(len(buffer)):
        buffer[index] = 0 if lcg.below(16) < zeros_in_16 else 1 + lcg.below(255)


def stream_of(lcg, count):
    stream = bytearray()
    packet = bytearray(packet_bytes(MAX_RECORD_BYTES))
    for _ in range(count):
        length = 1 + lcg.below(MAX_RECORD_BYTES)
        record = bytearray(length + 4)
        fill_sparsely(lcg, record)
        written = encode_packet_into(record, length, packet)
        fate = lcg.below(8)
        if fate == 0:
            packet[lcg.below(written - 1)] ^= 1 + lcg.below(255)
        elif fate == 1:
            noise = bytearray(lcg.below(700))
            lcg.fill(noise)
            stream += noise
        elif fate == 2:
            written -= lcg.below(written)
        stream += packet[:written]
    return stream


def run(seed):
    lcg = Lcg(seed)
    stream = stream_of(lcg, 60)
    deframer = Deframer(MAX_RECORD_BYTES)
    found = hashlib.sha256()
    at = 0
    while at < len(stream):
        count = 1 + lcg.below(400)
        deframer.feed(stream[at : at + count])
        at += count
        record = deframer.next_record()
        while record is not None:
            found.update(record)
            record = deframer.next_record()
    print(seed, binascii.hexlify(found.digest()).decode(), deframer.records)
    print(deframer.bad_crc, deframer.oversize, deframer.malformed, deframer.empty)


def same_moves(seed):
    """Whether the moves used here do what the plain ones do."""
    lcg = Lcg(seed)
    source = bytearray(lcg.below(900))
    fill_sparsely(lcg, source)
    length = len(source)
    ours, plain = bytearray(length + 8), bytearray(length + 8)
    written = cobs_encode_into(source, length, ours)
    assert written == plain_encode(source, length, plain)
    assert ours == plain
    assert ours[:written].find(b"\0") < 0
    assert cobs_decode_in_place(ours, written) == plain_decode(plain, written) == length
    assert ours == plain
    assert ours[:length] == source
    start = lcg.below(length + 1)
    assert find_zero(source, start, length) == plain_find(source, start, length)
    copy_into(ours, 0, ours, start, length - start)
    plain_copy(plain, 0, plain, start, length - start)
    assert ours == plain
    if length:
        fill_sparsely(lcg, source)
        broken = bytearray([byte or 255 for byte in source])
        other = bytearray(broken)
        assert cobs_decode_in_place(broken, length) == plain_decode(other, length)
        assert broken == other


for seed in range(20):
    run(seed)
for seed in range(200):
    same_moves(seed)
print("moves agree")
