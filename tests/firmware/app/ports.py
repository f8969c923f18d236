"""Stand-ins for the ports of a band: a UART and a button."""

from collections import deque


class FakeUart:
    """Two byte pipes; `room` bounds what a write takes."""

    def __init__(self):
        self.to_band, self.to_host = deque(), bytearray()
        self.room = 1 << 30

    def is_ready(self):
        return bool(self.to_band)

    def read_into(self, buffer):
        count = min(len(buffer), len(self.to_band))
        for at in range(count):
            buffer[at] = self.to_band.popleft()
        return count

    def write(self, data):
        taken = min(len(data), self.room)
        self.room -= taken
        self.to_host += bytes(data[:taken])
        return taken


class FakeButton:
    """Level and edge flag of the pin."""

    def __init__(self):
        self.has_edge = self.is_down = False

    def is_pressed(self):
        return self.is_down

    def is_ready(self):
        return self.has_edge

    def set(self, is_down):
        self.is_down, self.has_edge = is_down, True
