"""Values of readings from one end of their ranges to the other, and what packing them allocates.

As a script under MicroPython the same as here; in an image `run` is given that image's table of readings.
"""

import gc
from array import array
from binascii import hexlify

from bandwire.catalogue import READING_COUNT, READINGS
from bandwire.frames import CAUSE_MOTION, VALIDITY_LOW_QUALITY, VALIDITY_STALE, VALIDITY_VALID
from standard_services import values
from standard_services.utc import UtcTime

STEPS = 24
CALLS = 50
INTERVALS_Q8 = array("i", (1, 3, 2000, 5331, 5376, 12_800, 4000, 4100, 4200, 4300))


class Packers:
    """Each function with its arguments; `fill` sets the readings."""

    def __init__(self, table):
        self.table = table
        self.buffer = bytearray(32)
        self.time = UtcTime()
        self.uptime_s = 0

    def fill(self, step):
        for index in range(READING_COUNT):
            span = READINGS[index][5] - READINGS[index][4]
            self.table.set(index, READINGS[index][4] + span * step // STEPS, 70)
            if (step + index) % 6 == 5:
                self.table.withhold(index, (step + index) % 15, VALIDITY_STALE)
            elif (step + index) % 7 == 6:
                self.table.doubt(index, READINGS[index][4], 30, CAUSE_MOTION)
        self.table.set_contact(step % 4)
        self.uptime_s = step * 40_000_000
        self.time.set(946_684_800 + step * 123_456_789, step * 30_000_000)

    def heart_rate(self):
        return values.heart_rate_measurement_into(self.buffer, 1, 20, self.table, INTERVALS_Q8, 10)

    def temperature(self):
        return values.temperature_measurement_into(self.buffer, 1, self.table, self.time, self.uptime_s)

    def oximeter(self):
        return values.plx_continuous_measurement_into(self.buffer, 1, self.table)

    def blood_pressure(self):
        return values.blood_pressure_measurement_into(self.buffer, 1, self.table, self.time, self.uptime_s)

    def battery(self):
        return values.battery_level_into(self.buffer, 1, self.table)

    def current_time(self):
        return self.time.current_time_into(self.buffer, 1, self.uptime_s)

    def all(self):
        return (self.heart_rate, self.temperature, self.oximeter, self.blood_pressure, self.battery,
                self.current_time)  # fmt: skip


def allocated_by(call, count):
    """Bytes that so many calls take of the heap."""
    call()
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    while count:
        count -= 1
        call()
    after = gc.mem_alloc()
    gc.enable()
    return after - before


def text_of(*words):
    return " ".join(str(word) for word in words)


def run(table, measure):
    """Lines: values by function and step; the readings that were valid, so that it is seen that some were."""
    packers = Packers(table)
    lines = []
    for number, call in enumerate(packers.all()):
        most = 0
        for step in range(STEPS + 1):
            packers.fill(step)
            length = call()
            lines.append(text_of(number, step, hexlify(packers.buffer[1 : 1 + length]).decode()))
            most = max(most, measure(call, CALLS))
        lines.append(text_of(number, "allocated", most))
    valid = sum(table.validity(index) == VALIDITY_VALID for index in range(READING_COUNT))
    doubtful = sum(table.validity(index) == VALIDITY_LOW_QUALITY for index in range(READING_COUNT))
    lines.append(text_of(valid, "valid", doubtful, "doubtful"))
    return lines


if __name__ == "__main__":
    from readings import ReadingTable

    print("\n".join(run(ReadingTable(), allocated_by)))
