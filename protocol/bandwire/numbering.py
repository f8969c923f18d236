"""Sequence numbers: (band, boot, sequence) names one frame.

The bound: boots 1..65,535 (one a start, and one more when a boot's numbers run out) of 16,777,215 frames
each. After them the band's storage counts from 1 again: a band that starts so repeats names, and a
store that holds other frames of these names refuses them. Within a start `take` refuses (LocalError).
A band whose storage fails takes a boot id by chance: then a repeat is unlikely, not impossible.
"""

from bandwire.errors import LocalError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

LAST_SEQUENCE = 0xFFFFFE
"""Last number given out in a boot; the one after it is kept free, so that a session frame can still
name the next number in 24 bits."""
LAST_BOOT_ID = 0xFFFF


class Numbering:
    """Gives out sequence numbers within a boot; raises the boot id before they run out.

    `raise_boot_id()` must store the raised boot id durably and return it. `boot_id` and
    `next_sequence` are the number that `take` gives next, unless the boot id is raised first.
    """

    def __init__(self, boot_id: int, raise_boot_id: "Callable[[], int]", next_sequence: int = 0) -> None:
        self.boot_id = boot_id
        self.next_sequence = next_sequence
        self._raise_boot_id = raise_boot_id

    def take(self) -> int:
        """Give out the next sequence number; read `boot_id` after it, as it may have been raised."""
        if self.next_sequence > LAST_SEQUENCE:
            self._begin_boot(self._raise_boot_id())
        sequence = self.next_sequence
        self.next_sequence = sequence + 1
        return sequence

    def _begin_boot(self, boot_id: int) -> None:
        if not self.boot_id < boot_id <= LAST_BOOT_ID:
            raise LocalError(
                "the raised boot id must lie in %d..%d, got %d" % (self.boot_id + 1, LAST_BOOT_ID, boot_id)
            )
        self.boot_id = boot_id
        self.next_sequence = 0
