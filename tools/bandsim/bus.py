"""The band's I2C bus: addressed transfers to chip models, counters, and faults.

The conductor calls `write`, `read`, `write_read` and `scan` with the virtual time of each transfer; whatever
goes wrong is an OSError whose errno the band's `machine.I2C` raises in its turn. `MachineI2c` gives the same
bus the face of `machine.I2C`, for drivers run by CPython.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from errno import EIO, ENODEV, ETIMEDOUT
from typing import Protocol

from bandsim.chips.base import Chip, Nack

Writable = bytearray | memoryview
Readable = bytes | bytearray | memoryview


@dataclass
class Transfers:
    """What went over the bus to one address. `refused` transfers found nobody, or a stuck bus."""

    writes: int = 0
    reads: int = 0
    bytes_written: int = 0
    bytes_read: int = 0
    refused: int = 0


@dataclass(frozen=True)
class Transfer:
    """One transfer of a trace: what was written, how many bytes were then to be read, and what came of it.

    `outcome` is what was read, or the errno of a transfer that was refused.
    """

    now_us: int
    address: int
    written: bytes
    read_count: int
    outcome: bytes | int


class Trace(Protocol):
    """Takes transfers in; a list is one."""

    def append(self, transfer: Transfer, /) -> None:
        """Take one in."""
        ...


class I2cBus:
    """Chips by their 7-bit addresses.

    A failed chip does not answer (ENODEV). A stuck bus gives EIO or ETIMEDOUT for every address. Raises
    ValueError when two chips share an address.
    """

    def __init__(self, chips: Iterable[Chip]) -> None:
        self.chips: dict[int, Chip] = {}
        for chip in chips:
            if chip.address in self.chips:
                taken = self.chips[chip.address].name
                raise ValueError(f"wanted one chip at 0x{chip.address:02X}, got {taken} and {chip.name}")
            self.chips[chip.address] = chip
        self.transfers: dict[int, Transfers] = {}
        self.trace: Trace | None = None
        """Takes every transfer from when it is set; None keeps none."""
        self.held_until_us = 0
        """Until when a transfer that has begun goes no further, as where a chip stretches the clock."""
        self._failed: set[int] = set()
        self._stuck_errno = 0

    def chip_named(self, name: str) -> Chip:
        """Give a chip by its part number; KeyError with the names there are."""
        for chip in self.chips.values():
            if chip.name == name:
                return chip
        names = ", ".join(sorted(chip.name for chip in self.chips.values()))
        raise KeyError(f"wanted a chip on the bus ({names}), got {name!r}")

    # Transfers

    def write(self, address: int, data: Readable, now_us: int) -> None:
        """Write to a chip."""
        self._chip(address, data, 0, now_us).write(bytes(data), now_us)
        self._keep(address, data, 0, now_us, b"")
        counter = self.transfers[address]
        counter.writes += 1
        counter.bytes_written += len(data)

    def read(self, address: int, count: int, now_us: int) -> bytes:
        """Read `count` bytes from a chip."""
        data = self._chip(address, b"", count, now_us).read(count, now_us)
        self._keep(address, b"", count, now_us, data)
        counter = self.transfers[address]
        counter.reads += 1
        counter.bytes_read += count
        return data

    def write_read(self, address: int, data: Readable, count: int, now_us: int) -> bytes:
        """Write (usually a register number), then read without a stop between.

        One transfer, counted as a read.
        """
        chip = self._chip(address, data, count, now_us)
        chip.write(bytes(data), now_us)
        out = chip.read(count, now_us)
        self._keep(address, data, count, now_us, out)
        counter = self.transfers[address]
        counter.reads += 1
        counter.bytes_written += len(data)
        counter.bytes_read += count
        return out

    def scan(self) -> list[int]:
        """Give the addresses that answer, in order. A stuck bus answers nowhere."""
        if self._stuck_errno:
            return []
        return sorted(address for address in self.chips if address not in self._failed)

    # Faults

    def fail(self, address: int) -> None:
        """Let the chip at an address not answer any more; KeyError when there is none."""
        self._failed.add(self.chips[address].address)

    def restore(self, address: int) -> None:
        """Let a failed chip answer again, as after a loss of power: its registers are reset."""
        if address in self._failed:
            self._failed.remove(address)
            self.chips[address].power_on()

    def power_on(self, now_us: int) -> None:
        """Reset the registers of every chip, as after a loss of power."""
        for chip in self.chips.values():
            chip.settle(now_us)
            chip.power_on()

    def stick(self, errno: int = ETIMEDOUT) -> None:
        """Hold the bus low: every transfer fails with EIO or ETIMEDOUT until `release`."""
        if errno not in {EIO, ETIMEDOUT}:
            raise ValueError(f"wanted EIO ({EIO}) or ETIMEDOUT ({ETIMEDOUT}), got {errno}")
        self._stuck_errno = errno

    def release(self) -> None:
        """Let a stuck bus go."""
        self._stuck_errno = 0

    def settle(self, now_us: int) -> None:
        """Bring every chip up to now: to be called before the stimulus is changed."""
        for chip in self.chips.values():
            chip.settle(now_us)

    def _chip(self, address: int, data: Readable, count: int, now_us: int) -> Chip:
        counter = self.transfers.get(address)
        if counter is None:
            counter = self.transfers[address] = Transfers()
        if self._stuck_errno:
            counter.refused += 1
            self._keep(address, data, count, now_us, self._stuck_errno)
            raise OSError(self._stuck_errno, f"the bus is stuck (transfer to 0x{address:02X})")
        chip = self.chips.get(address)
        if chip is None or address in self._failed:
            counter.refused += 1
            self._keep(address, data, count, now_us, ENODEV)
            raise Nack(f"nobody answers at 0x{address:02X}")
        return chip

    def _keep(self, address: int, data: Readable, count: int, now_us: int, outcome: bytes | int) -> None:
        if self.trace is not None:
            self.trace.append(Transfer(now_us, address, bytes(data), count, outcome))


class MachineI2c:
    """The methods of MicroPython's `machine.I2C` that the drivers use, on an `I2cBus`.

    `clock_us` gives the virtual time of each transfer.
    """

    def __init__(self, bus: I2cBus, clock_us: Callable[[], int]) -> None:
        self.bus = bus
        self._clock_us = clock_us

    def scan(self) -> list[int]:
        """Give the addresses that answer."""
        return self.bus.scan()

    def readfrom_mem_into(self, address: int, register: int, buffer: Writable) -> None:
        """Fill a buffer from a register on."""
        buffer[:] = self.bus.write_read(address, bytes((register,)), len(buffer), self._clock_us())

    def writeto_mem(self, address: int, register: int, buffer: Readable) -> None:
        """Write a buffer from a register on."""
        self.bus.write(address, bytes((register,)) + bytes(buffer), self._clock_us())

    def writeto(self, address: int, buffer: Readable) -> int:
        """Write a buffer; gives how many bytes were acknowledged: all."""
        self.bus.write(address, buffer, self._clock_us())
        return len(buffer)

    def writevto(self, address: int, vector: Sequence[Readable]) -> int:
        """Write several buffers as one transfer; gives how many bytes were acknowledged: all."""
        return self.writeto(address, b"".join(vector))

    def readfrom_into(self, address: int, buffer: Writable) -> None:
        """Fill a buffer."""
        buffer[:] = self.bus.read(address, len(buffer), self._clock_us())
