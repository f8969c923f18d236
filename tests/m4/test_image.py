"""The image of the firmware: same bytes wherever it is built, refused when it does not fit its chip."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import firmware_image
import micropython_source
from bandsim import image_lane
from firmware_image import ROOT, SOCS, BuildError, image_path, image_size
from m4.tool_chain import need_image, need_tool_chain
from micropython_source import SourceMissingError

SOURCES = ("firmware", "protocol/bandwire", "tools/bandsim")
"""What an image is made of."""

BUILD_TIMEOUT_S = 900


@pytest.fixture
def image() -> Path:
    """The image of this checkout."""
    need_image()
    return image_path("nrf52840")


@pytest.mark.timeout(BUILD_TIMEOUT_S)
def test_the_same_files_give_the_same_bytes_in_another_folder(image: Path, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere" / "checkout"
    for folder in SOURCES:
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    built = firmware_image.build("nrf52840", profile="product", root=copy)
    assert built.read_bytes() == image.read_bytes()


def test_an_image_fits_its_chip_and_leaves_the_stack_and_more_than_the_heap_budget(image: Path) -> None:
    size = image_size(image)
    assert 100_000 < size.flash_bytes < SOCS["nrf52840"].flash_bytes
    # 2.5 KB: the interpreter's state, the console's line, the modules of flash_objects.c and the counts of
    # counters.c; what the firmware has is on the heap.
    assert 0 < size.static_ram_bytes < 2560


@pytest.mark.timeout(BUILD_TIMEOUT_S)
@pytest.mark.parametrize(
    ("field", "wanted_bytes", "said"),
    [
        ("flash_bytes", 128 * 1024, "region `FLASH' overflowed"),
        ("dev_ram_bytes", 112 * 1024, "too much static RAM"),
    ],
)
def test_an_image_that_does_not_fit_its_chip_is_not_made(
    monkeypatch: pytest.MonkeyPatch, field: str, wanted_bytes: int, said: str
) -> None:
    need_image("dev")
    image = image_path("nrf52840", profile="dev")
    before = image.read_bytes()
    monkeypatch.setitem(SOCS, "nrf52840", replace(SOCS["nrf52840"], **{field: wanted_bytes}))
    with pytest.raises(BuildError, match=said):
        firmware_image.build("nrf52840", profile="dev")
    assert image.read_bytes() == before


def test_a_missing_compiler_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BuildError, match="arm-none-eabi-gcc on PATH, found none; `make firmware` installs"):
        firmware_image.build("nrf52840", cache_dir=tmp_path)


def test_an_archive_that_is_not_the_pinned_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / micropython_source.ARCHIVE_NAME).write_bytes(b"something else")
    with pytest.raises(BuildError, match=f"wanted SHA-256 {micropython_source.ARCHIVE_SHA256}, got "):
        micropython_source.unpacked_source(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [micropython_source.ARCHIVE_NAME]


def test_without_apt_the_message_says_what_to_put_where(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(micropython_source, "_APT_HELPER", tmp_path / "no-apt-helper")
    with pytest.raises(
        SourceMissingError, match=f"put {'.*'.join(['micropython_1', 'SHA-256', str(tmp_path)])}"
    ):
        micropython_source.unpacked_source(tmp_path)


def test_without_a_network_the_message_names_the_address_that_was_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    need_tool_chain()
    monkeypatch.setattr(micropython_source, "_mirrors", lambda: [(tmp_path / "mirror").as_uri() + "/"])
    with pytest.raises(SourceMissingError, match=r"cannot fetch .*: put .*\n.*/mirror/pool/main/m/"):
        micropython_source.unpacked_source(tmp_path)


def test_a_file_that_is_no_image_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no image")
    with pytest.raises(BuildError, match="wanted a 32-bit ELF file, got b'no im'"):
        image_size(tmp_path / "text")


def test_the_lane_looks_for_the_image_where_it_is_built(image: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(image_lane.IMAGE_VARIABLE, raising=False)
    assert image_lane.find_image() == image
