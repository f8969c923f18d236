"""What a band keeps of its frames, for a link without a firmware: in tests, and under the fuzzer.

A band has a journal in flash for it (`firmware/journal`); here they are a list.
"""

from collections import deque

_LENGTH_BYTES = 2
"""What each frame takes beside itself, as in a queue of the link (`bandwire.outbox`)."""


def number_of(frame: bytes) -> tuple[int, int]:
    """Boot id and sequence number of a frame."""
    return int.from_bytes(frame[2:4], "little"), int.from_bytes(frame[4:7], "little")


class FrameMemory:
    """The newest frames within `capacity_bytes`: a live source of the link (`bandwire.seams.Source`).

    `drops` counts frames that went before they were sent, `unsent_count` those that wait, `forgotten_count`
    all that are kept no more.
    """

    def __init__(self, capacity_bytes: int) -> None:
        self.buffer = b""
        self.start = 0
        self.drops = 0
        self.unsent_count = 0
        self.forgotten_count = 0
        self.frames: deque[bytes] = deque()
        self._capacity_bytes = capacity_bytes
        self._taken_bytes = 0

    def append(self, frame: bytes | bytearray | memoryview, length: int) -> None:
        """Keep the first `length` bytes of `frame`, at the cost of the oldest frames."""
        self.frames.append(bytes(frame[:length]))
        self.unsent_count += 1
        self._taken_bytes += length + _LENGTH_BYTES
        while self._taken_bytes > self._capacity_bytes:
            self._forget_oldest()

    def keep_sent(self, frame: bytes) -> None:
        """Keep a frame that was sent before those that wait."""
        self.append(frame, len(frame))
        self.unsent_count -= 1
        self.frames.insert(len(self.frames) - 1 - self.unsent_count, self.frames.pop())

    def peek(self) -> int:
        """Length of the oldest frame not yet sent, which is `buffer`; 0 when all are sent."""
        if self.unsent_count == 0:
            return 0
        self.buffer = self.frames[-self.unsent_count]
        return len(self.buffer)

    def advance(self) -> None:
        """Count the frame of the last `peek` as sent."""
        self.unsent_count -= 1

    def forget(self) -> None:
        """Keep nothing any more."""
        while self.frames:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        if self.unsent_count == len(self.frames):
            self.unsent_count -= 1
            self.drops += 1
        self._taken_bytes -= len(self.frames.popleft()) + _LENGTH_BYTES
        self.forgotten_count += 1


class MemoryReader:
    """Offers kept frames again: a backfill source over a memory that goes on being filled.

    `overwritten` counts offered frames that went before they were sent.
    """

    def __init__(self, memory: FrameMemory) -> None:
        self.buffer = b""
        self.start = 0
        self.first_sequence = 0
        self.overwritten = 0
        self._memory = memory
        self._offered: deque[int] = deque()

    def begin(self, boot_id: int, first_sequence: int, frame_count: int, kind: int | None = None) -> int:
        """Offer the kept ones of these numbers (of one kind), in place of any earlier offer; gives how many.

        `first_sequence` is then the number of the first of them.
        """
        forgotten, numbers = self._memory.forgotten_count, [number_of(frame) for frame in self._memory.frames]
        wanted = range(first_sequence, first_sequence + frame_count)
        self._offered = deque(
            forgotten + at
            for at, (boot, sequence) in enumerate(numbers)
            if boot == boot_id and sequence in wanted and kind in (None, self._memory.frames[at][1])
        )
        if self._offered:
            self.first_sequence = numbers[self._offered[0] - forgotten][1]
        return len(self._offered)

    def peek(self) -> int:
        """Length of the next offered frame, which is `buffer`; 0 when there is none."""
        forgotten = self._memory.forgotten_count
        while self._offered and self._offered[0] < forgotten:
            self._offered.popleft()
            self.overwritten += 1
        if not self._offered:
            return 0
        self.buffer = self._memory.frames[self._offered[0] - forgotten]
        return len(self.buffer)

    def advance(self) -> None:
        """Count the frame of the last `peek` as sent."""
        self._offered.popleft()
