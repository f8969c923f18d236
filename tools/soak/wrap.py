"""A small flash that a band writes around its end, and every operation of that: what `power` cuts.

Lives of the real firmware, each from a flash that is blank: `waveforms` with hosts that confirm and hosts
that do not, and a withdrawal; `vitals` with updates that are thinned, and runs of them that are given up. The
third, `agreements`, is a short one that goes round nothing: the wearer agrees, withdraws, and agrees again.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from bandsim.agreeing import AGREE_S
from bandsim.console import LONG_PRESS_MS
from bandsim.lane import LaneSettings
from bandsim.nor_flash import FlashOperation
from bandsim.scenario import Scenario, load_scenario
from bandsim.virtual_band import FLASH_FILE, LEAST_FLASH_KB, BandSettings, VirtualBand
from soak.truth import Key, MadeFrame, Truth
from vitalband import Band, StoreReader, StreamId

STREAMS = (StreamId.OPTICAL, StreamId.MOTION)
_SCENARIO = 'description = "Wrapped."\nseed = 11\n[[segments]]\nduration_s = 170000\n'
_AGREED_S = 8.0


@dataclass(frozen=True)
class Moment:
    """Before an operation: the band's files, and how many frames were made."""

    operation: FlashOperation
    files: dict[str, bytes]
    made: int


@dataclass(frozen=True)
class Wrap:
    """A life: its operations in order, every frame that was made, and those that hosts may have confirmed."""

    first_image: bytes
    moments: list[Moment]
    made: dict[Key, MadeFrame]
    confirmed: set[Key]
    erases: list[int]
    """Of each sector."""

    def made_before(self, number: int) -> int:
        """How many frames were made before an operation, or at the end."""
        return self.moments[number].made if number < len(self.moments) else len(self.made)


Deeds = Callable[[VirtualBand, Path], Awaitable[None]]
"""Lets a band live; a host that confirms records into the store."""


async def waveforms(band: VirtualBand, store: Path) -> None:
    """Raw streams around the flash: nobody confirms, somebody does, nobody does; then a withdrawal."""
    await _listen(band, 70, STREAMS)
    await _listen(band, 30, STREAMS, record_to=store)
    await _listen(band, 90, STREAMS)
    band.console.press_button(LONG_PRESS_MS)
    band.run_for(5)
    band.console.agree()
    band.run_for(AGREE_S)
    await _listen(band, 20, STREAMS)


async def vitals(band: VirtualBand, _store: Path) -> None:
    """Several frames a minute until sectors have been thinned, then runs of 64 updates until some go."""
    await _listen(band, 3000, report_interval_ms=10_000)
    band.run_for(7200)


async def agreements(band: VirtualBand, _store: Path) -> None:
    """A host beside a wearer who has agreed, withdraws, agrees again, and again withdraws."""
    for _ in range(2):
        await _listen(band, 5)
        band.console.press_button(LONG_PRESS_MS)
        band.run_for(3)
        band.console.agree()
        band.run_for(AGREE_S)
    await _listen(band, 5)


LIVES: dict[str, Deeds] = {"waveforms": waveforms, "vitals": vitals, "agreements": agreements}


def record(deeds: Deeds, lane_kind: str) -> Wrap:
    """Let a band live, and note each operation of its flash."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "state"
        with wrapping_band(Path(folder), state, lane_kind) as band:
            flash = band.conductor.flash
            first_image = flash.image()
            truth = Truth(band)
            moments: list[Moment] = []
            flash.on_operation = lambda operation: moments.append(
                Moment(operation, files_of(state), len(truth.made))
            )
            store = Path(folder) / "wrap.vband"
            band.run_for(_AGREED_S)
            asyncio.run(_awaited(deeds(band, store)))
            flash.on_operation = None
            erases = [sector.erases for sector in flash.wear]
            return Wrap(first_image, moments, truth.made, keys_in(store), erases)


def wrapping_band(folder: Path, state: Path, lane_kind: str) -> VirtualBand:
    """A band with the smallest flash, and files of its own in `state`."""
    lane = LaneSettings(kind=lane_kind, state_dir=state)
    return VirtualBand(_scenario(folder), BandSettings(lane=lane, flash_kb=LEAST_FLASH_KB))


def files_of(state: Path) -> dict[str, bytes]:
    """What lies in the band's folder, but for the flash."""
    return {path.name: path.read_bytes() for path in state.iterdir() if path.name != FLASH_FILE}


def keys_in(store: Path) -> set[Key]:
    """Numbers of the frames in a store; none where there is no store."""
    if not store.exists():
        return set()
    with StoreReader(store) as reader:
        return {(row.boot_id, row.sequence) for row in reader.frames()}


def _scenario(folder: Path) -> Scenario:
    path = folder / "wrap.toml"
    path.write_text(_SCENARIO, encoding="utf-8")
    return load_scenario(str(path))


async def _awaited(work: Awaitable[None]) -> None:
    await work


async def _listen(
    band: VirtualBand,
    seconds: float,
    streams: tuple[StreamId, ...] = (),
    record_to: Path | None = None,
    report_interval_ms: int = 0,
) -> None:
    async with AsyncExitStack() as held:
        host = await held.enter_async_context(
            Band.open("sim:", band=band, reconnect=False, record_to=record_to)
        )
        await host.set_report_interval(report_interval_ms)
        for stream in streams:
            await host.start_stream(stream, when_agreed=True)
        await host.run_for(seconds)
