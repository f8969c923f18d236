"""Looking through the index on the band: `journal.search_plain` again, compiled, allocating nothing.

All numbers are below 2^24, so neither the signed-load nor the 30-bit rule bites.
"""
# ptr8 is a word of the viper compiler, unknown to CPython's tools.
# pyright: basic, reportUndefinedVariable=false, reportAttributeAccessIssue=false

import micropython
from micropython import opt_level  # noqa: F401 - CPython has no such thing, so this import fails there, as it must


@micropython.viper
def find_next(
    entries,
    count: int,
    classes: int,
    phases: int,
    wanted: int,
    unwanted: int,
    boot_id: int,
    rank: int,
    sequence: int,
) -> int:  # pragma: no cover
    """The sector whose first key is the lowest, of those whose last one is above (rank, sequence)."""
    entry = ptr8(entries)
    found = -1
    lowest_rank = 0
    lowest_sequence = 0
    for sector in range(count):
        at = sector * 12
        state = entry[at]
        if entry[at + 1] == 0 or (classes >> (state & 7) & phases >> (state >> 3 & 7) & 1) == 0:
            continue
        if state & wanted != wanted or state & unwanted != 0:
            continue
        last_rank = (entry[at + 7] | entry[at + 8] << 8) - boot_id - 1 & 0xFFFF
        if last_rank < rank:
            continue
        if last_rank == rank and (entry[at + 9] | entry[at + 10] << 8 | entry[at + 11] << 16) <= sequence:
            continue
        first_rank = (entry[at + 2] | entry[at + 3] << 8) - boot_id - 1 & 0xFFFF
        first_sequence = entry[at + 4] | entry[at + 5] << 8 | entry[at + 6] << 16
        if (
            found < 0
            or first_rank < lowest_rank
            or (first_rank == lowest_rank and first_sequence < lowest_sequence)
        ):
            found = sector
            lowest_rank = first_rank
            lowest_sequence = first_sequence
    return found


@micropython.viper
def find_newest(entries, count: int, classes: int, phases: int, boot_id: int) -> int:  # pragma: no cover
    """The sector whose last key is the highest, of those of `classes` and `phases`; -1 for none."""
    entry = ptr8(entries)
    found = -1
    highest_rank = 0
    highest_sequence = 0
    for sector in range(count):
        at = sector * 12
        state = entry[at]
        if entry[at + 1] == 0 or (classes >> (state & 7) & phases >> (state >> 3 & 7) & 1) == 0:
            continue
        rank = (entry[at + 7] | entry[at + 8] << 8) - boot_id - 1 & 0xFFFF
        sequence = entry[at + 9] | entry[at + 10] << 8 | entry[at + 11] << 16
        if found < 0 or rank > highest_rank or (rank == highest_rank and sequence > highest_sequence):
            found = sector
            highest_rank = rank
            highest_sequence = sequence
    return found


@micropython.viper
def find_phase(entries, count: int, phase: int, start: int) -> int:  # pragma: no cover
    """The first sector in a phase from `start` on, around the end; -1 for none."""
    entry = ptr8(entries)
    sector = start
    for _ in range(count):
        if sector >= count:
            sector = 0
        if entry[sector * 12] >> 3 & 7 == phase:
            return sector
        sector += 1
    return -1
