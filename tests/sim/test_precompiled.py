"""What a band on the unix port runs is what its sources hold, compiled once."""

import asyncio
import os
import shutil
import time
from pathlib import Path

import pytest

from bandsim import precompiled as module
from bandsim.firmware_digest import firmware_digest
from bandsim.lane import LaneSettings, UnixLane, find_bandwire, find_firmware
from bandsim.micropython import VARIABLE, find_micropython
from bandsim.precompiled import can_precompile, precompiled
from sim.helpers import write_firmware
from vitalband import Band

pytestmark = [
    pytest.mark.one_lane,
    pytest.mark.skipif(not can_precompile(find_micropython()), reason="another interpreter runs sources"),
]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "user_cache_path", lambda name: tmp_path / "cache" / name)
    return tmp_path / "cache" / "vitalband" / "mpy"


def names_in(folder: Path, suffix: str) -> set[str]:
    return {path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob(f"*{suffix}")}


def test_every_source_is_compiled_under_its_name_and_the_band_tells_the_digest_of_the_sources() -> None:
    compiled = precompiled(find_firmware(), find_bandwire())
    assert names_in(compiled / "firmware", ".mpy") == names_in(find_firmware(), ".py")
    assert names_in(compiled / "lib" / "bandwire", ".mpy") == names_in(find_bandwire(), ".py")

    async def told() -> bytes:
        async with Band.open("sim:rest") as band:
            return bytes(band.identity.firmware_digest)

    assert asyncio.run(told()) == firmware_digest(find_firmware(), find_bandwire())


def test_the_same_sources_are_compiled_once_and_changed_ones_anew(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    firmware = write_firmware(tmp_path, "x = 1")
    first = precompiled(firmware, find_bandwire())
    with monkeypatch.context() as patch:
        patch.setattr(module, "_compile", None)
        assert precompiled(firmware, find_bandwire()) == first
    write_firmware(tmp_path, "x = 2")
    second = precompiled(firmware, find_bandwire())
    assert second != first
    assert set(cache.iterdir()) == {first, second}
    assert (first / "firmware" / "main.mpy").read_bytes() != (second / "firmware" / "main.mpy").read_bytes()


def test_a_file_that_cannot_be_compiled_is_left_for_the_interpreter_to_refuse(tmp_path: Path) -> None:
    firmware = write_firmware(tmp_path, "x = 1")
    (firmware / "wrong.py").write_text("def (:\n", encoding="utf-8")
    compiled = precompiled(firmware, find_bandwire()) / "firmware"
    assert sorted(path.name for path in compiled.iterdir()) == ["main.mpy", "wrong.py"]
    assert (compiled / "wrong.py").read_text(encoding="utf-8") == "def (:\n"


def test_folders_that_no_band_was_started_from_for_a_month_go(tmp_path: Path, cache: Path) -> None:
    used, unused = (
        precompiled(write_firmware(tmp_path, body), find_bandwire()) for body in ("x = 1", "x = 2")
    )
    long_ago_s = time.time() - 31 * 86400
    for folder in (used, unused):
        os.utime(folder, (long_ago_s, long_ago_s))
    assert precompiled(write_firmware(tmp_path, "x = 1"), find_bandwire()) == used
    third = precompiled(write_firmware(tmp_path, "x = 3"), find_bandwire())
    assert set(cache.iterdir()) == {used, third}


def test_an_interpreter_of_ones_own_runs_the_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "micropython"
    shutil.copy(find_micropython(), own)
    monkeypatch.setenv(VARIABLE, str(own))
    lane = UnixLane("virtual", LaneSettings())
    try:
        assert str(find_firmware()) in lane._command([0])
    finally:
        lane.remove()


def test_where_nothing_can_be_kept_the_sources_run(cache: Path) -> None:
    cache.parent.parent.mkdir(parents=True)
    cache.parent.write_text("a file in the place of the folder", encoding="utf-8")
    lane = UnixLane("virtual", LaneSettings())
    try:
        assert str(find_firmware()) in lane._command([0])
    finally:
        lane.remove()
