"""A link over Bluetooth Low Energy: the band's GATT service, and how records lie in its values.

| characteristic | property                     | value                                                   |
|----------------|------------------------------|---------------------------------------------------------|
| `FROM_BAND`    | notify                       | one record                                              |
| `TO_BAND`      | write, write without response| records, each behind its length in one byte             |

A notification is a packet of its own. A write may not be one any more when the firmware sees it: where a port
of MicroPython tells of writes by way of a queue, a second one would overwrite the first, so the band lets
the stack put writes together, and the lengths take them apart again.

UUIDs were drawn at random for this project.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bandwire.seams import Bytes

SERVICE_UUID = "fc690540-aa91-422a-a793-2af987e95046"
FROM_BAND_UUID = "4fe54888-a6a4-4983-a344-f3c904481762"
TO_BAND_UUID = "d64d99df-5e57-4c09-b5ea-f7db4007b09d"

LEAST_MTU = 23
MOST_MTU = 517
"""Bounds of the ATT MTU: the default on Low Energy, and the most that stacks agree on."""
ATT_BYTES = 3
"""What ATT takes of each notification and write: opcode and handle."""
MAX_WRITTEN_RECORD_BYTES = 255
"""What fits behind a length of one byte."""


def sent_record_bytes(mtu: int) -> int:
    """Room for a record in a notification; `mtu` is that of the connection."""
    return mtu - ATT_BYTES


def written_record_bytes(mtu: int) -> int:
    """Room for a record in a write."""
    return min(mtu - ATT_BYTES - 1, MAX_WRITTEN_RECORD_BYTES)


class WrittenRecords:
    """Takes apart what a host has written. `malformed` counts values that break off; their rest is lost."""

    def __init__(self) -> None:
        self.malformed = 0
        self._data: "Bytes" = b""
        self._next = 0

    def feed(self, data: "Bytes") -> None:
        """One or more whole writes, which stay unchanged until their records are taken."""
        self._data = data
        self._next = 0

    def next_record(self) -> "memoryview | None":
        """The next record, or None; an empty one is passed over."""
        data = self._data
        while self._next < len(data):
            start = self._next + 1
            stop = start + data[self._next]
            self._next = stop
            if stop > len(data):
                self.malformed += 1
                return None
            if stop > start:
                return memoryview(data)[start:stop]
        return None
