"""MicroPython only: bytes that the heap grows by while frames go from the queue to the wire and back."""

import gc

from bandwire.bandlink import BandLink
from bandwire.frames import (
    KIND_SAMPLE_BLOCK,
    pack_header_into,
    pack_sample_block_into,
)
from bandwire.hostlink import HostLink
from bandwire.numbering import Numbering
from bandwire.outbox import FrameQueue
from bandwire.serial import SerialCarrier

FRAMES = 1000
FRAME_BYTES = 200


class LiveQueue(FrameQueue):
    """A source of live frames."""

    drops = 0


def connect(band, host):
    for sender, receiver in ((host, band), (band, host)):
        while sender.fill(0):
            receiver.receive(bytes(sender.output[sender.output_start : sender.output_stop]), -1, 0)
            sender.sent(sender.output_stop - sender.output_start)
            while receiver.next_event(0):
                pass


def append(queue, numbering, frame, now_ms):
    """A frame, in place of the oldest one when the queue is full."""
    sequence = numbering.take()
    pack_header_into(frame, 0, KIND_SAMPLE_BLOCK, numbering.boot_id, sequence, now_ms, 0, 0)
    pack_sample_block_into(frame, 0, 1, 0, 20, sequence)
    if not queue.push(frame, FRAME_BYTES):
        queue.advance()
        queue.push(frame, FRAME_BYTES)


def send(band):
    """All that waits, as packets; how many records."""
    records = 0
    while band.fill(0):
        band.sent(band.output_stop - band.output_start)
        records += 1
    return records


def pull(link, record, max_bytes):
    records = 0
    while link.next_record_into(record, max_bytes, 0):
        records += 1
    return records


def measure_append(queue, numbering, frame):
    gc.collect()
    before = gc.mem_alloc()
    for now_ms in range(FRAMES):
        append(queue, numbering, frame, now_ms)
    return gc.mem_alloc() - before


def measure_pull(link, queue, numbering, frame, record, max_bytes):
    records = 0
    gc.collect()
    before = gc.mem_alloc()
    for now_ms in range(FRAMES):
        append(queue, numbering, frame, now_ms)
        records += pull(link, record, max_bytes)
    return gc.mem_alloc() - before, records


def measure_serial(band, queue, numbering, frame):
    records = 0
    gc.collect()
    before = gc.mem_alloc()
    for now_ms in range(FRAMES):
        append(queue, numbering, frame, now_ms)
        records += send(band)
    return gc.mem_alloc() - before, records


def measure_receive(band, packets):
    gc.collect()
    before = gc.mem_alloc()
    for packet in packets:
        band.receive(packet, len(packet), 0)
        while band.next_event(0):
            pass
    return gc.mem_alloc() - before


def commands(host):
    packets = []
    for number in range(100):
        host.link.confirm_stored(7, number, 1)
        host.fill(0)
        packets.append(bytes(host.output[host.output_start : host.output_stop]))
        host.sent(len(packets[-1]))
    return packets


def main():
    gc.disable()
    numbering = Numbering(7, None)
    queue = LiveQueue(4096)
    band = SerialCarrier(BandLink(numbering, band_id=bytes(8), live=queue), 256)
    host = SerialCarrier(HostLink(b"session1"), 256)
    connect(band, host)
    frame = bytearray(FRAME_BYTES)
    record = bytearray(256)
    print("append", measure_append(queue, numbering, frame) / FRAMES)
    pull(band.link, record, 256)
    for max_bytes in (20, 64, 244):
        grown, records = measure_pull(band.link, queue, numbering, frame, record, max_bytes)
        print("pull", max_bytes, grown / records)
    grown, records = measure_serial(band, queue, numbering, frame)
    print("serial", grown / records)
    packets = commands(host)
    print("receive", measure_receive(band, packets) / len(packets))


main()
