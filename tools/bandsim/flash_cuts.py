"""Ways in which power may go in an operation of the flash, and what an erase may leave of a sector."""

from collections.abc import Iterator

from bandsim.nor_flash import ERASED, SECTOR_BYTES, WORD_BYTES, Cut, Erasure, FlashOperation

MIXTURES = 4
"""Half-done erases of one sector, each by a seed of its own."""
_PARTS = (1, 4, 12, 60, 2048, 4092, 4095)
"""Bytes that an erase got through: about the records at a sector's ends, and its middle."""


def ways_to_cut(operation: FlashOperation, number: int) -> Iterator[Cut]:
    """Before an operation, in it and after it: every byte of a short program, of a longer one six places.

    `number` counts the operations: over a run of them each byte of a program is such a place.
    """
    if operation.is_erase:
        yield from (Cut(erasure=Erasure.NOTHING), Cut(erasure=Erasure.WHOLE))
        yield from (Cut(erasure=Erasure.MIXED, seed=number * 8 + seed) for seed in range(MIXTURES))
        return
    count = operation.count
    if count <= WORD_BYTES:
        prefixes = set(range(count + 1))
    else:
        prefixes = {0, 1 + number % 3, 4, 5 + number % (count - 5), count - 4 + number % 4, count}
    for prefix in sorted(prefixes):
        yield Cut(prefix, prefix % 2 == 1, seed=number)


def partly_erased(old: bytes) -> Iterator[bytes]:
    """A sector whose erase got through a part of it, from either end."""
    erased = bytes([ERASED])
    for part in _PARTS:
        yield erased * part + old[part:]
        yield old[: SECTOR_BYTES - part] + erased * part
