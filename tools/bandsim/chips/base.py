"""What every chip model has in common: transfers, a register file, a sample clock.

A chip knows no time of its own. Each transfer carries the virtual time in microseconds; the chip first
catches up to it (takes the samples its clock has finished since the last transfer) and then acts. Transfers
are the simulator's hot path: catching up is one integer division when nothing is due, and samples are drawn
from the stimulus some seconds ahead, encoded as FIFO bytes in one go.
"""

from collections.abc import Callable
from errno import ENODEV

import numpy as np
from numpy.typing import NDArray

US_PER_S = 1_000_000

ByteArray = NDArray[np.uint8]


class Nack(OSError):
    """Nobody acknowledged the address: the device's `machine.I2C` raises OSError(ENODEV)."""

    def __init__(self, message: str) -> None:
        super().__init__(ENODEV, message)


class Chip:
    """One chip on the bus."""

    name: str
    """Part number in lower case, by which a scenario fails and restores it."""
    identity = 0
    """What its identity register says, from the next reset on: with another number it is another chip."""

    def __init__(self, address: int) -> None:
        self.address = address

    def write(self, data: bytes, now_us: int) -> None:
        """Take the bytes of one write transfer."""
        raise NotImplementedError

    def read(self, count: int, now_us: int) -> bytes:
        """Give `count` bytes of one read transfer."""
        raise NotImplementedError

    def power_on(self) -> None:
        """Put every register into its state after power-up, and stop sampling."""
        raise NotImplementedError

    def settle(self, now_us: int) -> None:
        """Take the samples due by now and forget those drawn ahead: the stimulus is about to change."""


class ByteRegisters(Chip):
    """A chip of byte registers: a write begins with a register number, which reads and writes step on.

    Subclasses say what reading and writing a register does besides storing it. `fifo_register` does not step
    on: whatever a transfer reads from there on comes from the FIFO.
    """

    fifo_register = -1

    def __init__(self, address: int) -> None:
        super().__init__(address)
        self.registers = bytearray(256)
        self.pointer = 0

    def write(self, data: bytes, now_us: int) -> None:
        """Set the register number, then write the rest from it on."""
        self.catch_up(now_us)
        if not data:
            return
        self.pointer = data[0]
        for value in data[1:]:
            self.write_register(self.pointer, value, now_us)
            self.pointer = self.next_register(self.pointer)

    def read(self, count: int, now_us: int) -> bytes:
        """Read `count` bytes from the register number on."""
        self.catch_up(now_us)
        out = bytearray()
        while len(out) < count:
            if self.pointer == self.fifo_register:
                return bytes(out) + self.read_fifo(count - len(out))
            out.append(self.read_register(self.pointer, now_us))
            self.pointer = self.next_register(self.pointer)
        return bytes(out)

    def catch_up(self, now_us: int) -> None:
        """Take the samples finished by now."""

    def next_register(self, register: int) -> int:
        """Give the register after this one."""
        return (register + 1) & 0xFF

    def write_register(self, register: int, value: int, now_us: int) -> None:
        """Store a byte and do what it means."""
        self.registers[register] = value

    def read_register(self, register: int, now_us: int) -> int:
        """Give a byte, with the side effects of reading it."""
        return self.registers[register]

    def read_fifo(self, count: int) -> bytes:
        """Give the rest of a transfer from the FIFO's register."""
        raise NotImplementedError


class WordRegisters(Chip):
    """A chip of big-endian 16-bit registers, each with its own number.

    `step` is how far a longer transfer moves on per word: 0 repeats the register.
    """

    step = 0

    def __init__(self, address: int) -> None:
        super().__init__(address)
        self.pointer = 0

    def write(self, data: bytes, now_us: int) -> None:
        """Set the register number; write whole words from it on. A half word is ignored."""
        if not data:
            return
        self.pointer = data[0]
        register = self.pointer
        for at in range(1, len(data) - 1, 2):
            self.write_word(register, data[at] << 8 | data[at + 1], now_us)
            register += self.step

    def read(self, count: int, now_us: int) -> bytes:
        """Read `count` bytes from the register number on."""
        out = bytearray()
        register = self.pointer
        while len(out) < count:
            out += self.read_word(register, now_us).to_bytes(2, "big")
            register += self.step
        return bytes(out[:count])

    def write_word(self, register: int, value: int, now_us: int) -> None:
        """Store a word and do what it means."""
        raise NotImplementedError

    def read_word(self, register: int, now_us: int) -> int:
        """Give a word, with the side effects of reading it."""
        raise NotImplementedError


class SampleClock:
    """Counts the samples a chip has finished, on the chip's own oscillator.

    `error_ppm`: how much faster the oscillator runs than it should. Sample k is finished k + 1 periods after
    `start`; all arithmetic is in integers, so nothing drifts.
    """

    def __init__(self, error_ppm: float = 0.0) -> None:
        self.error_ppm = error_ppm
        self._rate_uhz = 0
        self._start_us = 0

    @property
    def is_running(self) -> bool:
        """Whether samples are being taken."""
        return self._rate_uhz > 0

    @property
    def rate_hz(self) -> float:
        """The true sample rate, with the oscillator's error; 0 when stopped."""
        return self._rate_uhz / US_PER_S

    def start(self, rate_hz: float, now_us: int) -> None:
        """Begin with sample 0 at a nominal rate."""
        self._rate_uhz = round(rate_hz * (US_PER_S + self.error_ppm))
        self._start_us = now_us

    def stop(self) -> None:
        """Take no more samples."""
        self._rate_uhz = 0

    def set_error(self, error_ppm: float) -> None:
        """Let the oscillator run so much too fast from the next start on; -1,000,000 lets it stand still."""
        self.error_ppm = error_ppm

    def finished(self, now_us: int) -> int:
        """Give how many samples have been finished by now."""
        return (now_us - self._start_us) * self._rate_uhz // (US_PER_S * US_PER_S)

    def time_s(self, index: int) -> float:
        """Give when sample `index` is finished, in seconds of virtual time."""
        return self._start_us / US_PER_S + (index + 1) * US_PER_S / self._rate_uhz


class SampleStore:
    """The encoded samples of a chip, drawn from the stimulus ahead of their time.

    `draw(index, count)` gives `count` samples from `index` on as `(count, width)` bytes.
    """

    def __init__(self, draw: Callable[[int, int], ByteArray], ahead: int) -> None:
        self._draw = draw
        self._ahead = ahead
        self._first = 0
        self._width = 1
        self._bytes = b""

    def forget(self) -> None:
        """Drop what was drawn: how samples are made has changed."""
        self._bytes = b""

    def take(self, index: int, count: int) -> bytes:
        """Give `count` samples from `index` on."""
        offset = (index - self._first) * self._width
        stop = offset + count * self._width
        if offset >= 0 and stop <= len(self._bytes):
            return self._bytes[offset:stop]
        have = max(0, (len(self._bytes) - offset) // self._width) if offset >= 0 else 0
        head = self._bytes[offset:] if have else b""
        drawn = self._draw(index + have, max(count - have, self._ahead))
        self._first, self._width, self._bytes = index + have, drawn.shape[1], drawn.tobytes()
        return head + self._bytes[: (count - have) * self._width]


class Ring:
    """A circular memory of equally wide samples; holds bytes, knows nothing of what is unread."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.width = 1
        self._memory = bytearray(depth)

    def widen(self, width: int) -> None:
        """Change the bytes a sample; the content is lost."""
        self.width = width
        self._memory = bytearray(self.depth * width)

    def put(self, slot: int, samples: bytes) -> None:
        """Store samples from a slot on, around the end; at most `depth` of them."""
        at = slot * self.width
        head = min(len(samples), len(self._memory) - at)
        self._memory[at : at + head] = samples[:head]
        self._memory[: len(samples) - head] = samples[head:]

    def get(self, slot: int, count: int) -> bytes:
        """Give `count` samples from a slot on, around the end."""
        at = slot * self.width
        stop = at + count * self.width
        if stop <= len(self._memory):
            return bytes(self._memory[at:stop])
        return bytes(self._memory[at:]) + bytes(self._memory[: stop - len(self._memory)])
