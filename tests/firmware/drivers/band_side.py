"""Run by MicroPython: kernels against their plain versions, and the bytes each driver method allocates.

Prints one line of JSON: `kernels` {name: number of samples that differ}, `allocated` {method: bytes in
100 calls}, `unpacked` {name: samples}, which the caller compares with CPython's.
"""

import gc
import json
import sys
from array import array

sys.path.insert(0, sys.argv[1])

from drivers import unpack_plain, unpack_viper
from drivers.lsm6dso import Lsm6dso
from drivers.max17048 import Max17048
from drivers.max30101 import Max30101
from drivers.ssd1306 import Ssd1306
from drivers.tmp117 import Tmp117

CALLS = 100


class ScriptedBus:
    """Answers each register with prepared bytes and allocates nothing."""

    def __init__(self, answers):
        self._answers = answers

    def readfrom_mem_into(self, address, register, buffer):
        answer = self._answers.get(register)
        index = 0
        while index < len(buffer):
            buffer[index] = answer[index % len(answer)]
            index += 1

    def writeto_mem(self, address, register, buffer):
        pass

    def writeto(self, address, buffer):
        pass

    def writevto(self, address, buffers):
        pass


def allocated(call, *arguments):
    call(*arguments)
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    index = 0
    while index < CALLS:
        call(*arguments)
        index += 1
    after = gc.mem_alloc()
    gc.enable()
    return after - before


def differing(kernel, plain, source, kind, size, count):
    fast = array(kind, bytes(size))
    slow = array(kind, bytes(size))
    results = (kernel(source, fast, count), plain(source, slow, count))
    wrong = sum(1 for index in range(len(slow)) if fast[index] != slow[index])
    if results[0] != results[1] and kind == "h":
        wrong += 1
    return wrong, list(fast)


def kernels(optical, motion):
    samples = len(optical) // 3
    words = len(motion) // 7
    wrong_optical, values = differing(
        unpack_viper.unpack_optical, unpack_plain.unpack_optical, optical, "i", 4 * samples, samples
    )
    wrong_motion, axes = differing(
        unpack_viper.unpack_motion, unpack_plain.unpack_motion, motion, "h", 2 * 3 * words, words
    )
    return {"unpack_optical": wrong_optical, "unpack_motion": wrong_motion}, {
        "unpack_optical": values,
        "unpack_motion": axes,
    }


def optical_driver():
    # Status: data ready, pointers 20 apart, 5 samples lost; so every call takes the longest way.
    status = bytes((0x40, 0, 0, 0, 20, 5, 0))
    answers = {0xFF: b"\x15", 0x09: b"\x00", 0x00: status, 0x07: b"\x03\xff\xff", 0x1F: bytes((33, 4, 0))}
    driver = Max30101(ScriptedBus(answers))
    driver.start()
    return driver


def motion_driver():
    # Status: 20 words and an overrun, the timestamp 0.1 s; the first call has no slot to compare with.
    status = bytes((20, 0x08, 0, 0, 0, 0, 0, 0x10, 0, 0))
    answers = {0x0F: b"\x6c", 0x12: b"\x00", 0x3A: status, 0x78: b"\x10\xff\xff\x00\x80\xff\x7f"}
    driver = Lsm6dso(ScriptedBus(answers))
    driver.start()
    return driver


def allocations():
    optical = optical_driver()
    motion = motion_driver()
    full = b"\xff\xff"
    words = ScriptedBus(
        {0x0F: b"\x01\x17", 0x08: b"\x00\x12", 0x00: full, 0x02: full, 0x04: full, 0x16: full}
    )
    thermometer = Tmp117(words)
    gauge = Max17048(words)
    display = Ssd1306(words)
    return {
        "Max30101.read_fifo_into": allocated(optical.read_fifo_into, array("i", bytes(4 * 96))),
        "Max30101.read_die_temperature_raw": allocated(optical.read_die_temperature_raw),
        "Lsm6dso.read_fifo_into": allocated(motion.read_fifo_into, array("h", bytes(2 * 96))),
        "Tmp117.read_raw": allocated(thermometer.read_raw),
        "Max17048.read_percent_256": allocated(gauge.read_percent_256),
        "Max17048.read_millivolts": allocated(gauge.read_millivolts),
        "Max17048.read_charge_rate_raw": allocated(gauge.read_charge_rate_raw),
        "Ssd1306.show": allocated(display.show, bytearray(1024)),
    }


def main():
    with open(sys.argv[2], "rb") as source:
        optical = source.read(int(sys.argv[3]))
        motion = source.read()
    wrong, unpacked = kernels(optical, motion)
    print(json.dumps({"kernels": wrong, "unpacked": unpacked, "allocated": allocations()}))


main()
