"""A whole band that changes its wearer: nothing of the one before can be found, and the next one is told."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from bandschema.enums import CommandCode
from bandschema.records import CompressedBlock, Issuance, VitalsRun
from bandsim.lane import LaneSettings
from bandsim.lanes import default_kind
from bandsim.nor_flash import Cut, Erasure
from bandsim.scenario import load_scenario
from bandsim.sealed_journal import frames_in, key_in
from bandsim.virtual_band import LEAST_FLASH_KB, BandSettings, VirtualBand
from device.bands import HANG_LIMIT_S, unconsented
from vitalband import Band, BandError, StoreReader, StreamId
from vitalband.errors import LostForGoodError
from vitalband.wiping import WipeReceipt

pytestmark = pytest.mark.on_a_line(reason="what is tested is what the band keeps; the host is on a line")

ISSUER, CONTACT, PURPOSE, NOTICE = "Is5uer-of-one", "C0ntact-of-one", "Purp0se-of-one", "N0tice-of-one"
WORN_S = 40.0
AGREED_S = 30.0
"""More than the console takes to answer the question sheet by sheet."""
LEAST_MARK_BYTES = 12


class Wear:
    """A band with its folder, and what its wearer leaves in it."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "state"
        lane = LaneSettings(kind=default_kind(), state_dir=self.state)
        url = unconsented(folder)
        scenario = load_scenario(url.removeprefix("sim:"))
        self.band = VirtualBand(scenario, BandSettings(lane=lane, flash_kb=LEAST_FLASH_KB))
        self.store = folder / "one.vband"
        self.marks: dict[str, bytes] = {}
        self.id_before = self.key_before = b""

    def run(self, work: Callable[[Band], object], **options: object) -> object:
        """Connect a host and let it work."""

        async def connected() -> object:
            async with Band.open("sim:", band=self.band, reconnect=False, **options) as band:
                return await work(band)  # type: ignore[misc]

        return asyncio.run(asyncio.wait_for(connected(), HANG_LIMIT_S))

    def wear(self) -> None:
        """Leave readings, samples, an issuance and a cuff reading; note all of it."""

        async def work(band: Band) -> None:
            self.id_before = band.band_id
            await band.set_issuance(
                Issuance(
                    request_id=0, issuer=ISSUER, contact=CONTACT, purpose=PURPOSE, notice=NOTICE,
                    is_voluntary=1, start_unix_s=1_764_000_000, end_unix_s=0, refusal="N0thing-of-one",
                )
            )  # fmt: skip
            self.band.console.agree(is_issued=True)
            await band.run_for(AGREED_S)
            await band.start_stream(StreamId.OPTICAL)
            await band.send_cuff_reading(121, 78)
            await band.run_for(WORN_S)
            await band.save()

        self.run(work, record_to=self.store)
        with StoreReader(self.store) as reader:
            for row in reader.frames():
                if row.kind in (VitalsRun.KIND, CompressedBlock.KIND) and len(row.frame) > 40:
                    self.marks[f"frame {row.boot_id}.{row.sequence}"] = row.frame[12:40]
        for text in (ISSUER, CONTACT, PURPOSE, NOTICE):
            self.marks[text] = text.encode()
        self.marks["band id"] = self.id_before
        self.key_before = key_in(self.band.conductor.flash.image()) or b""
        self.marks["key of the journal"] = self.key_before

    def press_later(self) -> None:
        """Press the button when the page that asks can have been read."""
        band = self.band
        band.conductor.timeline.at(band.now_us + 3_000_000, band.console.press_button)

    def confirm(self) -> None:
        """Have a host ask for the wipe, and the wearer press."""

        async def work(band: Band) -> None:
            await band.command(CommandCode.WIPE)
            self.press_later()
            await band.run_for(3.2)

        with suppress(BandError):  # the band goes without a word
            self.run(work)

    def remains(self) -> list[str]:
        """What can be found of the wearer in files and flash."""
        media = {path.name: path.read_bytes() for path in self.state.iterdir()}
        media["the flash itself"] = image = self.band.conductor.flash.image()
        media["what its key opens"] = b"".join(frames_in(image))
        media["what the key of before opens"] = b"".join(frames_in(image, self.key_before))
        return [f"{mark} in {name}" for mark, content in self.marks.items()
                for name, medium in media.items() if content in medium]  # fmt: skip

    def told(self) -> tuple[bytes, WipeReceipt | None]:
        """Id of the band and its receipt, as the next host is told."""

        async def work(band: Band) -> tuple[bytes, WipeReceipt | None]:
            return band.band_id, band.handover

        return self.run(work)  # type: ignore[return-value]


def test_nothing_of_the_wearer_before_is_found_and_the_next_is_told_of_the_wipe(tmp_path):
    wear = Wear(tmp_path)
    wear.wear()
    assert len(wear.marks) > 10
    remains = wear.remains()
    assert len(remains) > 10, "what is searched for is there before"
    assert not any(found.startswith("frame ") and found.endswith("the flash itself") for found in remains)
    wear.confirm()
    wear.band.run_for(5)
    assert wear.remains() == []
    band_id, receipt = wear.told()
    assert band_id != wear.id_before
    assert receipt is not None
    assert receipt.wiped is not None
    assert (receipt.handover_count, receipt.is_worn) == (1, False)


def test_power_that_goes_again_and_again_in_the_wipe_leaves_nothing_either(tmp_path):
    wear = Wear(tmp_path)
    wear.wear()
    flash = wear.band.conductor.flash
    wear.confirm()
    for operations in (1, 4, 9, 10):
        cut_at = flash.operations + operations
        flash.cut_at(cut_at, Cut(erasure=Erasure.MIXED, seed=operations))
        while flash.operations < cut_at:
            wear.band.run_for(0.01)
        assert not wear.band.conductor.is_running
    wear.band.run_for(5)
    assert wear.remains() == []
    assert wear.told()[0] != wear.id_before


def test_a_host_that_streams_is_told_that_the_band_is_another_one_now(tmp_path):
    wear = Wear(tmp_path)

    async def work() -> None:
        async with Band.open("sim:", band=wear.band) as band:
            await band.run_for(5)
            await band.wipe(on_asked=lambda _seconds: wear.press_later())
            with pytest.raises(LostForGoodError, match="wiped for another wearer"):
                await band.run_for(120)

    asyncio.run(asyncio.wait_for(work(), HANG_LIMIT_S))
