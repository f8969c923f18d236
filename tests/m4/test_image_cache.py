"""An image is built once for its inputs: any other input builds it anew, and the lane runs no stale one.

The checkout is a copy, and linker, compiler and make are made up: what they give is a counter.
"""

import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

import firmware_image
from bandsim import image_lane
from bandsim.image_inputs import SOURCES
from firmware_image import ROOT, SOCS
from m4.tool_chain import CI, need_tool_chain
from vitalband.cli import app
from vitalband.errors import LocalError

SOC = "nrf52840"


class Checkout:
    """A copy of what an image is made of, with a made-up tool chain; `builds` counts the images linked."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = folder / "checkout"
        self.builds = 0
        self._tools = folder / "bin"
        self._tools.mkdir()
        for source in {source for source, _ in SOURCES}:
            shutil.copytree(
                ROOT / source,
                self.root / source,
                dirs_exist_ok=True,
                ignore=shutil.ignore_patterns("__pycache__"),
            )
        for tool in firmware_image.TOOLS:
            self.set_version(tool, "12.2")
        monkeypatch.setenv("PATH", str(self._tools), prepend=os.pathsep)
        monkeypatch.setattr(firmware_image, "unpacked_source", lambda _cache: folder / "source")
        monkeypatch.setattr(firmware_image, "_make", self._make)
        # Joining the modules takes seconds, and tests/linker has its claims.
        monkeypatch.setattr(firmware_image, "link_firmware", lambda *_: None)
        monkeypatch.setattr(firmware_image, "write_linked", lambda *_: None)
        monkeypatch.setattr(image_lane, "_CHECKOUT", self.root)
        monkeypatch.delenv(image_lane.IMAGE_VARIABLE, raising=False)

    def _make(self, folder: Path, _jobs: int, variables: dict[str, object]) -> None:
        if folder.name == "cortex_m4":
            self.builds += 1
            image = Path(str(variables["BUILD"])) / firmware_image.IMAGE_NAME
            assert not image.exists(), "make goes by times: it must not find the old one"
            image.write_text(f"build {self.builds}")

    def build(self, profile: str = "product") -> Path:
        cache_dir = self.root / ".cache" / "micropython"
        return firmware_image.build(SOC, profile=profile, root=self.root, cache_dir=cache_dir)

    def set_version(self, tool: str, version: str) -> None:
        (self._tools / tool).write_text(f"#!/bin/sh\necho {version}\n")
        (self._tools / tool).chmod(0o755)

    def append(self, file: str, text: str = "\n") -> None:
        """Change a file, and leave the time that it was changed at as it is."""
        path = self.root / file
        times = path.stat()
        path.write_text(path.read_text() + text)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    return Checkout(tmp_path, monkeypatch)


def test_an_image_that_is_there_is_not_built_again_and_is_what_the_lane_runs(checkout: Checkout) -> None:
    image = checkout.build()
    assert image.read_text() == "build 1"
    assert checkout.build() == image == image_lane.find_image()
    assert checkout.builds == 1


def test_what_one_profile_alone_is_made_of_builds_only_that_one_anew(checkout: Checkout) -> None:
    images = {profile: checkout.build(profile) for profile in ("product", "dev")}
    assert [image.read_text() for image in images.values()] == ["build 1", "build 2"]
    checkout.append("firmware/ports/cortex_m4/dev/main.c")
    assert checkout.build("product").read_text() == "build 1"
    assert checkout.build("dev").read_text() == "build 3"
    checkout.append("firmware/band.py")
    assert checkout.build("dev").read_text() == "build 3"
    assert checkout.build("product").read_text() == "build 4"
    assert {profile: image_lane.find_image(profile) for profile in images} == images


CHANGED_FILES = (
    "firmware/band.py",
    "firmware/boards/nrf52840.py",
    "firmware/ports/cortex_m4/main.c",
    "firmware/ports/cortex_m4/image.ld",
    "protocol/bandwire/link.py",
    "tools/bandsim/lane_shims/machine.py",
    "tools/bandsim/m4_lane/boot.py",
    "tools/linker/scopes.py",
    "tools/flash_objects/emit.py",
)


@pytest.mark.parametrize("file", CHANGED_FILES)
def test_another_source_is_another_image_whatever_its_time_and_the_old_one_is_not_run(
    checkout: Checkout, file: str
) -> None:
    image = checkout.build()
    checkout.append(file)
    with pytest.raises(LocalError, match=r"built from the files of this checkout, found an old one; run `ma"):
        image_lane.find_image()
    assert checkout.build().read_text() == "build 2"
    assert image_lane.find_image() == image


def spoil_image(checkout: Checkout, _monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout.root / ".cache/firmware" / SOC / firmware_image.IMAGE_NAME).write_text("half an im")


def remove_image(checkout: Checkout, _monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout.root / ".cache/firmware" / SOC / firmware_image.IMAGE_NAME).unlink()


def spoil_record(checkout: Checkout, _monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout.root / ".cache/firmware" / SOC / "firmware.json").write_text("[]")


def add_file(checkout: Checkout, _monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout.root / "firmware/vitals/new.py").write_text("")


def rename_file(checkout: Checkout, _monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout.root / "firmware/vitals/heart.py").rename(checkout.root / "firmware/vitals/hearts.py")


def update_compiler(checkout: Checkout, _monkeypatch: pytest.MonkeyPatch) -> None:
    checkout.set_version(firmware_image.COMPILER, "14.2")


def change_memory(_checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SOCS, SOC, replace(SOCS[SOC], ram_bytes=128 * 1024))


def pin_another_source(_checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(firmware_image, "ARCHIVE_SHA256", "0" * 64)


@pytest.mark.parametrize(
    "change",
    [
        spoil_image,
        remove_image,
        spoil_record,
        add_file,
        rename_file,
        update_compiler,
        change_memory,
        pin_another_source,
    ],
)
def test_whatever_else_an_image_depends_on_builds_it_anew(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch, change: Callable[..., None]
) -> None:
    checkout.build()
    change(checkout, monkeypatch)
    assert checkout.build().read_text() == "build 2"
    checkout.build()
    assert checkout.builds == 2


def test_who_asks_at_once_gets_one_build(checkout: Checkout) -> None:
    with ThreadPoolExecutor(4) as pool:
        images = list(pool.map(lambda _: checkout.build(), range(4)))
    assert len(set(images)) == 1
    assert checkout.builds == 1


def test_objects_of_another_compiler_are_not_kept_and_those_of_the_same_are(checkout: Checkout) -> None:
    kept = checkout.build().parent / "build" / "main.o"
    kept.touch()
    checkout.append("firmware/band.py")
    checkout.build()
    assert kept.exists()
    checkout.set_version(firmware_image.COMPILER, "14.2")
    checkout.build()
    assert not kept.exists()


def test_a_compiler_that_does_not_run_is_named(checkout: Checkout) -> None:
    checkout.set_version(firmware_image.COMPILER, "no >&2; exit 3")
    with pytest.raises(firmware_image.BuildError, match="arm-none-eabi-gcc --version ended with 3: no"):
        checkout.build()


def test_a_stale_image_is_one_line_and_a_usage_error(checkout: Checkout) -> None:
    checkout.build()
    checkout.append("firmware/band.py")
    result = CliRunner().invoke(app, ["info", "sim+m4:rest"])
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: wanted ")


def test_a_named_image_is_run_whatever_the_checkout_holds(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    image = checkout.build().rename(tmp_path / "mine.elf")
    monkeypatch.setenv(image_lane.IMAGE_VARIABLE, str(image))
    assert image_lane.find_image() == image


def test_an_installation_without_a_checkout_says_where_images_are_built(
    checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_lane, "_CHECKOUT", tmp_path)
    with pytest.raises(
        LocalError, match=r"named in VITALBAND_IMAGE, found none; .*which this installation is"
    ):
        image_lane.find_image()


@pytest.mark.parametrize(("ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)])
def test_without_tool_chain_the_lane_is_skipped_with_its_reason_and_in_ci_it_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ci: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv(CI, ci)
    with pytest.raises(outcome, match="the Cortex-M4 lane wants gcc, make, arm-none-eabi-gcc, qemu-system"):
        need_tool_chain()
