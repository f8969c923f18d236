"""Which transfers of a bus trace read what is measured."""

from collections.abc import Sequence

from bandsim.bus import Transfer
from bandsim.chips.base import Chip

SAMPLE_REGISTERS = {
    "max30101": {0x07},
    "lsm6dso": {*range(0x28, 0x2E), *range(0x78, 0x7F)},
    "tmp117": {0x00},
    "max17048": {0x02, 0x04, 0x16},
}
"""Registers that hold what is measured: FIFO data, acceleration, temperature, voltage, charge and its rate
(the numbers are those of the drivers).
"""


def sample_reads(trace: Sequence[Transfer], chips: dict[str, Chip]) -> list[Transfer]:
    """The transfers of a trace that read what is measured, be it in a burst that begins before it.

    A read that names no register counts as well: it goes on from wherever the chip stands.
    """
    registers = {chip.address: SAMPLE_REGISTERS.get(name, set()) for name, chip in chips.items()}
    return [transfer for transfer in trace if not _read_by(transfer).isdisjoint(registers[transfer.address])]


def _read_by(transfer: Transfer) -> set[int]:
    if not transfer.written:
        return set(range(0x100))
    start = transfer.written[0]
    return set(range(start, start + transfer.read_count))
