"""What the band has made: every frame that it wrote to its flash, byte for byte, and when in truth that was.

The host's account is held against this, which no host and no link has a part in.
"""

from dataclasses import dataclass
from itertools import pairwise

from bandschema.codec import decode
from bandschema.records import CompressedBlock, StreamDescriptor, VitalsRun
from bandschema.vitals_run import decode_updates
from bandsim.nor_flash import FlashOperation
from bandsim.sealed_journal import frame_in, is_entry
from bandsim.virtual_band import VirtualBand

Key = tuple[int, int]
"""Boot and sequence."""

_STEPS_MASK = 0x3FF
_STREAM_SHIFT = 11
"""Of the head of a compressed block."""


@dataclass(frozen=True, slots=True)
class MadeFrame:
    """A frame as it was made; `true_us` is the virtual time of the tick in its header."""

    frame: bytes
    true_us: int

    @property
    def ticks_ms(self) -> int:
        """The tick in its header."""
        return int.from_bytes(self.frame[7:11], "little")


class Truth:
    """Listens to the flash of a band from its first boot on; `made` is in the order of making."""

    def __init__(self, band: VirtualBand) -> None:
        self.made: dict[Key, MadeFrame] = {}
        self.torn_entries = 0
        self._conductor = band.conductor
        self._flash = band.conductor.flash
        self._flash.on_programmed = self._take

    def _take(self, programmed: FlashOperation) -> None:
        image = self._flash.image() if is_entry(programmed.data) else b""
        frame = frame_in(image, programmed.sector, programmed.offset, programmed.data) if image else None
        if frame is None:
            return
        key = int.from_bytes(frame[2:4], "little"), int.from_bytes(frame[4:7], "little")
        if key in self.made:
            if self.made[key].frame != frame:
                raise ValueError(f"boot {key[0]}, number {key[1]} was given to two frames")
            return
        ticks_us = int.from_bytes(frame[7:11], "little") * 1000
        self.made[key] = MadeFrame(frame, self._conductor.clock.time_us(ticks_us))

    def until(self, now_us: int) -> dict[Key, MadeFrame]:
        """What was made of ticks before a virtual time."""
        return {key: made for key, made in self.made.items() if made.true_us < now_us}


def holes_in_updates(made: dict[Key, MadeFrame], step_ms: int) -> int:
    """Updates that no frame holds between the first and the last one of each boot, one each `step_ms`."""
    ticks: dict[int, list[int]] = {}
    for (boot_id, _), frame in made.items():
        if frame.frame[1] == VitalsRun.KIND:
            header, run = decode(frame.frame)
            assert isinstance(run, VitalsRun)
            updates = decode_updates(run.updates, header.ticks_ms)
            ticks.setdefault(boot_id, []).extend(update.ticks_ms for update in updates)
    return sum(_missing_steps(sorted(found), step_ms) for found in ticks.values())


def _missing_steps(ticks: list[int], step_ms: int) -> int:
    return sum(max(0, round((later - earlier) / step_ms) - 1) for earlier, later in pairwise(ticks))


def holes_in_samples(made: dict[Key, MadeFrame]) -> int:
    """Samples that no block holds between two blocks of a stream and boot, but for those before its start.

    A stream stops with the host that wanted it; each start makes a descriptor.
    """
    holes = 0
    ends: dict[tuple[int, int], int] = {}
    for boot_id, sequence in sorted(made):
        frame = made[boot_id, sequence].frame
        if frame[1] == StreamDescriptor.KIND:
            descriptor = decode(frame)[1]
            assert isinstance(descriptor, StreamDescriptor)
            ends.pop((boot_id, int(descriptor.stream_id)), None)
        elif frame[1] == CompressedBlock.KIND:
            block = decode(frame)[1]
            assert isinstance(block, CompressedBlock)
            stream = boot_id, block.head >> _STREAM_SHIFT & 7
            holes += max(0, block.first_sample - ends.get(stream, block.first_sample))
            ends[stream] = block.first_sample + (block.head & _STEPS_MASK)
    return holes
