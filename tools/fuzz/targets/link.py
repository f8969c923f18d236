"""Both ends of a link: honest and hostile records, loss, repetition, reordering, time, restarts, repair."""

from collections.abc import Iterator

from bandwire.link import Link
from bandwire.record import RecordReader
from fuzz import vectors
from fuzz.session import Session
from fuzz.source import Source
from fuzz.tally import Tally

MAX_INPUT_BYTES = 400
_CARRIER_BYTES = (20, 64, 244, 514)
_MOST_STEPS = 100
_FIRST_SEQUENCES = (0, 0xFFFFF0)
STEPS = 16


def check(data: bytes, tally: Tally) -> None:
    """First byte: the carrier, the numbers, and whether the connection stands already; then steps."""
    source = Source(data)
    choice = source.byte()
    session = Session(_CARRIER_BYTES[choice & 3], _FIRST_SEQUENCES[choice >> 2 & 1])
    if choice & 8:
        connect(session)
    for _ in range(_MOST_STEPS):
        if source.is_empty:
            break
        _step(session, source)
    tally.add("accepted", session.host.ledger.received + session.host.ledger.repaired)
    tally.add("refused", sum(session.host.bad_counts) + sum(session.band.bad_counts))


def connect(session: Session) -> None:
    """Carry the hellos until both sides are up."""
    while record := session.send_from(session.host):
        session.give(session.band, record)
    while record := session.send_from(session.band):
        session.give(session.host, record)
    assert session.host.is_up
    assert session.band.is_up


def _step(session: Session, source: Source) -> None:
    step = source.below(STEPS)
    if step < 8:
        _carry(session, source, step)
    elif step < 10:
        link = session.band if step == 8 else session.host
        session.is_honest = False
        session.give(link, source.some(source.byte()))
    elif step == 10:
        link = session.band if source.byte() & 1 else session.host
        session.is_honest = False
        session.give(link, _in_turn(link, source))
    elif step == 11:
        session.append(source.byte(), source.some(source.byte() * (1 + 3 * (source.byte() & 1))))
    elif step == 12:
        session.pass_time(source.byte() * (1, 10, 100, 1000)[source.byte() & 3])
    elif step == 13:
        session.ask(source.below(3), source.byte(), source.byte())
    elif step == 14:
        session.post_reply(source.byte())
        session.reader.begin(session.numbering.boot_id, source.byte(), 1 + source.byte())
    elif source.byte() & 1:
        session.restart_host()
    else:
        session.restart_band()


def _carry(session: Session, source: Source, step: int) -> None:
    """Move records on: sent ones wait on the way, and come in in any order, twice, or never."""
    sender, receiver = (session.band, session.host) if step & 1 else (session.host, session.band)
    way = session.to_host if step & 1 else session.to_band
    if step < 2:
        if record := session.send_from(sender):
            session.give(receiver, record)
    elif step < 4:
        if record := session.send_from(sender):
            way.append(record)
    elif way:
        at = source.below(len(way))
        record = way[at] if step >= 6 else way.pop(at)
        if step >= 6 and source.byte() & 1:
            del way[at]
        else:
            session.give(receiver, record)
    del way[:-64]


def _in_turn(link: Link, source: Source) -> bytes:
    """A hostile record that carries the number which is expected."""
    counter = expected_counter(link._inbox.reader)
    kind = source.byte() & 0x2F
    return bytes([kind, counter & 0xFF, counter >> 8 & 0xFF]) + source.some(source.byte())


def expected_counter(reader: RecordReader) -> int:
    """The record number that a side expects next, 0 before a connection."""
    return max(reader._expected, 0)


def seeds() -> Iterator[bytes]:
    """A connection with frames, loss and repair; and each golden frame in a record of its turn."""
    yield bytes([10]) + bytes([11, 4, 30]) + bytes(30) + bytes([0, 0, 1, 1])
    lost = bytes([2, 0, 1, 11, 5, 40]) + bytes(41) + bytes([3, 11, 5, 9]) + bytes(10)
    yield lost + bytes([1, 5, 0, 14, 1, 0, 9, 1, 1, 1])
    for frame in vectors.frames():
        if len(frame) < 240:
            for side in (0, 1):
                content = len(frame).to_bytes(2, "little") + frame
                yield bytes([10, 10, side, 0, len(content)]) + content + bytes([1, 0, 12, 50, 2])
