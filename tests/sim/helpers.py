"""What the simulator's tests share: firmware of a few lines, and a chip of a few bytes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent

from bandsim.bus import I2cBus
from bandsim.chips import Chip
from bandsim.conductor import Conductor
from bandsim.lane import LaneSettings, ProcessLane
from bandsim.lanes import open_lane
from bandsim.link_port import LinkPort
from bandsim.pins import BUTTON_PIN, Pins
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings, VirtualBand

MEMORY_ADDRESS = 0x20
ABSENT_ADDRESS = 0x21

_HEAD = """
import gc
import select
import time
from machine import I2C, Pin, UART, reset, lightsleep, unique_id


def run(board):
    bus = I2C(0, freq=400000)
    uart = UART(0, baudrate=115200, rxbuf=64)
    poll = select.poll()
    poll.register(uart, select.POLLIN)

"""

HEARTBEAT = """
    pulse = Pin(0, Pin.IN, Pin.PULL_UP)
    motor = Pin(1, Pin.OUT, value=0)
    pulse.irq(lambda pin: print("edge", pin.value(), "at", time.ticks_ms()))
    heard = bytearray(64)
    content = bytearray(2)
    due = time.ticks_ms()
    while True:
        bus.readfrom_mem_into(0x48, 0, content)
        uart.write(content)
        count = uart.readinto(heard)
        if count:
            uart.write(heard[:count])
        motor.value(1 - pulse.value())
        due = time.ticks_add(due, 500)
        for _ in poll.ipoll(time.ticks_diff(due, time.ticks_ms())):
            pass
"""
"""Twice a second: sends the thermometer's reading and echoes the host; the motor follows the button."""

FOREVER = """
    while True:
        poll.ipoll(1000)
"""


class MemoryChip(Chip):
    """256 bytes behind a register number."""

    name = "memory"

    def __init__(self) -> None:
        super().__init__(MEMORY_ADDRESS)
        self.content = bytearray(range(256))
        self.times_us: list[int] = []
        self._at = 0

    def write(self, data: bytes, now_us: int) -> None:
        self.times_us.append(now_us)
        if data:
            self._at = data[0]
            self.content[self._at : self._at + len(data) - 1] = data[1:]

    def read(self, count: int, now_us: int) -> bytes:
        self.times_us.append(now_us)
        return bytes((self.content * (count // 256 + 2))[self._at : self._at + count])

    def power_on(self) -> None:
        pass


class Rig:
    """A conductor with its parts and a firmware given as the body of `run(board)`."""

    def __init__(self, folder: Path, body: str, start_tick_ms: int, answer_timeout_s: float) -> None:
        lane = LaneSettings(firmware_dir=write_firmware(folder, body), answer_timeout_s=answer_timeout_s)
        self.chip = MemoryChip()
        self.bus = I2cBus([self.chip])
        self.pins = Pins()
        self.link = LinkPort(seed=1)
        built = open_lane("virtual", lane)
        assert isinstance(built, ProcessLane)
        self.lane = built
        self.conductor = Conductor(
            self.lane,
            self.bus,
            self.pins,
            self.link,
            name="rig",
            unique_id=b"unique!!",
            start_tick_ms=start_tick_ms,
        )

    def run_ms(self, duration_ms: float) -> None:
        """Let virtual time pass."""
        self.conductor.start()
        self.conductor.run_until(self.conductor.now_us + round(duration_ms * 1000))

    def press(self, at_ms: float, duration_ms: float) -> None:
        """Hold the button at a time to come."""
        for moment_ms, is_held in ((at_ms, True), (at_ms + duration_ms, False)):
            moment_us = round(moment_ms * 1000)
            hold = lambda held=is_held: self.pins.hold_low(BUTTON_PIN, held, self.conductor.now_us)  # noqa: E731
            self.conductor.timeline.at(moment_us, hold)

    @property
    def log(self) -> list[str]:
        """What the firmware printed."""
        return [line.text for line in self.conductor.log.lines][1:]


@contextmanager
def rig(folder: Path, body: str, *, start_tick_ms: int = 0, answer_timeout_s: float = 20.0) -> Iterator[Rig]:
    """A rig that is taken down afterwards."""
    built = Rig(folder, body, start_tick_ms, answer_timeout_s)
    try:
        yield built
    finally:
        built.conductor.stop()
        built.lane.remove()


def write_firmware(folder: Path, body: str) -> Path:
    """Write `main.py` with `body` as the rest of `run(board)`."""
    firmware_dir = folder / "firmware"
    firmware_dir.mkdir(exist_ok=True)
    lines = dedent(body).strip("\n").splitlines()
    (firmware_dir / "main.py").write_text(_HEAD + "\n".join(f"    {line}" for line in lines) + "\n")
    return firmware_dir


def heartbeat_band(
    folder: Path, *, scenario: str = "rest", seed: int = 1, duration_s: float = 600
) -> VirtualBand:
    """A band with the scenario's wearer, all its chips, and the firmware HEARTBEAT."""
    lane = LaneSettings(firmware_dir=write_firmware(folder, HEARTBEAT), answer_timeout_s=20.0)
    built = load_scenario(scenario, seed=seed, duration_s=duration_s)
    return VirtualBand(built, BandSettings(lane=lane))
