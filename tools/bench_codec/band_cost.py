"""What the encoder costs on the image: instructions a sample, the longest piece of work, and its memory."""

import shutil
import tempfile
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean

from rich.table import Table

from bandsim.conductor import CLOCK_MHZ
from bandsim.errors import FirmwareError
from bandsim.lane import LaneSettings
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings, VirtualBand
from bandwire.predictors import ENERGIES_0, TABLE_0
from bench.output import table_of
from bench_codec.recordings import Group, load_groups
from bench_codec.sender import Block, blocks_of

BAND_CAPACITY = 100
"""Steps that wait at most in the firmware."""

_SCRIPT = Path(__file__).parent / "on_band" / "encode" / "main.py"
_LATEST_S = 600
_BLOCKS = 4
_SHARED_WORD_BYTES = 4


@dataclass(frozen=True)
class EncoderCost:
    """Of one group: instructions a sample over some blocks, of the longest piece of work; bytes of heap.

    `shared_bytes` are the words that the encoder borrows within a piece of work.
    """

    name: str
    capacity: int
    steps: int
    instructions: float
    longest: int
    own_bytes: int
    shared_bytes: int


def _shortened(group: Group, capacity: int) -> Group:
    """The group with the middle of one recording, so much that it gives some blocks of that capacity."""
    whole = max(group.reported, key=len)
    middle = len(whole) // 2
    blocks = blocks_of(whole[middle:], group, capacity=capacity)
    steps = sum(block.steps for block in blocks[:_BLOCKS])
    return replace(group, reported=(whole[middle : middle + steps],))


def _case(group: Group, capacity: int) -> tuple[object, ...]:
    kind = "h" if group.is_signed and group.sample_bits <= 16 else "i"
    data = array(kind, group.reported[0].ravel().tolist()).tobytes()
    name = group.name.replace(" ", "_")
    return (name, group.channel_count, group.sample_bits, group.is_signed, capacity, kind, data)


def _printed(case: tuple[object, ...]) -> Iterator[list[str]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(_SCRIPT, folder)
        (folder / "cases.py").write_text(
            f"TABLE_0 = {TABLE_0!r}\nENERGIES_0 = {ENERGIES_0!r}\nCASES = ({case!r},)\n"
        )
        lane = LaneSettings(kind="m4", counts_instructions=True, firmware_dir=folder)
        with VirtualBand(load_scenario("rest"), BandSettings(lane=lane)) as band:
            try:
                band.run_for(_LATEST_S)
            except FirmwareError as error:
                if "its main program returned" not in str(error):
                    raise
            for line in list(band.conductor.log.lines)[1:]:
                yield line.text.split()


def cost_of(group: Group, capacity: int) -> EncoderCost:
    """Measure the encoder on some blocks; ValueError when the image makes others than the plain kernels."""
    group = _shortened(group, capacity)
    (_, own_bytes), *lines = _printed(_case(group, capacity))
    made = [Block(int(head), bytes.fromhex(body), int(steps)) for head, steps, _, _, body in lines]
    if made != blocks_of(group.reported[0], group, capacity=capacity):
        raise ValueError(f"{group.name}: the image makes other blocks than the plain kernels")
    total = sum(int(line[2]) for line in lines)
    samples = group.reported[0].size
    return EncoderCost(
        group.name,
        capacity,
        round(sum(block.steps for block in made) / len(made)),
        total / samples,
        max(int(line[3]) for line in lines),
        int(own_bytes),
        _SHARED_WORD_BYTES * capacity * group.channel_count,
    )


def _row(cost: EncoderCost) -> list[str]:
    milliseconds = cost.longest / CLOCK_MHZ / 1000
    return [
        cost.name, str(cost.capacity), str(cost.steps), f"{cost.instructions:.0f}", f"{cost.longest:,}",
        f"{milliseconds:.2f}", f"{cost.own_bytes:,}", f"{cost.shared_bytes:,}",
    ]  # fmt: skip


def run(data: Path) -> list[Table]:
    """One row a group, at the firmware's capacity, and at the double where more would fit a packet."""
    rows: list[list[str]] = []
    instructions: list[float] = []
    for group in load_groups(data):
        cost = cost_of(group, BAND_CAPACITY)
        rows.append(_row(cost))
        instructions.append(cost.instructions)
        if cost.steps > BAND_CAPACITY * 0.8:
            rows.append(_row(cost_of(group, 2 * BAND_CAPACITY)))
    rows.append([f"mean at {BAND_CAPACITY}", "", "", f"{mean(instructions):.0f}", "", "", "", ""])
    headings = (
        "recordings", "most steps", "steps a block", "instructions a sample", "longest call", "ms at CPI 1",
        "heap B", "shared B",
    )  # fmt: skip
    return [table_of("The band's encoder on the emulated Cortex-M4", headings, rows)]
