"""The link's two ends: the band's UART, and the host's byte stream, with what can go wrong between them.

Bytes that the band sends are with the host at once; what the line's rate costs is room: the transmit
buffer empties at the line's rate, and what does not fit is refused. Bytes from the host wait in a queue
without limit, of which the band sees at most its receive buffer.
"""

import random
from dataclasses import dataclass

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
        self._random = random.Random(seed)
        self._receive_bytes = 0
        self._transmit_bytes = TRANSMIT_BYTES
        self._byte_ns = _byte_ns(_DEFAULT_BAUD)
        self._empty_at_ns = 0

    # The band's end

    def configure(self, baud_rate: int, receive_bytes: int) -> None:
        """Set the line's rate in baud and the size of the receive buffer; 0 leaves the usual."""
        self._byte_ns = _byte_ns(baud_rate or _DEFAULT_BAUD)
        self._receive_bytes = receive_bytes or _DEFAULT_RECEIVE_BYTES

    def power_on(self, now_us: int) -> None:
        """Forget what waits for the band, as after a reset."""
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
            room = max(0, room - -(-busy_ns // self._byte_ns))
        if self.faults.accept_at_most is not None:
            room = min(room, self.faults.accept_at_most)
        if self.output_limit_bytes is not None:
            room = min(room, max(0, self.output_limit_bytes - len(self._output)))
        return room

    def room_at_us(self, now_us: int) -> int:
        """When the line will have emptied half of the transmit buffer."""
        half_empty_ns = self._empty_at_ns - self._transmit_bytes // 2 * self._byte_ns
        return max(now_us + self._byte_ns // 1000 + 1, -(-half_empty_ns // 1000))

    def write(self, data: memoryview, now_us: int) -> int:
        """Take what fits of the band's bytes; gives how many."""
        count = min(len(data), self.room_bytes(now_us))
        self.counters.refused_bytes += len(data) - count
        if count:
            self._empty_at_ns = max(self._empty_at_ns, now_us * 1000) + count * self._byte_ns
            self.counters.band_bytes += count
            self._output += self._through(data[:count])
            self.has_output = bool(self._output)
        return count

    # The host's end

    def feed(self, data: bytes) -> None:
        """Bytes from the host."""
        self.counters.host_bytes += len(data)
        self._input += self._through(data)

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
        self.is_cut = True
        self._output.clear()
        self._input.clear()
        self.has_output = False

    def mend(self) -> None:
        """Plug the cable in again."""
        self.is_cut = False

    def _through(self, data: bytes | memoryview) -> bytes | memoryview:
        if self.is_cut:
            self.counters.lost_bytes += len(data)
            return b""
        if not (self.faults.drop_rate or self.faults.garble_rate):
            return data
        return bytes(self._worn(data))

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
