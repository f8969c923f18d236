"""Looking through the index in plain Python: for CPython, and what the band's version is tested by."""

_ENTRY_BYTES = 12


def find_next(entries, count, classes, phases, wanted, unwanted, boot_id, rank, sequence):
    """The sector whose first key is the lowest, of those whose last one is above (rank, sequence); else -1.

    `classes` and `phases` are bits, `wanted` flags must be set and `unwanted` ones not; sectors without a
    frame are passed over. The rank of `boot_id` is 65,535.
    """
    found = -1
    lowest = 0, 0
    for sector in range(count):
        at = sector * _ENTRY_BYTES
        state = entries[at]
        if not entries[at + 1] or not classes >> (state & 7) & phases >> (state >> 3 & 7) & 1:
            continue
        if state & wanted != wanted or state & unwanted:
            continue
        first = _key(entries, at + 2, boot_id)
        last = _key(entries, at + 7, boot_id)
        if last > (rank, sequence) and (found < 0 or first < lowest):
            found, lowest = sector, first
    return found


def find_newest(entries, count, classes, phases, boot_id):
    """The sector whose last key is the highest, of those of `classes` and `phases`; -1 for none."""
    found = -1
    highest = 0, 0
    for sector in range(count):
        at = sector * _ENTRY_BYTES
        state = entries[at]
        if entries[at + 1] and classes >> (state & 7) & phases >> (state >> 3 & 7) & 1:
            last = _key(entries, at + 7, boot_id)
            if found < 0 or last > highest:
                found, highest = sector, last
    return found


def find_phase(entries, count, phase, start):
    """The first sector in a phase from `start` on, around the end; -1 for none."""
    for passed in range(count):
        sector = (start + passed) % count
        if entries[sector * _ENTRY_BYTES] >> 3 & 7 == phase:
            return sector
    return -1


def _key(entries, at, boot_id):
    rank = (entries[at] | entries[at + 1] << 8) - boot_id - 1 & 0xFFFF
    return rank, entries[at + 2] | entries[at + 3] << 8 | entries[at + 4] << 16
