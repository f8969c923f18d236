"""A capture of secure sessions shows record headers, and ties no pairing to another but as the text says."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

from bandschema.enums import Role
from bandwire.frames import HELLO_BYTES, KIND_HANDSHAKE, KIND_HELLO
from bandwire.framing import Deframer
from bandwire.record import MAX_RECORD_BYTES
from languages.captures import Piece, tshark_findings, write_capture
from languages.traffic import exchanged, vector_payloads
from link.pairs import BAND_ID
from link.secured import NAME, SecurePair

_SEQUENCE_BYTES = 5
"""So many alike would come by chance once in ten thousand of such captures; fewer come in each."""
_SEALED, _HELLO = 0x10, 0x20


def secured_capture(seed: int, now_ms: int) -> tuple[SecurePair, list[Piece]]:
    """A pairing, what a band says then, and a resumption; `seed` is of all that either side draws."""
    chance = Random(seed)
    session_ids = [chance.randbytes(8) for _ in range(2)]
    pair = SecurePair(
        is_pairing=True, seed=seed, is_clear_allowed=False, memory_bytes=65_536, session_id=session_ids[0],
        now_ms=now_ms,
    )  # fmt: skip
    pair.window.open(now_ms)
    found = exchanged(pair)
    assert pair.host.type_code(pair.wearer.code, now_ms)
    found += exchanged(pair)
    pair.band.accept_pairing(now_ms)
    assert pair.band.next_event() is not None
    for session_id in session_ids[1:]:
        found += exchanged(pair)
        assert pair.host.is_up
        for kind, payload in vector_payloads():
            pair.append(payload, kind)
        pair.host.request_time(0, 1000, now_ms)
        found += exchanged(pair)
        pair.host.restart(session_id, now_ms)
    found += exchanged(pair)
    assert pair.host.is_up
    return pair, found


def records_of(pieces: list[Piece]) -> Iterator[tuple[Role, bytes]]:
    """Who sent it, and the record, without what the carrier puts around it."""
    readers = {role: Deframer(MAX_RECORD_BYTES) for role in Role}
    for role, _, data in pieces:
        reader = readers[role]
        reader.feed(data, len(data))
        while (record := reader.next_record()) is not None:
            yield role, bytes(record)


def fresh_parts(pieces: list[Piece]) -> Iterator[bytes]:
    """What the protocol's text does not list as alike from one session to the next."""
    for role, record in records_of(pieces):
        if record[0] & _SEALED:
            yield record[3:]
            continue
        frame = record[5:] if record[0] & 3 == 0 else record[3:]
        assert frame[2:12] == bytes(10)
        if record[0] & _HELLO:
            assert frame[1] == KIND_HELLO
            assert len(frame) == HELLO_BYTES
            assert frame[21:29] == bytes(8)
            yield frame[29:37]
            yield frame[37:45] if role == Role.BAND else b""
        else:
            assert frame[1] == KIND_HANDSHAKE
            yield frame[13:]


def sequences(pieces: list[Piece]) -> set[bytes]:
    return {
        part[at : at + _SEQUENCE_BYTES]
        for part in fresh_parts(pieces)
        for at in range(len(part) - _SEQUENCE_BYTES + 1)
    }


def test_nothing_repeats_from_one_pairing_to_the_next_but_what_the_text_lists() -> None:
    (one, first), (other, second) = secured_capture(11, 1_000), secured_capture(12, 77_000_000)
    assert sequences(first).isdisjoint(sequences(second))
    said = b"".join(record for _, record in records_of(first + second))
    for secret in (
        BAND_ID,
        NAME.encode(),
        one.wearer.shown[0][1].encode(),
        *(f[12:] for f in one.appended if any(f[12:])),
    ):
        assert len(secret) < _SEQUENCE_BYTES or secret not in said
    assert one.host_session.key != other.host_session.key


def test_the_dissector_shows_record_headers_alone_once_a_session_is_sealed(tmp_path: Path) -> None:
    _, pieces = secured_capture(13, 5_000)
    write_capture(tmp_path / "secured.pcap", pieces)
    shown = tshark_findings(tmp_path / "secured.pcap")
    clear = [record for _, record in records_of(pieces) if not record[0] & _SEALED]
    assert [frame["header.kind"] for frame in shown.frames] == [
        (record[5:] if record[0] & 3 == 0 else record[3:])[1] for record in clear
    ]
    assert shown.damage["sealed"] == sum(record[0] & _SEALED != 0 for _, record in records_of(pieces)) > 10
    assert set(shown.damage) == {"sealed"}
