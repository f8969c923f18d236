"""The whole firmware in its image: the same bytes to a host as from the unix lane, and clear failures."""

import asyncio
import secrets
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest

from bandsim import image_lane
from bandsim.errors import FirmwareError
from bandsim.lane import LaneSettings, find_firmware
from bandsim.lanes import open_lane
from bandsim.scenario import load_scenario
from bandsim.transport import open_transport
from bandsim.virtual_band import BandSettings, VirtualBand
from boards import nrf52840
from firmware_image import ROOT, build_info
from kept import delivered, keep_received
from m4.tool_chain import need_image
from vitalband import Band, StreamId
from vitalband.errors import LocalError

HANG_LIMIT_S = 250.0
"""Wall-clock end of a run that hangs; no claim rests on it."""


@pytest.fixture(autouse=True)
def _image(monkeypatch: pytest.MonkeyPatch) -> None:
    need_image()
    monkeypatch.delenv(image_lane.IMAGE_VARIABLE, raising=False)
    # The host's nonces are the only thing in a run that differs from another.
    monkeypatch.setattr(secrets, "token_bytes", bytes)


def bytes_of_a_life(url: str, updates: int, **options: object) -> tuple[bytes, float, dict[str, int]]:
    """All that a host got over some vitals updates, the virtual second at the end, and the bus's counters."""

    async def live() -> tuple[bytes, float, dict[str, int]]:
        band = Band.open(url, **options)
        transport = band.transport
        received = keep_received(transport)
        async with band, band.vitals() as vitals:
            await anext(vitals)
            async with band.waveform(StreamId.OPTICAL) as samples:
                for _ in range(updates):
                    await anext(vitals)
                    await anext(samples)
        virtual: VirtualBand = transport.band  # type: ignore[attr-defined]
        counters = virtual.conductor.counters
        counts = {"exchanges": counters.exchanges, "bus_bytes": counters.bus_bytes}
        virtual.close()
        return bytes(received), virtual.now_us / 1e6, counts

    return asyncio.run(asyncio.wait_for(live(), HANG_LIMIT_S))


def twin_of_the_image(folder: Path, name: str, **settings: Any) -> VirtualBand:
    """A band on the unix lane whose firmware says the same of itself as the image does: it is a product."""
    firmware = folder / "firmware"
    shutil.copytree(find_firmware(), firmware, ignore=shutil.ignore_patterns("__pycache__"))
    (firmware / "build_info.py").write_text(build_info(ROOT, "product"), encoding="utf-8")
    lane = LaneSettings(kind="unix", firmware_dir=firmware, state_dir=delivered(folder / "state of twin"))
    return VirtualBand(load_scenario(name), BandSettings(lane=lane, **settings))


@pytest.mark.timeout(HANG_LIMIT_S * 2)
@pytest.mark.parametrize("scenario", ["walk", "desaturation"])
def test_a_scenario_gives_the_same_bytes_on_both_lanes(scenario: str, tmp_path: Path) -> None:
    twin = twin_of_the_image(tmp_path, scenario)
    unix, seconds, counts = bytes_of_a_life(f"sim:{scenario}", 100, band=twin)
    assert seconds > 200  # 2 s an update, after consent and the first reading
    image = bytes_of_a_life(f"sim+m4:{scenario}?state={delivered(tmp_path / 'state')}", 100)
    assert image == (unix, seconds, counts)


def test_the_image_runs_twice_to_the_same_byte_across_the_wrap_of_its_ticks(tmp_path: Path) -> None:
    # Ticks wrap at 2^30 ms, where 31-bit small integers end.
    start_tick_ms = 2**30 - 30_000

    def url(name: str) -> str:
        return f"sim+m4:rest?start_tick_ms={start_tick_ms}&state={delivered(tmp_path / name)}"

    first = bytes_of_a_life(url("first"), 15)
    assert first[1] > 30
    twin = twin_of_the_image(tmp_path, "rest", start_tick_ms=start_tick_ms)
    assert bytes_of_a_life(url("second"), 15) == first == bytes_of_a_life("sim:rest", 15, band=twin)


def test_the_products_console_has_no_prompt_and_answers_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    console = tmp_path / "console"
    machine = [*image_lane._MACHINE[:-2], "-chardev", f"socket,id=console,path={console},server=on,wait=off"]
    monkeypatch.setattr(image_lane, "_MACHINE", [*machine, "-serial", "chardev:console"])
    with VirtualBand(load_scenario("rest"), BandSettings(lane=LaneSettings(kind="m4"))) as band:
        band.run_for(1)
        with socket.socket(socket.AF_UNIX) as host:
            host.connect(str(console))
            # Interruption, the raw prompt, a program, a soft reset.
            host.sendall(b"\r\n\x03\x03\x01print(1)\x04\x02\r\n\x04" * 100)
            band.run_for(10)
            host.setblocking(False)
            with pytest.raises(BlockingIOError):
                host.recv(1)
        assert band.conductor.counters.restarts == 0
    words = b'Type "help()" for more information.'
    assert words not in image_lane.find_image().read_bytes()
    need_image("dev")
    assert words in image_lane.find_image("dev").read_bytes()


def test_a_restart_finds_the_state_of_the_boot_before_it(tmp_path: Path) -> None:
    lane = LaneSettings(kind="m4", state_dir=tmp_path / "state")
    with VirtualBand(load_scenario("rest"), BandSettings(lane=lane)) as band:
        band.run_for(1)
        band.console.restart()
        band.run_for(1)
    # Each boot writes its id, and its seed of random numbers, into the slots that the one before did not.
    names = sorted(path.name for path in (tmp_path / "state").iterdir())
    assert names == ["flash.bin", "handover.0", "seed.0", "seed.1", "state.0", "state.1"]


def test_the_lane_gives_the_heap_of_the_chips_profile() -> None:
    assert image_lane.IMAGE_HEAP_BYTES == nrf52840.HEAP_BUDGET_BYTES


def test_a_heap_too_small_for_the_firmware_is_a_crash_with_its_traceback() -> None:
    settings = BandSettings(lane=LaneSettings(kind="m4", heap_bytes=40 * 1024))
    with (
        VirtualBand(load_scenario("rest"), settings) as band,
        pytest.raises(FirmwareError, match="MemoryError"),
    ):
        band.run_for(1)


def test_a_heap_that_the_chip_has_not_is_refused_by_the_image() -> None:
    settings = BandSettings(lane=LaneSettings(kind="m4", heap_bytes=250 * 1024))
    with VirtualBand(load_scenario("rest"), settings) as band:
        with pytest.raises(FirmwareError, match="exit code 97") as caught:
            band.run_for(1)
        assert "wanted a heap that fits" in str(caught.value)


def test_the_firmware_keeps_to_its_heap_and_grows_by_nothing_in_a_minute() -> None:
    with VirtualBand(load_scenario("rest"), BandSettings(lane=LaneSettings(kind="m4"))) as band:
        band.run_for(120)
        before = band.measure_heap(collect=True)
        band.run_for(60)
        after = band.measure_heap(collect=True)
    assert before.used_bytes + before.free_bytes <= image_lane.IMAGE_HEAP_BYTES
    # Within a block or two of the collector's (16 bytes each): what the stack holds at that moment.
    assert abs(after.used_bytes - before.used_bytes) <= 256


def test_a_missing_image_or_emulator_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(image_lane.IMAGE_VARIABLE, str(tmp_path / "none.elf"))
    with pytest.raises(LocalError, match=r"none\.elf \(VITALBAND_IMAGE\), found none"):
        open_transport("sim+m4:rest")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LocalError, match="wanted qemu-system-arm on PATH, found none; `make firmware`"):
        open_transport("sim+m4:rest")


def test_a_lane_that_there_is_not_is_an_error() -> None:
    with pytest.raises(LocalError, match="wanted a lane of unix, m4, got 'z80'"):
        open_lane("virtual", LaneSettings(kind="z80"))
