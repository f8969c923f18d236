"""What tshark shows of a link by the Lua dissector is what the reference reads of its bytes."""

from pathlib import Path

import pytest

from bandschema.emit import wireshark
from bandschema.enums import Role
from bandschema.layout import BY_NAME, SchemaError
from bandwire.frames import FIRST_SESSION_KIND
from languages.captures import (
    DISSECTOR,
    PieceClock,
    damaged,
    pieces_of,
    reference_findings,
    tshark_findings,
    write_capture,
)
from languages.programs import run
from languages.traffic import body_payloads, exchanged, pieces_in_records, vector_payloads
from link.pairs import Pair
from vitalband.capture import LinkCapture


def test_every_frame_of_the_virtual_band_reads_as_in_the_reference(capture: Path) -> None:
    wanted, shown = reference_findings(pieces_of(capture)), tshark_findings(capture)
    assert len(wanted.frames) > 40
    assert shown.frames == wanted.frames
    assert shown.bodies == wanted.bodies
    assert len(shown.bodies) > 20
    assert None not in shown.bodies
    assert shown.damage == wanted.damage == {}


@pytest.mark.parametrize("record_bytes", [20, 64, 514])
def test_every_kind_reads_as_in_the_reference_in_fragments_too(tmp_path: Path, record_bytes: int) -> None:
    pieces = pieces_in_records(record_bytes)
    write_capture(tmp_path / "kinds.pcap", pieces)
    wanted, shown = reference_findings(pieces), tshark_findings(tmp_path / "kinds.pcap")
    numbered = {layout.kind for layout in BY_NAME.values() if layout.kind < FIRST_SESSION_KIND}
    assert {frame["header.kind"] for frame in wanted.frames} > numbered
    assert shown.frames == wanted.frames
    assert shown.damage == wanted.damage == {}


@pytest.mark.parametrize("seed", range(4))
def test_damage_is_marked_and_stops_nothing(capture: Path, tmp_path: Path, seed: int) -> None:
    for name, pieces in (("band", pieces_of(capture)), ("fragments", pieces_in_records(64))):
        bad = damaged(pieces, seed)
        path = tmp_path / f"{name}.pcap"
        write_capture(path, bad)
        wanted, shown = reference_findings(bad), tshark_findings(path)
        assert shown.frames == wanted.frames
        assert shown.damage == wanted.damage
        assert wanted.damage["bad_crc"]
        assert wanted.damage["lost"]
        assert len(wanted.frames) > len(reference_findings(pieces).frames) / 4


@pytest.mark.parametrize("seed", range(3))
def test_samples_and_updates_within_bodies_read_as_in_the_reference(tmp_path: Path, seed: int) -> None:
    pair = Pair(memory_bytes=262_144)
    for kind, payload in body_payloads(seed):
        pair.append(payload, kind)
    pieces = exchanged(pair, 514)
    write_capture(tmp_path / "bodies.pcap", pieces)
    wanted, shown = reference_findings(pieces), tshark_findings(tmp_path / "bodies.pcap")
    assert shown.frames == wanted.frames
    assert shown.damage == wanted.damage == {}
    assert shown.bodies == [body for body in wanted.bodies if body != []]
    assert 30 < sum(body is None for body in wanted.bodies) < len(wanted.bodies) - 100


def test_sealed_records_are_shown_as_sealed(tmp_path: Path) -> None:
    pieces = pieces_in_records(244, seal=b"key")
    write_capture(tmp_path / "sealed.pcap", pieces)
    shown = tshark_findings(tmp_path / "sealed.pcap")
    assert {frame["header.kind"] for frame in shown.frames} == {0x40}
    assert shown.damage["sealed"] == len(pieces) - 2
    assert set(shown.damage) == {"sealed"}


def test_units_names_and_what_a_reading_is_are_shown(capture: Path) -> None:
    text = run("tshark", "-X", f"lua_script:{DISSECTOR}", "-r", capture, "-V", package="tshark")
    for words in (
        "ticks_ms: 0 ms",
        "rate_mhz: 25000 mHz",
        "kind: identity (0x01)",
        "validity: UNKNOWN (0)",
        "= RAW_OPTICAL: True",
        "skin_temperature_c: none, UNKNOWN",
        "per_minute, VALID",
    ):
        assert words in text, words


def test_an_older_frame_reads_zero_and_a_later_one_is_skipped_over(tmp_path: Path) -> None:
    pair = Pair()
    older = next(kind_and_payload for kind_and_payload in vector_payloads() if kind_and_payload[0] == 1)
    assert len(older[1]) + 12 == BY_NAME["identity"].least_bytes
    grown = bytes.fromhex("100902990102030405060708aa090a0b0c0d0e0f10bb")
    for kind, payload in (older, (0x04, grown), (0x3F, b"what is to come")):
        pair.append(payload, kind)
    write_capture(tmp_path / "growth.pcap", exchanged(pair))
    shown = tshark_findings(tmp_path / "growth.pcap")
    identity, vitals, unknown = shown.frames[2:]
    assert identity["identity.image_profile"] == 0
    assert identity["identity.certification"] == ""
    assert [item["raw_value"] for item in vitals["vitals.readings"]] == [0x08070605, 0x100F0E0D]
    assert unknown["header.kind"] == 0x3F
    assert shown.damage == {"unknown_kind": 1}


def test_a_capture_that_begins_within_a_connection_is_read_all_the_same(tmp_path: Path) -> None:
    pieces = pieces_in_records(244)[6:]
    write_capture(tmp_path / "late.pcap", pieces)
    shown = tshark_findings(tmp_path / "late.pcap")
    assert len(shown.frames) == len(reference_findings(pieces_in_records(244)).frames) - 6
    assert shown.damage == {}


def test_records_of_a_packet_carrier_read_without_packets(tmp_path: Path) -> None:
    clock, pair = PieceClock(), Pair()
    capture = LinkCapture(tmp_path / "records.pcap", clock, is_stream=False)
    for kind, payload in vector_payloads()[:20]:
        pair.append(payload[:200], kind)
    for role, next_record, take in (
        (Role.HOST, pair.from_host, pair.to_band),
        (Role.BAND, pair.from_band, pair.to_host),
    ):
        while record := next_record():
            capture.note(role, record)
            take(record)
    capture.close()
    shown = tshark_findings(tmp_path / "records.pcap")
    assert [frame["header.kind"] for frame in shown.frames[:2]] == [0x40, 0x40]
    assert len(shown.frames) == 22


def test_the_dissector_needs_its_marks() -> None:
    with pytest.raises(SchemaError, match=r"vitalband\.lua"):
        wireshark.filled("no marks")
