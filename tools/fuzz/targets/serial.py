"""Both ends of a serial line: what each writes comes to the other cut, changed, mixed with anything."""

from collections.abc import Iterator

from bandwire.serial import SerialCarrier
from fuzz import vectors
from fuzz.session import Session
from fuzz.source import Source
from fuzz.tally import Tally
from fuzz.targets.deframer import packet_of
from fuzz.targets.link import connect, expected_counter

MAX_INPUT_BYTES = 400
_MOST_STEPS = 100
_LARGEST_WRITE = 700


def check(data: bytes, tally: Tally) -> None:
    """First byte: whether the connection stands; then steps."""
    source = Source(data)
    session = Session(244, 0)
    if source.byte() & 1:
        connect(session)
    for _ in range(_MOST_STEPS):
        if source.is_empty:
            break
        _step(session, source, tally)
    tally.add("accepted", session.host_carrier.deframer.records + session.band_carrier.deframer.records)
    tally.add("refused", sum(session.host.bad_counts) + sum(session.band.bad_counts))


def _step(session: Session, source: Source, tally: Tally) -> None:
    step = source.below(10)
    is_to_host = step & 1 == 1
    sender, receiver = session.host_carrier, session.band_carrier
    if is_to_host:
        sender, receiver = receiver, sender
    if step < 2:
        session.give_stream(receiver, _written(session, sender))
    elif step < 4:
        written = bytearray(_written(session, sender))
        if written:
            _change(written, source)
            tally.add("damaged")
        session.give_stream(receiver, bytes(written))
    elif step < 6:
        session.is_honest = False
        session.give_stream(receiver, source.some(source.byte()))
    elif step < 8:
        session.is_honest = False
        counter = expected_counter(receiver.link._inbox.reader)
        record = bytes([source.byte() & 0x2F, counter & 0xFF, counter >> 8 & 0xFF]) + source.some(
            source.byte()
        )
        session.give_stream(receiver, packet_of(record))
    elif step == 8:
        session.append(source.byte(), source.some(source.byte()))
    else:
        session.pass_time(source.byte() * (1, 20, 400)[source.below(3)])


def _written(session: Session, carrier: SerialCarrier) -> bytes:
    """What a side writes now, at most a few packets."""
    written = b""
    while len(written) < _LARGEST_WRITE and (count := carrier.fill(session.now_ms)):
        written += bytes(carrier.output[carrier.output_start : carrier.output_start + count])
        carrier.sent(count)
    return written


def _change(written: bytearray, source: Source) -> None:
    """Change, drop or add bytes: the other side must give on nothing that was not sent."""
    for _ in range(1 + source.below(4)):
        way, at = source.below(3), source.below(len(written) + 1)
        if way == 0 and at < len(written):
            written[at] ^= source.byte()
        elif way == 1:
            del written[at : at + source.byte()]
        else:
            written[at:at] = source.some(source.below(9))


def seeds() -> Iterator[bytes]:
    """A connection with traffic both ways, damaged and not; and each golden frame in its packet."""
    yield bytes([0, 0, 1, 8, 4, 30]) + bytes(30) + bytes([1, 1, 9, 200, 2, 0, 1])
    yield bytes([1, 8, 5, 90]) + bytes(90) + bytes([3, 1, 0, 9, 85, 8, 5, 9]) + bytes(9) + bytes([1, 9, 3, 0])
    for frame in vectors.frames():
        if len(frame) < 240:
            for step in (6, 7):
                content = len(frame).to_bytes(2, "little") + frame
                yield bytes([1, step, 0, len(content)]) + content + bytes([1, 0, 9, 50, 2])
