"""Traffic for the readers of other languages: a virtual band, and a link with every golden vector."""

import asyncio
import json
from pathlib import Path

from bandschema.enums import Role, StreamId
from bandschema.layout import BY_NAME
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
        await band.run_for(40)


def live_capture(path: Path) -> None:
    """Write the link of the virtual band with a host that wants everything, for 40 s of its life."""
    asyncio.run(_live(path))


def vector_payloads() -> list[tuple[int, bytes]]:
    """Kind and payload of every golden vector that a band may number."""
    found: list[tuple[int, bytes]] = []
    for name, layout in BY_NAME.items():
        if layout.kind >= 0x40:
            continue
        text = (ROOT / f"protocol/bandschema/vectors/{name}.jsonl").read_text("utf-8")
        frames = [bytes.fromhex(json.loads(line)["frame"]) for line in text.splitlines()]
        found += [(frame[1], frame[12:]) for frame in frames if len(frame) < 1000]
    return found


def pieces_in_records(record_bytes: int, seal: bytes = b"") -> list[Piece]:
    """Every numbered kind, over a link whose records hold so little that frames come in fragments."""
    seals = {"band_seal": ToySeal(seal), "host_seal": ToySeal(seal)} if seal else {}
    pair = Pair(ring_bytes=65_536, **seals)
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
