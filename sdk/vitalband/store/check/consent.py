"""Whether the wearer had agreed to what a frame holds, group by group, when the band numbered it.

A band tells at each start what is agreed to, as power may go between keeping an agreement and writing the
record of it: so what one boot told says nothing of the next. Within a boot the records lie in the journal
before all that they allow; where a number that may be one is not here, nothing is known until the next.
"""

from collections.abc import Iterable

import numpy as np

from bandschema.codec import decode
from bandschema.enums import Cause, ConsentAction, Group, StreamId
from bandschema.readings import READINGS
from bandschema.records import ConsentRecord
from bandwire.errors import FrameError
from vitalband.bulk.frames import Integers
from vitalband.bulk.samples import BlockColumns
from vitalband.bulk.vitals import VitalsRows
from vitalband.store.check.report import BootAccount, CheckReport, Finding, FindingKind
from vitalband.store.rows import FrameRow

GROUP_OF_STREAM = {StreamId.OPTICAL: Group.RAW_OPTICAL, StreamId.MOTION: Group.RAW_MOTION}
"""As the manifests of all bands so far have it; samples of another stream are of no group that is known."""

TO_LESS = (ConsentAction.WITHDRAWN, ConsentAction.PAUSED, ConsentAction.ENDED)
"""After which the groups of the record are agreed to no more, be it for a while."""

NOT_AGREED = "holds what the wearer had not agreed to"
TOO_LATE = "is an agreement that data came before"
BEFORE_START = "tells at a start what is agreed to, and data came before"

_ALL = (1 << 16) - 1
_GROUP_OF_COLUMN = np.array([int(spec.group) for spec in READINGS], np.int64)


def groups_of(frames: int, vitals: Iterable[VitalsRows], blocks: BlockColumns) -> Integers:
    """(frames,) groups of which each frame of a batch holds a reading or a sample; 0 where it holds none.

    A reading that says to lack an agreement is none.
    """
    groups = np.zeros(frames, np.int64)
    for rows in vitals:
        is_held = rows.is_sent & (rows.cause != int(Cause.NO_CONSENT))
        for column, group in enumerate(_GROUP_OF_COLUMN.tolist()):
            groups[rows.rows[is_held[:, column]]] |= group
    for stream_id, group in GROUP_OF_STREAM.items():
        groups[blocks.rows[blocks.stream_id == int(stream_id)]] |= int(group)
    return groups


class BootConsent:
    """What is known of the wearer's agreement in one boot, from frame to frame in the order of numbers."""

    def __init__(self, report: CheckReport, account: BootAccount) -> None:
        self._report = report
        self._account = account
        self.forget()

    def forget(self) -> None:
        """Know nothing: a record may be among what is not here."""
        self._agreed = self._denied = self._unproven = 0

    def take_data(self, row: FrameRow, groups: int) -> None:
        """A frame holds readings or samples of `groups`."""
        denied = groups & self._denied
        if denied:
            names = ", ".join(name for name in (group.name for group in Group(denied)) if name)
            self._tell(row, f"{NOT_AGREED}: {names}", NOT_AGREED)
        unproven = groups & ~(self._agreed | self._denied)
        self._unproven |= unproven
        self._account.unproven_frames += bool(unproven)

    def take_record(self, row: FrameRow) -> None:
        """A frame is a record of consent; after one that cannot be read nothing is known."""
        try:
            _, record = decode(row.frame)
        except FrameError:
            self.forget()
            return
        if not isinstance(record, ConsentRecord):
            return
        groups = int(record.groups)
        match record.action:
            case ConsentAction.IN_FORCE:
                if self._unproven:
                    self._tell(row, BEFORE_START)
                self._agreed, self._denied = groups, _ALL & ~groups
            case ConsentAction.AGREED | ConsentAction.RESUMED:
                if groups & self._unproven:
                    self._tell(row, TOO_LATE)
                self._agreed, self._denied = self._agreed | groups, self._denied & ~groups
            case ConsentAction.WITHDRAWN | ConsentAction.PAUSED | ConsentAction.ENDED:
                self._agreed, self._denied = self._agreed & ~groups, self._denied | groups
            case _:  # of a later version
                self.forget()
        self._unproven &= ~(self._agreed | self._denied)

    def _tell(self, row: FrameRow, cause: str, counted: str | None = None) -> None:
        finding = Finding(FindingKind.CONSENT, cause, row.band_id, row.boot_id, row.sequence)
        self._report.add(finding, cause=counted)
