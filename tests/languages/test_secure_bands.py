"""Whoever listens to a whole band, on its line or on the air, sees headers and nothing of its wearer."""

from pathlib import Path

import pytest

from bandschema.enums import StreamId
from bandwire.frames import HEADER_BYTES, KIND_HANDSHAKE, KIND_HELLO
from device.bands import next_update, play, rest_file
from languages.captures import tshark_findings
from vitalband import StoreReader
from vitalband.testing import OpenBand, paired_band, virtual_band  # noqa: F401

_PIECE_BYTES = 8
"""So many alike come by chance once in 10^13 of such captures."""


@pytest.mark.parametrize("carrier", ["sim:", "ble+sim:"], ids=["line", "air"])
def test_a_listener_to_a_whole_band_finds_no_frame_of_it(
    paired_band: OpenBand,  # noqa: F811
    tmp_path: Path,
    carrier: str,
) -> None:
    capture, store = tmp_path / "all.pcap", tmp_path / "all.vband"
    url = rest_file(tmp_path).replace("sim:", carrier, 1)

    async def work() -> None:
        async with paired_band(url, capture_to=capture, record_to=store) as band:
            assert band.is_secure
            await next_update(band)
            async with band.waveform(StreamId.OPTICAL) as chunks:
                for _ in range(10):
                    await anext(chunks)

    play(work())
    shown = tshark_findings(capture)
    assert {frame["header.kind"] for frame in shown.frames} <= {KIND_HELLO, KIND_HANDSHAKE}
    assert set(shown.damage) == {"sealed"}
    assert shown.damage["sealed"] > 10
    heard = capture.read_bytes()
    with StoreReader(store) as reader:
        payloads = [row.frame[HEADER_BYTES : HEADER_BYTES + _PIECE_BYTES] for row in reader.frames()]
    assert len(payloads) > 20
    assert [payload for payload in payloads if len(set(payload)) > 2 and payload in heard] == []
