"""A board that lacks something is refused, and what it lacks is named."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from bandwire.frames import VERSION
from flash.releases import FACTS, a_release
from vitalband.errors import TransportError
from vitalband.flash.probe import NEEDED, Way, is_in_image, probe, refusals, wanted_heap_bytes, way_of
from vitalband.release import MpyFormat

ROOT = Path(__file__).parents[2]


def test_a_board_that_has_all_is_not_refused(tmp_path):
    assert refusals(FACTS, a_release(tmp_path)) == []


@pytest.mark.parametrize(
    ("lack", "message"),
    [
        ({"implementation": "circuitpython"}, "wanted MicroPython, got circuitpython"),
        (
            {"platform": "rp2"},
            "wanted the board esp32s3 (esp32, ESP32S3), got rp2, Generic ESP32S3 module with",
        ),
        (
            {"machine": "Generic ESP32 module"},
            "wanted the board esp32s3 (esp32, ESP32S3), got esp32, Generic",
        ),
        ({"mpy": 6 | 2 << 8 | 10 << 10}, "loads compiled files of version (6, 3), got (6, 2)"),
        ({"mpy": 0}, "loads compiled files of version (6, 3), got (0, 0)"),
        ({"mpy": 6 | 3 << 8 | 7 << 10}, "wanted native code of xtensawin, got armv7emsp"),
        ({"mpy": 6 | 3 << 8 | 15 << 10}, "wanted native code of xtensawin, got number 15"),
        ({"has_viper": False}, "wanted viper (@micropython.viper), got a MicroPython without it"),
        ({"missing": ("framebuf.FrameBuffer",)}, "wanted framebuf.FrameBuffer, got a MicroPython without"),
        ({"missing": ("binascii.crc32", "select.poll")}, "wanted binascii.crc32, select.poll, got a Micro"),
        ({"heap_bytes": 100_000}, "wanted a heap of 196613 bytes, got 100000: less is enough for an image"),
        ({"root": ""}, "wanted a file system for what the band keeps, got none"),
        ({"frozen_digest": bytes(32)}, "got one with firmware 0000000000000000: replace it by --image"),
    ],
)
def test_what_a_board_lacks_is_named(tmp_path, lack, message):
    reasons = refusals(replace(FACTS, **lack), a_release(tmp_path))
    assert any(message in reason for reason in reasons), reasons


@pytest.mark.parametrize("version", [VERSION - 1, VERSION + 1])
def test_a_release_of_a_protocol_that_this_sdk_does_not_speak_is_refused(tmp_path, version):
    (reason,) = refusals(FACTS, a_release(tmp_path, protocol_version=version))
    assert reason == f"wanted a release of protocol version {VERSION}, as this SDK speaks it, got {version}"


def test_a_release_of_another_format_of_compiled_files_is_refused(tmp_path):
    (reason,) = refusals(FACTS, a_release(tmp_path, mpy=MpyFormat(7, 0, "xtensawin")))
    assert "version (7, 0), got (6, 3)" in reason


def test_the_rom_file_system_is_taken_where_it_has_room(tmp_path):
    release = a_release(tmp_path)
    assert release.romfs is not None
    assert way_of(FACTS, release) is Way.FILES
    assert way_of(replace(FACTS, rom_bytes=4), release) is Way.FILES
    assert way_of(replace(FACTS, rom_bytes=5), release) is Way.ROMFS


def test_firmware_that_is_loaded_from_files_wants_heap_for_its_code_too(tmp_path):
    release = a_release(tmp_path)
    assert wanted_heap_bytes(Way.ROMFS, release) == 196_608
    assert wanted_heap_bytes(Way.FILES, release) == 196_608 + 5


def test_firmware_that_is_part_of_the_image_is_told_from_another(tmp_path):
    release = a_release(tmp_path)
    assert not is_in_image(FACTS, release)
    assert not is_in_image(replace(FACTS, frozen_digest=bytes(32)), release)
    assert is_in_image(replace(FACTS, frozen_digest=bytes.fromhex(release.firmware_digest)), release)


def names_taken(path, modules):
    """What a file takes from modules, as `module.name`."""
    tree = ast.parse(path.read_text("utf-8"))
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in modules:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names} & modules
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in imported:
            yield f"{node.value.id}.{node.attr}"


def test_all_that_the_firmware_takes_from_micropython_is_asked_for():
    modules = {name.partition(".")[0] for name in NEEDED}
    files = [path for path in (ROOT / "firmware").rglob("*.py") if "ports" not in path.parts]
    files += (ROOT / "protocol" / "bandwire").rglob("*.py")
    taken = {name for path in files for name in names_taken(path, modules)}
    assert set(NEEDED) == taken - {"micropython.native", "micropython.viper"}


class MuteBoard:
    port = "/dev/ttyACM0"

    def __init__(self, said):
        self.said = said

    def run(self, _code):
        return self.said


@pytest.mark.parametrize("said", ["", "hello", "{'platform': 'esp32'}", "7"])
def test_an_answer_that_is_none_is_told_as_it_came(said):
    with pytest.raises(TransportError, match="/dev/ttyACM0: wanted what the board has, got "):
        probe(MuteBoard(said))
