"""The link's two ends: the band's UART, and the host's byte stream, with what can go wrong between them.

Bytes that the band sends are with the host at once; what the line's rate costs is room: the transmit
buffer empties at the line's rate, and what does not fit is refused. Bytes from the host wait in a queue
without limit, of which the band sees at most its receive buffer. A faulty line may carry them slowly, late,
or for a while not at all.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from bandsim.link_line import LinkLine
from bandsim.timeline import NEVER_US, Timeline

_BITS_A_BYTE = 10
"""8 data bits with a start and a stop bit."""

TRANSMIT_BYTES = 512
"""Room of the transmit buffer: own choice, a usual size of a UART driver's ring."""
_DEFAULT_BAUD = 115_200
_DEFAULT_RECEIVE_BYTES = 256
_NS_PER_S = 1_000_000_000


@dataclass
class LinkFaults:
    """What is wrong with the line. Rates are probabilities a byte, 0 to 1, in both directions."""

    drop_rate: float = 0.0
    garble_rate: float = 0.0
    accept_at_most: int | None = None
    """Bytes that the transmit buffer takes in one go; 0 refuses all; None is no limit."""
    most_bytes_per_s: int | None = None
    """What the line carries in each direction; None is the rate that the band has set, and no waiting."""
    delay_to_host_ms: float = 0.0
    delay_to_band_ms: float = 0.0
    """How long each byte is under way beside that."""

    def byte_ns(self) -> int:
        """Give how long a byte keeps the line busy, 0 where nothing makes it wait."""
        return 0 if self.most_bytes_per_s is None else _NS_PER_S // self.most_bytes_per_s


@dataclass
class LinkCounters:
    """Bytes over the link; `refused_bytes` stayed with the band, `lost_bytes` went nowhere."""

    band_bytes: int = 0
    host_bytes: int = 0
    refused_bytes: int = 0
    lost_bytes: int = 0
    garbled_bytes: int = 0


class LinkPort:
    """See the module. `seed` decides which bytes the faults hit."""

    def __init__(self, seed: int = 0) -> None:
        self.counters = LinkCounters()
        self.faults = LinkFaults()
        self.is_cut = False
        self.output_limit_bytes: int | None = None
        """Bytes for the host that may wait before the band is refused; None is no limit."""
        self.has_output = False
        self._output = bytearray()
        self._input = bytearray()
        self._to_host = LinkLine(self._reach_host)
        self._to_band = LinkLine(self._reach_band)
        self._cut_after: dict[LinkLine, tuple[int, Callable[[], None]]] = {}
        self._random = random.Random(seed)
        self._receive_bytes = 0
        self._transmit_bytes = TRANSMIT_BYTES
        self._byte_ns = _byte_ns(_DEFAULT_BAUD)
        self._empty_at_ns = 0

    def attach(self, timeline: Timeline) -> None:
        """Take the time from there."""
        self._to_host.timeline = self._to_band.timeline = timeline

    # The band's end

    def configure(self, baud_rate: int, receive_bytes: int) -> None:
        """Set the line's rate in baud and the size of the receive buffer; 0 leaves the usual."""
        self._byte_ns = _byte_ns(baud_rate or _DEFAULT_BAUD)
        self._receive_bytes = receive_bytes or _DEFAULT_RECEIVE_BYTES

    def power_on(self, now_us: int) -> None:
        """Forget what waits for the band, as after a reset; what is under way still comes."""
        self._input.clear()
        self._receive_bytes = 0
        self._empty_at_ns = now_us * 1000

    @property
    def input_bytes(self) -> int:
        """Bytes that the band can read now."""
        # Asked at each exchange, and nearly always with nothing there.
        return min(len(self._input), self._receive_bytes) if self._input else 0

    def read(self, count: int) -> bytes:
        """Take at most `count` bytes that came from the host."""
        data = bytes(self._input[: min(count, self._receive_bytes)])
        del self._input[: len(data)]
        return data

    def room_bytes(self, now_us: int) -> int:
        """How many bytes the transmit buffer takes now."""
        busy_ns = self._empty_at_ns - now_us * 1000
        room = self._transmit_bytes
        if busy_ns > 0:
            room = max(0, room - -(-busy_ns // self._line_byte_ns()))
        if self._to_host.is_stalled:
            room = min(room, max(0, self._transmit_bytes - self._to_host.waiting_bytes))
        if self.faults.accept_at_most is not None:
            room = min(room, self.faults.accept_at_most)
        if self.output_limit_bytes is not None:
            room = min(room, max(0, self.output_limit_bytes - len(self._output)))
        return room

    def room_at_us(self, now_us: int) -> int:
        """When the line will have emptied half of the transmit buffer."""
        if self._to_host.is_stalled:
            return NEVER_US
        byte_ns = self._line_byte_ns()
        half_empty_ns = self._empty_at_ns - self._transmit_bytes // 2 * byte_ns
        return max(now_us + byte_ns // 1000 + 1, -(-half_empty_ns // 1000))

    def write(self, data: memoryview, now_us: int) -> int:
        """Take what fits of the band's bytes; gives how many."""
        count = min(len(data), self.room_bytes(now_us))
        self.counters.refused_bytes += len(data) - count
        if count:
            self._empty_at_ns = max(self._empty_at_ns, now_us * 1000) + count * self._line_byte_ns()
            self.counters.band_bytes += count
            self._pass(data[:count], self._to_host, self.faults.delay_to_host_ms)
        return count

    def _line_byte_ns(self) -> int:
        return max(self._byte_ns, self.faults.byte_ns())

    # The host's end

    def feed(self, data: bytes) -> None:
        """Bytes from the host."""
        self.counters.host_bytes += len(data)
        self._pass(data, self._to_band, self.faults.delay_to_band_ms)

    def take_output(self) -> bytes:
        """Take what the band has sent."""
        data = bytes(self._output)
        self._output.clear()
        self.has_output = False
        return data

    def give_back(self, data: bytes) -> None:
        """Put bytes that a host could not take back before what waits."""
        self._output[:0] = data
        self.has_output = bool(self._output)

    @property
    def output_bytes(self) -> int:
        """Bytes of the band that wait for the host."""
        return len(self._output)

    # The line

    def cut(self) -> None:
        """Pull the cable: what waits on either side is lost, and so is what comes."""
        self.counters.lost_bytes += len(self._output) + len(self._input)
        self._output.clear()
        self._input.clear()
        self.has_output = False
        self._part()

    def _part(self) -> None:
        self.is_cut = True
        self._cut_after.clear()
        self.counters.lost_bytes += self._to_host.clear() + self._to_band.clear()

    def mend(self) -> None:
        """Plug the cable in again."""
        self.is_cut = False

    def cut_after(self, byte_count: int, *, from_band: bool, told: Callable[[], None] = lambda: None) -> None:
        """Let the cable part once so many more bytes have passed in one direction, 0: before the next.

        Those that have come to either end by then can still be read there. `told` is called as it parts.
        """
        self._cut_after[self._to_host if from_band else self._to_band] = (byte_count, told)

    def stall(self) -> None:
        """Carry nothing: bytes wait on their way, the band's until the transmit buffer is full."""
        self._to_host.is_stalled = self._to_band.is_stalled = True

    def resume(self) -> None:
        """Carry again."""
        self._to_host.let_go()
        self._to_band.let_go()

    @property
    def is_stalled(self) -> bool:
        """Whether it carries nothing now."""
        return self._to_host.is_stalled

    def _reach_host(self, data: bytes) -> None:
        self._output += data
        self.has_output = bool(self._output)

    def _reach_band(self, data: bytes) -> None:
        self._input += data

    def _pass(self, data: bytes | memoryview, line: LinkLine, delay_ms: float) -> None:
        if self.is_cut:
            self.counters.lost_bytes += len(data)
            return
        left, told = self._cut_after.get(line, (len(data) + 1, None))
        faults = self.faults
        carried = bytes(data[:left])
        if faults.drop_rate or faults.garble_rate:
            carried = bytes(self._worn(carried))
        line.carry(carried, faults.byte_ns(), round(delay_ms * 1000))
        if told is None:
            return
        self._cut_after[line] = (left - len(data), told)
        if left <= len(data):
            self.counters.lost_bytes += len(data) - left
            self._part()
            told()

    def _worn(self, data: bytes | memoryview) -> bytearray:
        arrived = bytearray()
        for value in data:
            if self._random.random() < self.faults.drop_rate:
                self.counters.lost_bytes += 1
            elif self._random.random() < self.faults.garble_rate:
                self.counters.garbled_bytes += 1
                arrived.append(value ^ 1 << self._random.randrange(8))
            else:
                arrived.append(value)
        return arrived


def _byte_ns(baud_rate: int) -> int:
    return _BITS_A_BYTE * _NS_PER_S // baud_rate
