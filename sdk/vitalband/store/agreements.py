"""What the records of consent of one boot prove to be agreed to, frame by frame.

A frame is proven by the records with lower numbers, whichever of them are known.
"""

from bisect import insort
from dataclasses import dataclass, field

from bandschema.codec import decode
from bandschema.enums import ConsentAction, Group
from bandschema.records import CompressedBlock, ConsentRecord, SampleBlock, Vitals, VitalsRun
from bandwire.errors import FrameError
from bandwire.frames import HEADER_BYTES
from bandwire.hostlink import stream_key
from vitalband.store.check.consent import GROUP_OF_STREAM
from vitalband.store.rows import FrameRow

_ALL = (1 << 16) - 1
_RAW = int(Group.RAW_OPTICAL | Group.RAW_MOTION)
_READINGS = _ALL & ~int(Group.STANDARD_SERVICES) & ~_RAW
_GROUP_OF_STREAM = {int(stream_id): int(group) for stream_id, group in GROUP_OF_STREAM.items()}


@dataclass(slots=True)
class BootAgreements:
    """The records that are known of a boot: (number, action, groups) in order."""

    records: list[tuple[int, int, int]] = field(default_factory=list[tuple[int, int, int]])

    def learn(self, row: FrameRow) -> None:
        """Take in a record; one that cannot be read tells nothing."""
        try:
            _, record = decode(row.frame)
        except FrameError:
            return
        if isinstance(record, ConsentRecord):
            told = (row.sequence, int(record.action), int(record.groups))
            if told not in self.records:
                insort(self.records, told)

    def state(self, sequence: int) -> tuple[int, int]:
        """Groups that are agreed to, and that are known not to be, when a frame got this number."""
        agreed = denied = 0
        for number, action, groups in self.records:
            if number > sequence:
                break
            match action:
                case ConsentAction.IN_FORCE:
                    agreed, denied = groups, _ALL & ~groups
                case ConsentAction.AGREED | ConsentAction.RESUMED:
                    agreed, denied = agreed | groups, denied & ~groups
                case ConsentAction.WITHDRAWN | ConsentAction.PAUSED | ConsentAction.ENDED:
                    agreed, denied = agreed & ~groups, denied | groups
                case _:  # of a later version: nothing is known until the next
                    agreed = denied = 0
        return agreed, denied

    def proves(self, row: FrameRow, *, takes_unproven: bool = False) -> bool:
        """Whether a frame may be taken; with `takes_unproven` one of which no record tells, too."""
        needed = groups_needed(row)
        if not needed:
            return True
        agreed, denied = self.state(row.sequence)
        return bool(needed & (~denied if takes_unproven else agreed))


def groups_needed(row: FrameRow) -> int:
    """Groups of which one at least must be agreed to for a frame to be taken; none for what holds nothing
    of the wearer. Samples of a stream that is not known are of any raw group."""
    match row.kind:
        case Vitals.KIND | VitalsRun.KIND:
            return _READINGS
        case CompressedBlock.KIND:
            return _GROUP_OF_STREAM.get(stream_key(row.kind, row.frame, 0) >> 8, _RAW)
        case SampleBlock.KIND:
            return _GROUP_OF_STREAM.get(int.from_bytes(row.frame[HEADER_BYTES : HEADER_BYTES + 1]), _RAW)
        case _:
            return 0
