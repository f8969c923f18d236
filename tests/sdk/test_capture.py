"""The capture of a link holds every byte, packet by packet, and never ends the session that it watches."""

import struct
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bandschema.enums import Role
from sdk.test_cli import invoke
from vitalband.capture import CARRIER_RECORD, LONGEST_PIECE_BYTES, LinkCapture
from vitalband.cli import app
from vitalband.cli.common import EXIT_USAGE


class StandingClock:
    """Always the same moment."""

    def monotonic_ms(self) -> int:
        return 0

    def utc_us(self) -> int:
        return 1_767_600_000_123_456


def packets(path: Path) -> list[tuple[int, int, bytes]]:
    """Second, microsecond and bytes of each packet, after a look at the head."""
    data, at = path.read_bytes(), 24
    assert struct.unpack_from("<IHHiIII", data) == (0xA1B2C3D4, 2, 4, 0, 0, 65536, 147)
    found = []
    while at < len(data):
        seconds, microseconds, kept, size = struct.unpack_from("<IIII", data, at)
        assert kept == size
        found.append((seconds, microseconds, data[at + 16 : at + 16 + size]))
        at += 16 + size
    return found


def test_bytes_in_any_chunking_become_one_packet_up_to_each_zero(tmp_path):
    capture = LinkCapture(tmp_path / "a.pcap", StandingClock(), is_stream=True)
    for sender, data in ((0, b"ab"), (1, b"xy\0"), (0, b"c\0de\0\0f"), (1, b"z")):
        capture.note(Role(sender), data)
    capture.close()
    capture.close()
    wanted = [b"\1xy\0", b"\0abc\0", b"\0de\0", b"\0\0", b"\0f", b"\1z"]
    assert packets(tmp_path / "a.pcap") == [(1_767_600_000, 123_456, data) for data in wanted]


def test_noise_without_a_zero_does_not_wait_for_ever(tmp_path):
    capture = LinkCapture(tmp_path / "a.pcap", StandingClock(), is_stream=True)
    for _ in range(3):
        capture.note(Role.BAND, b"U" * LONGEST_PIECE_BYTES)
    assert [len(data) for _, _, data in packets(tmp_path / "a.pcap")] == [2 * LONGEST_PIECE_BYTES + 1]
    capture.close()


def test_records_of_a_packet_carrier_stay_whole(tmp_path):
    capture = LinkCapture(tmp_path / "a.pcap", StandingClock(), is_stream=False)
    capture.note(Role.HOST, b"\0\1\2\0")
    capture.close()
    assert [data for _, _, data in packets(tmp_path / "a.pcap")] == [
        bytes([CARRIER_RECORD | 1]) + b"\0\1\2\0"
    ]


def test_a_full_disk_ends_the_capture_with_a_warning_and_nothing_else(tmp_path):
    capture = LinkCapture(tmp_path / "a.pcap", StandingClock(), is_stream=True)
    capture._file.close()
    capture._file = Path("/dev/full").open("wb", buffering=0)  # noqa: SIM115 - the capture closes it
    with pytest.warns(RuntimeWarning, match="ends here: .*No space left"):
        capture.note(Role.BAND, b"a\0")
    capture.note(Role.BAND, b"b\0")
    capture.close()
    assert capture.packets == 0
    assert "/dev/full" in capture.failure


def test_record_writes_a_capture_beside_the_store(tmp_path):
    path = tmp_path / "link.pcap"
    words = ["record", "sim:rest", str(tmp_path / "a.vband"), "--seconds", "8", "--capture", str(path)]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    found = packets(path)
    assert {data[0] for _, _, data in found} == {0, 1}
    assert all(data.endswith(b"\0") for _, _, data in found)


def test_a_capture_that_cannot_be_made_is_told_with_its_name(tmp_path):
    path = tmp_path / "no/link.pcap"
    result = invoke("record", "sim:rest", tmp_path / "a.vband", "--capture", path, code=EXIT_USAGE)
    assert result.stderr == f"error: cannot use {path}: No such file or directory\n"
