"""Who holds what of the heap: each object of a running band, by what it is and by the class that holds it."""

import asyncio
import secrets
import tempfile
from collections import Counter, deque
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from rich.table import Table

import firmware_image
from bandsim.lane import LaneSettings
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings, VirtualBand
from bench.output import table_of
from budget.heap_memory import RAM_BYTES, RAM_FROM, HeapMemory, read_heap
from budget.image_parts import symbols_of
from budget.workload import HANG_LIMIT_S, Work, live_until

_LARGEST = 40
_FILE = "heap.bin"
_MAIN = """
import dump
import sys
sys.path[:] = [".frozen"]
del sys.modules["main"]
import main
"""
"""Imported in place of the firmware's own, which it then puts back."""
_DUMP = f"""
import channel
from gc import collect
from uctypes import bytearray_at

def _write():
    collect()
    with open("{_FILE}", "wb") as file:
        file.write(bytearray_at({RAM_FROM}, {RAM_BYTES}))
    report()

report = channel.report_cost
channel.report_cost = _write
"""
_OF_BYTES = ("array", "bytearray", "memoryview", "str", "bytes")


@dataclass(frozen=True)
class Held:
    """An object of the heap: its bytes, what it is, the class that holds it, and the way there."""

    size_bytes: int
    kind: str
    owner: str
    path: str


def take_dump(work: Work, heap_bytes: int) -> bytes:
    """Run the work on the image; give its RAM at the end of it, after a collection."""
    with tempfile.TemporaryDirectory() as folder:
        firmware, state = Path(folder) / "firmware", Path(folder) / "state"
        firmware.mkdir()
        (firmware / "main.py").write_text(_MAIN, encoding="utf-8")
        (firmware / "dump.py").write_text(_DUMP, encoding="utf-8")
        lane = LaneSettings(
            kind="m4",
            counts_instructions=True,
            heap_bytes=heap_bytes,
            firmware_dir=firmware,
            state_dir=state,
        )
        scenario = load_scenario(work.scenario, duration_s=work.start_s + work.window_s)
        with (
            patch.object(secrets, "token_bytes", bytes),
            VirtualBand(scenario, BandSettings(lane=lane)) as band,
        ):
            asyncio.run(asyncio.wait_for(live_until(work, band), HANG_LIMIT_S))
        return (state / _FILE).read_bytes()


class Census:
    """Walks from the band over all that it holds, then from whatever else the interpreter knows."""

    def __init__(self, memory: HeapMemory) -> None:
        self.held: dict[int, Held] = {}
        self._memory = memory
        self._waiting: deque[int] = deque()
        self._walk()

    def _walk(self) -> None:
        memory = self._memory
        # The band first: what it holds is told by its own names.
        for place in memory.heads:
            if memory.type_name(place) == "flash_type_linked_Band":
                self._claim(place, "", "Band", "band")
        self._look()
        roots = (("image_data_start", "image_bss_end"), ("image_stack_limit", "image_stack_top"))
        for owner, (first, end) in zip(("interpreter", "stack"), roots, strict=True):
            for word in memory.static_words(first, end):
                self._claim(word, "", owner, owner)
                self._look()

    def _claim(self, place: int, kind: str, owner: str, path: str) -> None:
        if place in self._memory.heads and place not in self.held:
            name = kind or self._memory.type_name(place).removeprefix("mp_type_") or "?"
            is_instance = not kind and (name.startswith(("flash_type_", "type ")))
            owner = name.removeprefix("flash_type_linked_").removeprefix("type ") if is_instance else owner
            kind = "instance" if is_instance else name
            self.held[place] = Held(self._memory.heads[place], kind, owner, path)
            self._waiting.append(place)

    def _look(self) -> None:
        while self._waiting:
            place = self._waiting.popleft()
            held = self.held[place]
            if held.kind != "buffer":
                self._look_into(place, held)

    def _look_into(self, place: int, held: Held) -> None:
        memory = self._memory
        own, path = held.owner, held.path
        if held.kind in ("instance", "dict"):
            names = memory.map_at(place + 4)
            self._claim(names.table, "table of names", own, path)
            for name, value in names.items:
                self._claim(value, "", own, f"{path}.{name}")
        elif held.kind in _OF_BYTES:
            self._claim(memory.word(place + 12), "buffer", own, path)
        elif held.kind == "list":
            self._claim(memory.word(place + 12), "table of items", own, path)
        # Whatever else it points to, as the collector sees it.
        for word in memory.words(place):
            self._claim(word, "", own, path + "[]")


def census_of(work: Work, heap_bytes: int, soc: str) -> list[Held]:
    """Give every object of a band that does this work on the image of a chip, the largest first."""
    image = firmware_image.image_path(soc)
    memory = read_heap(take_dump(work, heap_bytes), image, symbols_of(image), heap_bytes)
    return sorted(Census(memory).held.values(), key=lambda held: -held.size_bytes)


def census_tables(every: list[Held]) -> list[Table]:
    """The heap by kind and by owner, and the largest objects."""
    total = sum(held.size_bytes for held in every)
    tables: list[Table] = []
    for title, field in (("what it is", "kind"), ("class that holds it", "owner")):
        sizes: Counter[str] = Counter()
        counts: Counter[str] = Counter()
        for held in every:
            name = getattr(held, field)
            sizes[name] += held.size_bytes
            counts[name] += 1
        rows = [(name, f"{counts[name]}", f"{size:,}") for name, size in sizes.most_common(_LARGEST)]
        rows.append(("all", f"{len(every)}", f"{total:,}"))
        tables.append(table_of(f"Heap by {title}", (title, "objects", "bytes"), rows))
    rows = [(held.path, held.kind, f"{held.size_bytes:,}") for held in every[:_LARGEST]]
    tables.append(table_of("The largest objects", ("where", "what", "bytes"), rows))
    return tables
