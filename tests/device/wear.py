"""A band and what its wearer leaves in it, all of which is noted, to be searched for after a wipe."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest

from bandschema.enums import CommandCode
from bandschema.records import CompressedBlock, Issuance, VitalsRun
from bandsim.letting_in import LettingIn
from bandsim.sealed_journal import frames_in, key_in
from bandsim.virtual_band import VirtualBand
from bandwire.secure.host_session import HostSession
from bandwire.secure.record_seal import RecordSeal, _Direction
from device.bands import HANG_LIMIT_S
from vitalband import Band, BandError, StoreReader, StreamId
from vitalband.keys import KeyStore
from vitalband.values import SampleChunk
from vitalband.wiping import WipeReceipt

ResultT = TypeVar("ResultT")

ISSUER, CONTACT, PURPOSE, NOTICE = "Is5uer-of-one", "C0ntact-of-one", "Purp0se-of-one", "N0tice-of-one"
REFUSAL = "Refu5al-of-one"
HOST_NAME = "H0st-name-of-one"
WORN_S = 40.0
AGREED_S = 30.0
"""More than the console takes to answer the question sheet by sheet."""
READ_S = 3.0
"""After that a press counts: the page that asks can have been read."""


class Wear:
    """A band that is there before its hosts, which reach it at `url`; `folder` takes what they record.

    What is noted, by names whose first word says of what kind it is: `secrets`, `texts`, `frames` (of each 28
    bytes of its middle), and `samples` (four in a row).
    """

    def __init__(self, band: VirtualBand, folder: Path, url: str = "sim:") -> None:
        self.band = band
        self.state = folder / "state"
        self.store = folder / "one.vband"
        self.secrets: dict[str, bytes] = {}
        self.texts = {text: text.encode() for text in (ISSUER, CONTACT, PURPOSE, NOTICE, REFUSAL)}
        self.frames: dict[str, bytes] = {}
        self.samples: dict[str, bytes] = {}
        self.id_before = self.key_before = b""
        self._url = url

    def run(self, work: Callable[[Band], Awaitable[ResultT]], **options: Any) -> ResultT:
        """Connect a host and let it work."""
        return self._with(Band.open(self._url, band=self.band, reconnect=False, **options), work)

    def pair(
        self, work: Callable[[Band], Awaitable[ResultT]], keys: KeyStore, name: str, **options: Any
    ) -> ResultT:
        """Have the wearer let a host in, and let that work."""
        hands: list[LettingIn] = []

        async def code() -> str | None:
            return await hands[0].read_code()

        band = Band.pair(
            self._url, band=self.band, reconnect=False, keys=keys, host_name=name, code=code, **options
        )
        hands.append(LettingIn(self.band.console))
        return self._with(band, work)

    def _with(self, band: Band, work: Callable[[Band], Awaitable[ResultT]]) -> ResultT:
        async def connected() -> ResultT:
            async with band:
                return await work(band)

        return asyncio.run(asyncio.wait_for(connected(), HANG_LIMIT_S))

    async def wear(self, band: Band) -> None:
        """Leave readings, samples, an issuance and a cuff reading; a host of `run` or `pair` that records."""
        self.id_before = self.secrets["band id"] = band.band_id
        await band.set_issuance(
            Issuance(
                request_id=0, issuer=ISSUER, contact=CONTACT, purpose=PURPOSE, notice=NOTICE,
                is_voluntary=1, start_unix_s=1_764_000_000, end_unix_s=0, refusal=REFUSAL,
            )
        )  # fmt: skip
        self.band.console.agree(is_issued=True)
        await band.run_for(AGREED_S)
        await band.start_stream(StreamId.OPTICAL)
        await band.send_cuff_reading(121, 78)
        await band.run_for(WORN_S)
        await band.save()

    def note_recording(self) -> None:
        """Note what the host has recorded, and the key under which the band keeps it."""
        self.key_before = self.secrets["journal's key"] = key_in(self.band.conductor.flash.image()) or b""
        with StoreReader(self.store) as reader:
            for row in reader.frames():
                if row.kind in (VitalsRun.KIND, CompressedBlock.KIND) and len(row.frame) > 40:
                    self.frames[f"frame {row.boot_id}.{row.sequence}"] = row.frame[12:40]
            for chunk in reader.waveform(StreamId.OPTICAL):
                if isinstance(chunk, SampleChunk):
                    self.samples.update(_samples_of(chunk))

    def press_later(self) -> None:
        """Press the button when the page that asks can have been read."""
        due_us = self.band.now_us + round(READ_S * 1_000_000)
        self.band.conductor.timeline.at(due_us, self.band.console.press_button)

    def confirm(self, **options: Any) -> None:
        """Have a host ask for the wipe, and the wearer press; ends as the band resets, to erase."""

        counters = self.band.console.counters
        resets = counters.restarts + 1
        until_us = self.band.now_us + round((READ_S + 5) * 1_000_000)

        async def work(band: Band) -> None:
            await band.command(CommandCode.WIPE)
            self.press_later()
            while counters.restarts < resets:
                await band.run_for(0.05)

        with suppress(BandError):  # one in a secure session hears that it is forgotten
            self.run(work, **options)
        while counters.restarts < resets:
            assert self.band.now_us < until_us, "wanted a reset soon after the press"
            self.band.run_for(0.01)

    def remains(self) -> list[str]:
        """What can be found of the wearer in files and flash."""
        media = {path.name: path.read_bytes() for path in self.state.iterdir()}
        media["the flash itself"] = image = self.band.conductor.flash.image()
        media["what its key opens"] = b"".join(frames_in(image))
        media["what the key of before opens"] = b"".join(frames_in(image, self.key_before))
        marks = self.secrets | self.texts | self.frames
        return [f"{mark} in {name}" for mark, content in marks.items()
                for name, medium in media.items() if content in medium]  # fmt: skip

    async def told(self, band: Band) -> tuple[bytes, WipeReceipt | None]:
        """Id of the band and its receipt, as a host is told."""
        return band.band_id, band.handover


def pieces(content: bytes, count: int) -> Iterable[bytes]:
    """All that are so long within, or the whole where that is shorter."""
    return (content[at : at + count] for at in range(max(len(content) - count, 0) + 1))


def _samples_of(chunk: SampleChunk) -> dict[str, bytes]:
    """Four in a row of each channel, as a band has them in memory."""
    found = {}
    for at in range(0, len(chunk.counts) - 3, 4):
        for channel in range(chunk.counts.shape[1]):
            four = chunk.counts[at : at + 4, channel]
            if len(np.unique(four)) > 1:
                found[f"samples {chunk.first_sample + at} of {channel}"] = four.astype("<i4").tobytes()
    return found


@pytest.fixture
def session_secrets(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """What every secure session of this process shares with its band, in the order in which it came."""
    noted: dict[str, bytes] = {}
    share, made, keyed = HostSession._share, RecordSeal.__init__, _Direction._keyed

    def note(what: str, secret: bytes) -> None:
        noted[f"{what} {len(noted)}"] = bytes(secret)

    def shared(session: HostSession, secret: bytes, now_ms: int) -> None:
        note("agreement", secret)
        share(session, secret, now_ms)

    def seal_made(seal: RecordSeal, cipher: Any, secrets: dict[int, bytes]) -> None:
        made(seal, cipher, secrets)
        for secret in secrets.values():
            note("secret of a direction", secret)

    def direction_keyed(direction: _Direction) -> Any:
        make = direction._make
        direction._make = lambda key: note("record key", key) or make(key)  # type: ignore[func-returns-value]
        try:
            return keyed(direction)
        finally:
            direction._make = make
            note("start of nonces", direction._start)

    monkeypatch.setattr(HostSession, "_share", shared)
    monkeypatch.setattr(RecordSeal, "__init__", seal_made)
    monkeypatch.setattr(_Direction, "_keyed", direction_keyed)
    return noted
