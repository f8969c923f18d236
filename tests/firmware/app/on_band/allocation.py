"""Runs a band with both streams on, over stand-in chips, and prints what each task's steps allocate.

A line a task: name, part, steps measured, bytes allocated in all of them, bytes in the largest.
"""

import gc
import time

from step_allocation import StepAllocation

from band import Band
from bandwire.frames import CAUSE_STARTING
from bandwire.hostlink import HostLink
from bandwire.serial import SerialCarrier
from boards import virtual
from hal.clock import Clock
from tasks.chip import Chip

WARM_UP_MS = 30_000
"""Several steps of each task; what the first of them make stays."""
HELLO_PERIOD_MS = 10_000


class Fifo:
    """A sampled chip: as many samples a read as come in 800 ms, of full scale."""

    def __init__(self, count, value):
        self.lost_samples = 0
        self._count = count
        self._value = value

    def start(self):
        self.lost_samples = 0

    def stop(self):
        pass

    def read_fifo_into(self, samples):
        for at in range(self._count * 3):
            samples[at] = self._value
        return self._count


class Single:
    """A chip with values of its own, or a display."""

    def start(self):
        pass

    def stop(self):
        pass

    def show(self, _frame):
        pass

    def read_raw(self):
        return 4256

    def read_percent_256(self):
        return 20480

    def read_charge_rate_raw(self):
        return -10


class FakeChips:
    def __init__(self):
        self.optical = Chip(lambda: Fifo(20, 0x3FFFF))
        self.motion = Chip(lambda: Fifo(21, -32768))
        self.thermometer = Chip(Single)
        self.display = Chip(Single)
        self.gauge = Chip(Single)


class Port:
    """The host's end of the wire is a bytearray each way."""

    def __init__(self):
        self.to_host = bytearray(8192)
        self.to_host_count = 0
        self.to_band = b""

    def is_ready(self):
        return len(self.to_band) > 0

    def read_into(self, buffer):
        count = len(self.to_band)
        buffer[:count] = self.to_band
        self.to_band = b""
        return count

    def write(self, data):
        count = len(data)
        self.to_host[self.to_host_count : self.to_host_count + count] = data
        self.to_host_count += count
        return count


class Button:
    has_edge = False

    def is_pressed(self):
        return False

    def is_ready(self):
        return False


class Motor:
    def switch(self, _is_on):
        pass


class Memory:
    """Storage that holds nothing."""

    is_dirty = is_damaged = False
    consent_groups = 0
    consent_digest = bytes(8)

    def raise_boot_id(self):
        return 1

    def keep_consent(self, _groups, _digest):
        pass


class Hardware:
    def __init__(self):
        self.clock = Clock()
        self.storage = Memory()
        self.uart = Port()
        self.button = Button()
        self.motor = Motor()


class Identity:
    model = serial = hardware = version_text = digest_text = b"test"
    band_id = bytes(8)
    capabilities = 0


def connect(port):
    host = SerialCarrier(HostLink(b"session1"))
    host.link.poll(0)
    count = host.fill(0)
    port.to_band = bytes(host.output[:count])
    return port.to_band


def pass_time(band, port, hello, duration_ms):
    """The host says hello again and again, as a band lets go of one that is silent."""
    passed_ms = 0
    next_hello_ms = 0
    while passed_ms < duration_ms:
        if passed_ms >= next_hello_ms:
            port.to_band = hello
            next_hello_ms += HELLO_PERIOD_MS
        delay_ms = band.run_due()
        port.to_host_count = 0
        time.pass_ms(delay_ms)
        passed_ms += delay_ms


def main():
    hardware = Hardware()
    band = Band(virtual, hardware, FakeChips(), Identity())
    band.start()
    band.consent.agree_to_all()
    band.screen.show_first_reading()
    hello = connect(hardware.uart)
    for _ in range(3):
        band.run_due()
    band.collection.streams.start(1)
    band.collection.streams.start(2)
    allocation = StepAllocation(band.core.scheduler)
    gc.collect()
    gc.disable()
    pass_time(band, hardware.uart, hello, WARM_UP_MS)
    allocation.clear()
    pass_time(band, hardware.uart, hello, 60_000)
    for task, row in allocation.rows.items():
        print(task.name, task.part, row[0], row[1], row[2])
    assert band.core.table.cause(11) != CAUSE_STARTING
    print("sent", band.core.ring.frame_count, band.core.ring.unsent_count, band.core.ring.drops)


main()
