"""Traffic for the readers of other languages: a virtual band, and a link with every golden vector."""

import asyncio
import json
import random
import struct
from functools import cache
from pathlib import Path

from hypothesis import given, settings

from bandschema import codec, strategies
from bandschema.blocks import Choice, Shape, encode_block, encode_raw_block
from bandschema.enums import Role, StreamId
from bandschema.layout import BY_NAME
from bandschema.records import Header, Record
from bandwire.serial import SerialCarrier
from languages.captures import Piece
from languages.programs import ROOT
from link.pairs import Pair
from link.toy_seal import ToySeal
from vitalband import Band


async def _live(path: Path) -> None:
    async with Band.open("sim:rest", capture_to=path) as band:
        await band.start_stream(StreamId.OPTICAL, when_agreed=True)
        await band.start_stream(StreamId.MOTION, when_agreed=True)
        await band.run_for(120)


def live_capture(path: Path) -> None:
    """Write the link of the virtual band with a host that wants everything, for two minutes of its life."""
    asyncio.run(_live(path))


def vector_lines(name: str) -> list[str]:
    """The lines of a file of golden vectors."""
    return (ROOT / f"protocol/bandschema/vectors/{name}.jsonl").read_text("utf-8").splitlines()


@cache
def frames_by_chance(name: str) -> tuple[bytes, ...]:
    """Some frames of a kind, fewer than the readers of the project are held against: drawing costs most."""
    found: list[bytes] = []

    @settings(max_examples=60)
    @given(strategies.headers(BY_NAME[name].kind), strategies.records(name))
    def collect(header: Header, record: Record) -> None:
        found.append(codec.encode(header, record))

    collect()
    return tuple(found)


def vector_payloads() -> list[tuple[int, bytes]]:
    """Kind and payload of every golden vector that a band may number."""
    found: list[tuple[int, bytes]] = []
    for name, layout in BY_NAME.items():
        if layout.kind >= 0x40:
            continue
        frames = [bytes.fromhex(json.loads(line)["frame"]) for line in vector_lines(name)]
        found += [(frame[1], frame[12:]) for frame in frames if len(frame) < 1000]
    return found


def pieces_in_records(record_bytes: int, seal: bytes = b"") -> list[Piece]:
    """Every numbered kind, over a link whose records hold so little that frames come in fragments."""
    seals = {"band_seal": ToySeal(seal), "host_seal": ToySeal(seal)} if seal else {}
    pair = Pair(memory_bytes=65_536, **seals)
    found = exchanged(pair, record_bytes)
    for at, (kind, payload) in enumerate(vector_payloads()):
        pair.append(payload, kind)
        if at % 7 == 0:
            pair.host.request_time(at, 1000, pair.now_ms)
        pair.now_ms += 10
        found += exchanged(pair, record_bytes)
    return found


def exchanged(pair: Pair, record_bytes: int = 244) -> list[Piece]:
    """What both sides of a pair say until neither has more to say."""
    sides = {
        Role.HOST: SerialCarrier(pair.host, record_bytes),
        Role.BAND: SerialCarrier(pair.band, record_bytes),
    }
    found: list[Piece] = []

    is_busy = True
    while is_busy:
        is_busy = False
        for role, carrier in sides.items():
            other = sides[Role(1 - role)]
            while count := carrier.fill(pair.now_ms):
                is_busy = True
                data = bytes(carrier.output[carrier.output_start : carrier.output_start + count])
                carrier.sent(count)
                found.append((role, pair.now_ms * 1000, data))
                other.receive(data, len(data), pair.now_ms)
                while other.next_event(pair.now_ms) is not None:
                    pass
    return found


def body_payloads(seed: int) -> list[tuple[int, bytes]]:
    """Descriptors, blocks of these streams, and runs of vitals, some of them spoiled."""
    chance, found = random.Random(seed), list[tuple[int, bytes]]()
    runs = [bytes.fromhex(json.loads(line)["body"]) for line in vector_lines("vitals_run_bodies")]
    for _ in range(60):
        stream_id = chance.randint(0, 7)
        shape = Shape(chance.randint(1, 8), chance.randint(1, 24), chance.random() < 0.5)
        descriptor = (stream_id, 1, shape.channel_count, shape.sample_bits, shape.is_signed)
        found.append((0x03, struct.pack("<5BII9x", *descriptor, 25_000, 1)))
        for _ in range(4):
            head, body = spoiled(chance, *some_block(chance, shape, stream_id))
            found.append((0x0D, struct.pack("<HHB", head, chance.randrange(1 << 16), 0) + body))
        _, run = spoiled(chance, 0, chance.choice(runs))
        found.append((0x0E, run))
        count = chance.randint(0, 9)
        size = count * shape.channel_count * -(-shape.sample_bits // 8) + chance.choice((0, 0, 0, 1))
        found.append((0x05, struct.pack("<BBBHI", 21, stream_id, 0, count, 7) + chance.randbytes(size)))
    return found


def some_block(chance: random.Random, shape: Shape, stream_id: int) -> tuple[int, bytes]:
    """A block by chance, from one step of one bit to what fills a frame."""
    wild = chance.random()
    values = [chance.randint(shape.lowest, shape.highest) for _ in range(shape.channel_count)]
    steps = []
    for _ in range(chance.randint(1, 40)):
        reach = 1 << chance.randint(0, shape.sample_bits) if wild < 0.3 else 8
        values = [
            min(max(value + chance.randint(-reach, reach), shape.lowest), shape.highest) for value in values
        ]
        steps.append(tuple(values))
    if chance.random() < 0.2:
        return encode_raw_block(steps, shape, stream_id=stream_id)
    choices = [Choice(chance.randint(0, 31), chance.randint(0, 24), chance.randint(-32, 31)) for _ in values]
    head, body = encode_block(steps, shape, choices, stream_id=stream_id)
    return (head, body) if len(body) < 980 else encode_raw_block(steps, shape, stream_id=stream_id)


def spoiled(chance: random.Random, head: int, body: bytes) -> tuple[int, bytes]:
    """Head and body as they were, or not quite."""
    at = chance.randrange(len(body))
    ways = [
        (head, body),
        (head ^ 1 << chance.randrange(16), body),
        (head, body[:at] + bytes([body[at] ^ 1 << chance.randrange(8)]) + body[at + 1 :]),
        (head, body[:at]),
        (head, body + b"\0"),
        (head, chance.randbytes(chance.randrange(60))),
    ]
    return chance.choice(ways)
