"""What no store takes: readings and samples numbered while the band itself says that they were not agreed to.

By the band's consent records, in the order of their numbers and whenever they come: live data may be there
before the record of the start, which is fetched from the journal. What no record tells of is taken, and told
by `vitalband check` (`vitalband.store.check.consent`).
"""

from bisect import insort

from bandschema.codec import decode
from bandschema.enums import ConsentAction, Group
from bandschema.records import CompressedBlock, ConsentRecord, SampleBlock, Vitals, VitalsRun
from bandwire.errors import FrameError
from vitalband.store.rows import FrameRow

_READINGS = ~(Group.STANDARD_SERVICES | Group.RAW_OPTICAL | Group.RAW_MOTION)
_NEEDED = {
    Vitals.KIND: _READINGS,
    VitalsRun.KIND: _READINGS,
    SampleBlock.KIND: Group.RAW_OPTICAL | Group.RAW_MOTION,
    CompressedBlock.KIND: Group.RAW_OPTICAL | Group.RAW_MOTION,
}
"""Groups of which one at least must be agreed to, by kind of frame."""


class ConsentGate:
    """Looks at each frame of a session in turn; knows what came of each boot of each band."""

    def __init__(self) -> None:
        self._records: dict[tuple[bytes, int], list[tuple[int, int, Group]]] = {}

    def allows(self, row: FrameRow) -> bool:
        """Whether a frame may be kept; learns from the records among them."""
        if row.kind == ConsentRecord.KIND:
            self._learn(row)
            return True
        needed = _NEEDED.get(row.kind)
        return needed is None or bool(needed & ~self._denied(row))

    def _learn(self, row: FrameRow) -> None:
        try:
            _, record = decode(row.frame)
        except FrameError:
            return
        if isinstance(record, ConsentRecord):
            told = (row.sequence, int(record.action), Group(int(record.groups)))
            insort(self._records.setdefault((row.band_id, row.boot_id), []), told)

    def _denied(self, row: FrameRow) -> Group:
        """Groups that the records before a frame say are not agreed to."""
        denied = Group(0)
        for sequence, action, groups in self._records.get((row.band_id, row.boot_id), ()):
            if sequence > row.sequence:
                break
            match action:
                case ConsentAction.IN_FORCE:
                    denied = ~groups
                case ConsentAction.AGREED | ConsentAction.RESUMED:
                    denied &= ~groups
                case ConsentAction.WITHDRAWN | ConsentAction.PAUSED | ConsentAction.ENDED:
                    denied |= groups
                case _:  # of a later version
                    denied = Group(0)
        return denied
