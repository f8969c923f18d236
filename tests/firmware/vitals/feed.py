"""Feeds a file of samples through the engine under MicroPython and prints every reading.

    micropython feed.py FILE STACK [--no-motion] [--measure]

FILE holds little-endian blocks of 2 s: u8 optical count, u8 motion count, i16 temperature of the pad in
1/128 degC (NO_PAD: no reading, PAD_FAULT: the thermometer fails), then the optical samples (3 x i32 each)
and the motion samples (3 x i16 each). Prints a line a step: contact, then raw, validity, quality
and cause of each reading; with --measure, milliseconds and bytes allocated a step at the end.
"""

import gc
import sys
import time
from array import array

from bandwire.catalogue import READING_COUNT
from bandwire.frames import PART_THERMOMETER
from dsp.optical_stack import stack_named
from readings import ReadingTable
from vitals.engine import Vitals

NO_PAD, PAD_FAULT = -32768, -32767


def report(table):
    parts = [str(table.contact)]
    for index in range(READING_COUNT):
        parts.append(str(table.raw(index)))
        parts.append(str(table.validity(index)))
        parts.append(str(table.quality(index)))
        parts.append(str(table.cause(index)))
    print(" ".join(parts))


def run(path, stack, has_motion, is_measured):
    table = ReadingTable()
    vitals = Vitals(stack_named(stack), table)
    vitals.start()
    optical, motion = array("i", bytes(4 * 3 * 255)), array("h", bytes(2 * 3 * 255))
    optical_view, motion_view = memoryview(optical), memoryview(motion)
    counts, pad = bytearray(2), array("h", [0])
    now_s, spent_us, most_bytes = 0, 0, 0
    with open(path, "rb") as file:
        while file.readinto(counts) == 2:
            file.readinto(pad)
            file.readinto(optical_view[: 3 * counts[0]])
            file.readinto(motion_view[: 3 * counts[1]])
            now_s += 2
            if pad[0] == PAD_FAULT:
                vitals.on_fault(PART_THERMOMETER, True)
            elif pad[0] != NO_PAD:
                vitals.on_skin_temperature(pad[0])
            gc.collect()
            before_bytes, before_us = gc.mem_alloc(), time.ticks_us()
            if counts[0]:
                vitals.on_optical(optical, counts[0])
            if has_motion and counts[1]:
                vitals.on_motion(motion, counts[1])
            vitals.step(now_s)
            spent_us += time.ticks_diff(time.ticks_us(), before_us)
            if now_s > 40:
                most_bytes = max(most_bytes, gc.mem_alloc() - before_bytes)
            if not is_measured:
                report(table)
    if is_measured:
        print(spent_us * 2 / now_s / 1000, most_bytes)


run(sys.argv[1], sys.argv[2], "--no-motion" not in sys.argv, "--measure" in sys.argv)
