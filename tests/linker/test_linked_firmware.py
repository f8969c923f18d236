"""The joined firmware is the firmware: it sends the same bytes to a host."""

import asyncio
import secrets
from pathlib import Path

import pytest

from bandsim.lane import LaneSettings, find_firmware
from bandsim.scenario import load_scenario
from bandsim.virtual_band import BandSettings, VirtualBand
from firmware_image import LANE_BOARDS, ROOT, build_info
from kept import delivered, keep_received
from linker.firmware import ORIGINS_NAME, link_firmware, write_linked
from vitalband import Band, StreamId

HANG_LIMIT_S = 250.0
"""Wall-clock end of a run that hangs; no claim rests on it."""


def bytes_of_a_walk(firmware_dir: Path, state_dir: Path) -> bytes:
    """All that a host got of a walk, from the firmware in a folder."""
    # Compiling the joined file leaves gaps in the heap, of which nothing is claimed here.
    state = delivered(state_dir)
    lane = LaneSettings(kind="unix", firmware_dir=firmware_dir, state_dir=state, heap_bytes=1 << 20)
    settings = BandSettings(lane=lane)

    async def live(band: Band) -> bytes:
        received = keep_received(band.transport)
        async with band, band.vitals() as vitals:
            await anext(vitals)
            async with band.waveform(StreamId.OPTICAL) as samples:
                for _ in range(40):
                    await anext(vitals)
                    await anext(samples)
        return bytes(received)

    with VirtualBand(load_scenario("walk"), settings) as virtual:
        return asyncio.run(asyncio.wait_for(live(Band.open("sim:walk", band=virtual)), HANG_LIMIT_S))


@pytest.fixture(scope="module")
def joined_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The joined firmware, with what the build of an image adds."""
    folder = tmp_path_factory.mktemp("joined")
    write_linked(link_firmware(ROOT, LANE_BOARDS), folder)
    (folder / "build_info.py").write_text(build_info(ROOT, "dev"))
    return folder


@pytest.mark.timeout(HANG_LIMIT_S * 2)
def test_the_joined_firmware_sends_the_same_bytes(
    joined_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Compiling the one large file here takes more than compiling small ones.
    monkeypatch.setattr("bandsim.lane._PROCESS_HEAP_BYTES", 4 * 1024 * 1024)
    # The host's nonces are the only thing in a run that differs from another.
    monkeypatch.setattr(secrets, "token_bytes", bytes)
    apart = bytes_of_a_walk(find_firmware(), tmp_path / "apart")
    assert len(apart) > 10_000
    assert bytes_of_a_walk(joined_dir, tmp_path / "joined") == apart


def test_almost_everything_is_joined_and_the_rest_is_named(joined_dir: Path) -> None:
    apart = {path.relative_to(joined_dir).as_posix() for path in joined_dir.rglob("*.py")}
    boards = {f"boards/{name}.py" for name in ("__init__", *LANE_BOARDS)}
    # `main` is started by its name; the reader of files is handed on as a module.
    handed_on = {
        "hal/__init__.py",
        "hal/files.py",
        "bandwire/__init__.py",
    }
    # The self-test comes when it is asked for, and goes.
    late = {"tasks/self_test_probe.py", "tasks/self_test_run.py", "display/self_test_view.py"}
    # So does what finishes a wipe, and the kinds of records that only it knows as long as nothing else does.
    late |= {"tasks/wiping.py", "hal/wiping.py"}
    late |= {"tasks/__init__.py", "display/__init__.py"}
    assert apart == {"linked.py", "main.py", "build_info.py"} | boards | handed_on | late


def test_every_definition_of_the_joined_firmware_has_its_origin(joined_dir: Path) -> None:
    origins = [line.split() for line in (joined_dir / ORIGINS_NAME).read_text().splitlines()]
    lines = (joined_dir / "linked.py").read_text().splitlines()
    for first, place in origins:
        path, _, line = place.partition(":")
        folder = ROOT / ("protocol" if path.startswith("bandwire/") else "firmware")
        source = (folder / path).read_text().splitlines()
        joined, there = lines[int(first) - 1].split("(")[0], source[int(line) - 1].split("(")[0]
        if joined.startswith("class "):
            assert joined.rstrip(":").startswith(there.rstrip(":")), place
