"""The deframer against a plain reading of the same stream, and against packets damaged after their CRC."""

import zlib
from collections.abc import Iterator

from bandwire.framing import CRC_BYTES, Deframer, encode_packet_into, packet_bytes
from fuzz import vectors
from fuzz.source import Source
from fuzz.tally import Tally

MAX_INPUT_BYTES = 160
_SIZES = (1, 8, 64, 300, 514)
_IS_DAMAGE = 0x80


def check(data: bytes, tally: Tally) -> None:
    """First byte: longest record, and whether the rest is a stream or a record with its damage."""
    source = Source(data)
    choice = source.byte()
    max_record_bytes = _SIZES[choice % len(_SIZES)]
    if choice & _IS_DAMAGE:
        _check_damage(source, max_record_bytes, tally)
    else:
        _check_stream(source, max_record_bytes, tally)


def _check_stream(source: Source, max_record_bytes: int, tally: Tally) -> None:
    chunk = source.byte() + 4
    stream = source.rest()
    deframer = Deframer(max_record_bytes)
    room = len(deframer._packet)
    found = [
        record
        for at in range(0, len(stream), chunk)
        for record in records_in(deframer, stream[at : at + chunk])
    ]
    expected = list(plain_records(stream, max_record_bytes))
    assert found == expected, (found, expected)
    refused = deframer.bad_crc + deframer.oversize + deframer.malformed + deframer.empty
    assert deframer.records == len(found)
    assert deframer.records + refused == stream.count(0)
    assert len(deframer._packet) == room == packet_bytes(max_record_bytes) - 1
    assert deframer._length <= room
    tally.add("accepted", deframer.records)
    tally.add("refused", refused)


def _check_damage(source: Source, max_record_bytes: int, tally: Tally) -> None:
    record = source.some(1 + source.below(max_record_bytes)) or b"\0"
    packet = packet_of(record)
    damaged = bytearray(packet)
    while not source.is_empty:
        _damage(damaged, source)
    deframer = Deframer(max_record_bytes)
    found = records_in(deframer, bytes(damaged) + b"\0")
    if damaged == packet:
        assert found == [record]
        return
    tally.add("damaged")
    tally.add("damaged_accepted", sum(other != record for other in found))
    tally.add("accepted", len(found))
    tally.add("refused", deframer.bad_crc + deframer.oversize + deframer.malformed)


def _damage(packet: bytearray, source: Source) -> None:
    """Change, drop, add or swap bytes; a packet may lose all of them."""
    way, at = source.below(4), source.below(len(packet) + 1)
    if way == 0:
        packet[at : at + 1] = bytes([packet[at] ^ source.byte()]) if at < len(packet) else b""
    elif way == 1:
        del packet[at : at + 1 + source.below(8)]
    elif way == 2:
        packet.insert(at, source.byte())
    else:
        packet[at : at + 2] = packet[at : at + 2][::-1]


def packet_of(record: bytes) -> bytes:
    """The packet of a record."""
    out = bytearray(packet_bytes(len(record)))
    return bytes(out[: encode_packet_into(bytearray(record) + bytes(CRC_BYTES), len(record), out)])


def records_in(deframer: Deframer, chunk: bytes) -> list[bytes]:
    """Feed a chunk; the records that are whole then."""
    deframer.feed(chunk)
    return [bytes(record) for record in iter(deframer.next_record, None)]


def plain_records(stream: bytes, max_record_bytes: int) -> Iterator[bytes]:
    """The records of a whole stream, read as the specification says it."""
    for packet in stream.split(b"\0")[:-1]:
        if len(packet) > packet_bytes(max_record_bytes) - 1:
            continue
        checked = _without_cobs(packet)
        record = checked[:-CRC_BYTES]
        if record and zlib.crc32(record) == int.from_bytes(checked[-CRC_BYTES:], "little"):
            yield record


def _without_cobs(packet: bytes) -> bytes:
    decoded, at = bytearray(), 0
    while at < len(packet):
        code = packet[at]
        if at + code > len(packet):
            return b""
        decoded += packet[at + 1 : at + code]
        at += code
        if code < 255 and at < len(packet):
            decoded.append(0)
    return bytes(decoded)


def seeds() -> Iterator[bytes]:
    """Packets of the golden frames whole and damaged, and streams of several."""
    packets = [packet_of(bytes(3) + frame) for frame in vectors.frames() if len(frame) < 500]
    for packet in packets:
        yield bytes([4, 60]) + packet
    yield bytes([3, 255]) + b"".join(packets[:4]) + b"\0\0" + packets[0][5:]
    for way in range(4):
        yield bytes([_IS_DAMAGE | 2, 20]) + bytes(range(21)) + bytes([way, 5, 3])
