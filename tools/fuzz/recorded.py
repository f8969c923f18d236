"""Seeds from a recorded link: `python -m fuzz.recorded FILE.pcap` adds its packets to the kept corpora.

Such a file is what `vitalband record sim:rest --capture FILE.pcap` writes of a serial line.
"""

import struct
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from fuzz import corpus
from fuzz.targets import target
from fuzz.targets.deframer import plain_records

_FILE_HEAD_BYTES, _PACKET_HEAD = 24, struct.Struct("<IIII")
_SENT_BY_HOST = 1
_LONGEST_RECORD_BYTES = 514
_RECORD_HEAD_BYTES = 3
_MOST_OF_A_KIND = 3


def packets_of(capture: bytes) -> Iterator[tuple[int, bytes]]:
    """Who sent each packet of a capture (0 band, 1 host), and its bytes with the closing zero."""
    at = _FILE_HEAD_BYTES
    while at < len(capture):
        length = _PACKET_HEAD.unpack_from(capture, at)[2]
        at += _PACKET_HEAD.size
        yield capture[at] & _SENT_BY_HOST, capture[at + 1 : at + length]
        at += length


def inputs_of(packets: Sequence[tuple[int, bytes]]) -> dict[str, list[bytes]]:
    """Inputs by target: each packet to the deframer and to the other side, each frame alone in its record."""
    found: dict[str, list[bytes]] = {"deframer": [], "serial": [], "frame": []}
    seen: dict[tuple[int, int], int] = {}
    for sender, packet in packets:
        [record] = list(plain_records(packet, _LONGEST_RECORD_BYTES)) or [b""]
        kind = record[_RECORD_HEAD_BYTES + 1 :][:1] if record[:1] and record[0] & 3 == 3 else record[6:7]
        like = sender, kind[0] if kind else 0
        seen[like] = seen.get(like, 0) + 1
        if seen[like] > _MOST_OF_A_KIND or len(packet) > 255:
            continue
        found["deframer"].append(bytes([4, 60]) + packet)
        found["serial"].append(bytes([1, 4 + (sender == 0), len(packet)]) + packet)
        if record[:1] and record[0] & 3 == 3:
            found["frame"].append(record[_RECORD_HEAD_BYTES:])
    return {
        name: [data for data in inputs if len(data) <= target(name).MAX_INPUT_BYTES]
        for name, inputs in found.items()
    }


def main(arguments: Sequence[str]) -> None:
    """Add what a capture holds."""
    [path] = arguments
    for name, inputs in inputs_of(list(packets_of(Path(path).read_bytes()))).items():
        corpus.keep(corpus.CORPUS, name, [*corpus.kept(corpus.CORPUS, name), *inputs])
        print(f"{name}: {len(inputs)} inputs")


if __name__ == "__main__":
    main(sys.argv[1:])
