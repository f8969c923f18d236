"""What lies on the heap of a running image: its RAM, read by the symbols of the ELF file that it runs."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

RAM_FROM = 0x2000_0000
RAM_BYTES = 256 * 1024
BLOCK_BYTES = 16
_BLOCKS_A_BYTE, _HEAD, _TAIL = 4, 1, 2
_LOADED = 1
_NAME_TAG, _NAME_SHIFT = 2, 3
_PLACES_OF_A_MAP = 8


@dataclass(frozen=True)
class Map:
    """A map of py/map.c: where its table lies, and what it holds by its names; a key that is none is `?`."""

    table: int
    used: int
    items: list[tuple[str, int]]


@dataclass
class HeapMemory:
    """RAM of the image, the blocks of its heap, and its flash. `heads`: bytes of what begins at a place."""

    ram: bytes
    image: bytes
    symbols: dict[str, int]
    heads: dict[int, int] = field(default_factory=dict[int, int])
    names_of: dict[int, str] = field(default_factory=dict[int, str])

    def read(self, place: int, count: int) -> bytes:
        """Give bytes of RAM or flash; none where there is neither."""
        if place >= RAM_FROM:
            return self.ram[place - RAM_FROM : place - RAM_FROM + count]
        for start, offset, size in _segments(self.image):
            if start <= place and place + count <= start + size:
                return self.image[offset + place - start : offset + place - start + count]
        return b""

    def word(self, place: int) -> int:
        """Give a word; 0 where there is none."""
        read = self.read(place, 4)
        return int.from_bytes(read, "little") if len(read) == 4 else 0

    def words(self, place: int) -> Iterator[int]:
        """Give every word of what begins at a place of the heap."""
        for at in range(place, place + self.heads[place], 4):
            yield self.word(at)

    def static_words(self, first: str, end: str) -> Iterator[int]:
        """Give the words from one symbol on to another."""
        for at in range(self.symbols[first], self.symbols[end], 4):
            yield self.word(at)

    def type_name(self, place: int) -> str:
        """Give what an object is, by the symbol of its type; empty where it is none."""
        kind = self.word(place)
        name = self.names_of.get(kind, "")
        if not name and kind in self.heads and self.names_of.get(self.word(kind)) == "mp_type_type":
            return "type " + self.text(self.word(kind + 4) >> 16)
        return name

    def text(self, number: int) -> str:
        """Give a name by its number in the pools of names."""
        pool = self._newest_pool()
        while pool:
            before, count = self.word(pool + 4) & 0x7FFF_FFFF, self.word(pool + 12)
            if before <= number < before + count:
                at = number - before
                length = self.read(self.word(pool + 20) + at, 1)[0]
                return self.read(self.word(pool + 24 + 4 * at), length).decode(errors="replace")
            pool = self.word(pool)
        return "?"

    def map_at(self, place: int) -> Map:
        """Read a map, whose first word is at `place`."""
        count, room, table = self.word(place) >> 3, self.word(place + 4), self.word(place + 8)
        items: list[tuple[str, int]] = []
        for index in range(room):
            key, value = (self.word(table + _PLACES_OF_A_MAP * index + half) for half in (0, 4))
            if key not in (0, 4):
                is_name = key & 7 == _NAME_TAG
                items.append((self.text(key >> _NAME_SHIFT) if is_name else "?", value))
                if not is_name:
                    items.append(("?", key))
        return Map(table, count, items)

    def _newest_pool(self) -> int:
        frozen = self.symbols["mp_qstr_frozen_const_pool"]
        for word in self.static_words("mp_state_ctx", "image_bss_end"):
            if word in self.heads and self.word(word) == frozen:
                return word
        return frozen


def read_heap(ram: bytes, image: Path, symbols: dict[str, int], heap_bytes: int) -> HeapMemory:
    """Find the objects of a heap, as gc.c of the pinned MicroPython lays it out."""
    memory = HeapMemory(ram, image.read_bytes(), symbols)
    memory.names_of = {place & ~1: name for name, place in symbols.items() if not name.startswith("$")}
    start = symbols["image_bss_end"]
    end = (start + heap_bytes) // BLOCK_BYTES * BLOCK_BYTES
    # A byte of the table is for four blocks; beside it half a byte tells which of them have a finaliser.
    table_bytes = (end - start - 1) * 8 // (8 + 4 + 8 * _BLOCKS_A_BYTE * BLOCK_BYTES)
    blocks = table_bytes * _BLOCKS_A_BYTE
    first = end - blocks * BLOCK_BYTES
    head = 0
    for block in range(blocks):
        state = ram[start - RAM_FROM + block // _BLOCKS_A_BYTE] >> 2 * (block % _BLOCKS_A_BYTE) & 3
        if state == _HEAD:
            head = first + block * BLOCK_BYTES
            memory.heads[head] = BLOCK_BYTES
        elif state == _TAIL:
            memory.heads[head] += BLOCK_BYTES
    return memory


def _segments(image: bytes) -> Iterator[tuple[int, int, int]]:
    """Address, offset in the file and size of what is loaded."""
    (table,) = struct.unpack_from("<I", image, 28)
    entry_bytes, count = struct.unpack_from("<HH", image, 42)
    for index in range(count):
        kind, offset, address, _, size = struct.unpack_from("<5I", image, table + index * entry_bytes)
        if kind == _LOADED and size:
            yield address, offset, size
