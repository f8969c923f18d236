"""Decodes the vitals frames of a file, and packs them again; prints frames a second as JSON.

frames_per_second.py FILE, where each frame stands behind its length (u16, little-endian). All frames are
compared; the first of them are timed, so few that the collector has as little to mark as on a band.
"""

import gc
import json
import sys
import time

from bandwire.frames import (
    MAX_FRAME_BYTES,
    pack_header_into,
    pack_vitals_into,
    pack_vitals_item_into,
    unpack_header,
    unpack_vitals,
    unpack_vitals_item,
    vitals_item_count,
)

_ROUNDS = 25
_TIMED_FRAMES = 50
_REPEATS = 20


def decode(frame):
    """Header, contact and readings."""
    length = len(frame)
    header = unpack_header(frame, 0)
    (contact,) = unpack_vitals(frame, 0, length)
    count = vitals_item_count(frame, 0, length)
    return header, contact, [unpack_vitals_item(frame, 0, index) for index in range(count)]


def encode_into(buffer, decoded):
    """Pack what `decode` gave; gives the end of the frame."""
    header, contact, readings = decoded
    ticks_ms = header[4]
    pack_header_into(buffer, 0, header[1], header[2], header[3], ticks_ms & 0xFFFF, ticks_ms >> 16, header[5])
    end = pack_vitals_into(buffer, 0, contact)
    for index, reading in enumerate(readings):
        end = pack_vitals_item_into(
            buffer, 0, index, reading[0], reading[1], reading[2], reading[3], reading[4]
        )
    return end


def _compare(path, buffer):
    """How many frames are packed as they were read, and the first of them."""
    alike = 0
    first = []
    with open(path, "rb") as file:
        while length := file.read(2):
            frame = file.read(length[0] | length[1] << 8)
            end = encode_into(buffer, decode(frame))
            alike += buffer[:end] == frame
            if len(first) < _TIMED_FRAMES:
                first.append(frame)
    return alike, first


def _per_second(action, items):
    best = 0
    for _ in range(_ROUNDS):
        gc.collect()
        start_us = time.ticks_us()
        for _ in range(_REPEATS):
            for item in items:
                action(item)
        passed_us = max(time.ticks_diff(time.ticks_us(), start_us), 1)
        best = max(best, _REPEATS * len(items) * 1000000 / passed_us)
    return best


def main(path):
    """Compare and measure."""
    buffer = bytearray(MAX_FRAME_BYTES)
    alike, frames = _compare(path, buffer)
    decoded_hz = _per_second(decode, frames)
    decoded = [decode(frame) for frame in frames]
    encoded_hz = _per_second(lambda item: encode_into(buffer, item), decoded)
    print(json.dumps({"decoded_hz": decoded_hz, "encoded_hz": encoded_hz, "alike": alike}))


main(sys.argv[1])
