"""What tshark shows of a link over the air, by the dissector, is what the reference reads of its records."""

from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bandschema.enums import Role
from bandsim.radio.air_band import AirBand
from bandwire.frames import KIND_HELLO, STREAM_ID_OPTICAL
from bandwire.framing import encode_packet_into, packet_bytes
from bandwire.gatt import LEAST_MTU, TO_BAND_UUID
from languages.captures import Piece, reference_findings, tshark_findings
from radio.air_hosts import AirHost, band_on_air
from radio.served_values import captured

OF_ATT = "btatt vitalband"


@pytest.fixture
def band() -> Iterator[AirBand]:
    with band_on_air() as made:
        made.run_for(8.0)
        yield made


class NotingHost(AirHost):
    """Notes each record that passes, as a serial line would carry it: the reference reads those."""

    def __init__(self, band: AirBand) -> None:
        super().__init__(band.world)
        self.pieces: list[Piece] = []
        self.write: Any = None
        """Writes what is not noted."""

    @asynccontextmanager
    async def connected(self, *arguments: Any):
        async with super().connected(*arguments):
            self.write = write = self.client.write_gatt_char

            async def noted(uuid: str, data: bytes, **options: Any) -> None:
                assert uuid == TO_BAND_UUID
                self._note(Role.HOST, data[1:])
                await write(uuid, data, **options)

            self.client.write_gatt_char = noted
            yield self

    def _take(self, record: bytes) -> None:
        self._note(Role.BAND, record)
        super()._take(record)

    def _note(self, sender: Role, record: bytes) -> None:
        packet = bytearray(packet_bytes(len(record)))
        size = encode_packet_into(bytearray(record) + bytes(8), len(record), packet)
        self.pieces.append((sender, self.now_ms * 1000, bytes(packet[:size])))


@pytest.mark.parametrize("mtu", [LEAST_MTU, 517])
def test_every_frame_in_notifications_and_writes_reads_as_in_the_reference(
    band: AirBand, mtu: int, tmp_path: Path
) -> None:
    host = NotingHost(band)
    host.adapter.preferred_mtu = mtu

    async def life() -> None:
        async with host.connected():
            await host.listen(2)
            host.link.start_stream(STREAM_ID_OPTICAL, 1000, host.now_ms)
            await host.listen(25)

    with captured(host.adapter, tmp_path / "air.btsnoop"):
        band.world.run(life())
    wanted = reference_findings(host.pieces)
    shown = tshark_findings(tmp_path / "air.btsnoop", OF_ATT)
    assert len(wanted.frames) > 25
    assert {frame["header.kind"] for frame in wanted.frames} > {KIND_HELLO}
    assert shown.frames == wanted.frames
    assert shown.bodies == wanted.bodies
    assert len(shown.bodies) > 5
    assert None not in shown.bodies
    assert shown.damage == wanted.damage == {}


def test_a_write_whose_length_is_not_that_of_its_record_is_marked(band: AirBand, tmp_path: Path) -> None:
    host = NotingHost(band)

    async def life() -> None:
        async with host.connected():
            await host.listen(2)
            await host.write(TO_BAND_UUID, b"\x09\x01", response=True)
            await host.listen(2)

    with captured(host.adapter, tmp_path / "air.btsnoop"):
        band.world.run(life())
    shown = tshark_findings(tmp_path / "air.btsnoop", OF_ATT)
    assert shown.damage == {"bad_write": 1}
    assert shown.frames == reference_findings(host.pieces).frames
