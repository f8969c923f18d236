"""The files that put the firmware into upstream MicroPython: they fit the facts that they must fit."""

import re
import runpy
import sys
from errno import EIO
from pathlib import Path
from types import SimpleNamespace

import pytest

from boards import board_named
from firmware_bundle import FROZEN_MANIFEST
from flash.manifests import manifest_files
from linker.firmware import link_firmware, write_linked
from m4.tool_chain import need_mpy_cross

ROOT = Path(__file__).parents[2]
PORTS = ROOT / "firmware" / "ports"


@pytest.fixture(scope="module")
def frozen(tmp_path_factory):
    """What a manifest freezes, as paths on the band; the port's own files are those of the pinned source."""
    _, source_dir = need_mpy_cross()
    folder = tmp_path_factory.mktemp("generated")
    write_linked(link_firmware(ROOT, ["esp32s3", "nrf52840"]), folder / "modules")
    (folder / "manifest.py").write_text(FROZEN_MANIFEST)

    def files(manifest, port="esp32"):
        places = {"GENERATED_DIR": str(folder), "PORT_DIR": str(source_dir / "ports" / port)}
        return set(manifest_files(manifest or folder / "manifest.py", source_dir, places))

    assert {"main.py", "linked.py"} < files(None)
    return files


def test_a_developers_esp32s3_has_the_ports_files_and_no_firmware(frozen):
    names = frozen(PORTS / "esp32s3" / "manifest_dev.py")
    assert {"_boot.py", "flashbdev.py", "inisetup.py"} <= names
    assert not names & frozen(None)


def test_an_esp32s3_product_has_the_whole_firmware_and_the_ports_files(frozen):
    names = frozen(PORTS / "esp32s3" / "manifest_product.py")
    port = frozen(PORTS / "esp32s3" / "manifest_dev.py")
    assert names == frozen(None) | port


def test_an_nrf52840_has_the_whole_firmware_and_what_its_port_lacks(frozen):
    names = frozen(PORTS / "nrf52840" / "manifest.py", "zephyr")
    assert names == frozen(None) | {"machine.py", "os.py"}


def number(text):
    return int(text, 0)


def test_the_partitions_of_the_esp32s3_lie_apart_within_its_flash_and_hold_the_firmware(release_of):
    rows = [line.split(",") for line in (PORTS / "esp32s3" / "partitions.csv").read_text().splitlines()]
    parts = {row[0]: (number(row[3]), number(row[4])) for row in rows if not row[0].startswith("#")}
    end = 0
    for offset, size in sorted(parts.values()):
        assert offset >= end
        end = offset + size
    assert end == 8 * 1024 * 1024
    release = release_of("esp32s3")
    assert release.romfs is not None
    assert release.romfs.size_bytes <= parts["romfs"][1]
    assert parts["romfs"][1] >= board_named("esp32s3").FLASH_BUDGET_BYTES


def test_the_pins_of_the_esp32s3_are_those_of_its_profile():
    text = (PORTS / "esp32s3" / "mpconfigboard.h").read_text()
    pins = {name: int(pin) for name, pin in re.findall(r"MICROPY_HW_I2C0_(SCL|SDA) \((\d+)\)", text)}
    board = board_named("esp32s3")
    assert pins == {"SCL": board.I2C_SCL_PIN, "SDA": board.I2C_SDA_PIN}


def test_the_heap_of_the_nrf52840_is_that_of_its_profile():
    text = (PORTS / "nrf52840" / "vitalband.conf").read_text()
    assert f"CONFIG_MICROPY_HEAP_SIZE={board_named('nrf52840').PORT_HEAP_BYTES}\n" in text


def test_the_chips_number_is_read_where_it_lies(monkeypatch):
    memory = {0x10000060: 0x04030201, 0x10000064: 0xF8070605}
    monkeypatch.setitem(sys.modules, "umachine", SimpleNamespace(mem32=memory, Pin="the built-in's"))
    module = runpy.run_path(str(PORTS / "nrf52840" / "modules" / "machine.py"))
    assert module["unique_id"]() == bytes([1, 2, 3, 4, 5, 6, 7, 0xF8])
    assert module["Pin"] == "the built-in's"


class Generator(dict[int, int]):
    """Registers of a random number generator that has a byte every third time somebody looks."""

    def __init__(self):
        super().__init__()
        self.looks = 0
        self.given = 0

    def __getitem__(self, address):
        offset = address - 0x4000D000
        if offset == 0x100:
            assert (self[0x4000D504], self[0x4000D000]) == (1, 1), "bias corrected, started"
            self.looks += 1
            return self.looks % 3 == 0
        if offset == 0x508:
            self.given += 1
            return 0xABCDEF00 | self.given
        return super().__getitem__(address)


def urandom_of(monkeypatch, memory):
    monkeypatch.setitem(sys.modules, "uos", SimpleNamespace(listdir="the built-in's"))
    monkeypatch.setitem(sys.modules, "umachine", SimpleNamespace(mem32=memory))
    module = runpy.run_path(str(PORTS / "nrf52840" / "modules" / "os.py"))
    assert module["listdir"] == "the built-in's"
    return module["urandom"]


def test_random_bytes_are_those_of_the_chips_generator_each_once(monkeypatch):
    memory = Generator()
    urandom = urandom_of(monkeypatch, memory)
    assert [urandom(count) for count in (0, 1, 3)] == [b"", b"\1", b"\2\3\4"]
    assert memory[0x4000D004] == 1, "it is stopped"


def test_a_generator_that_gives_nothing_is_an_error_and_no_wait_for_ever(monkeypatch):
    with pytest.raises(OSError, match=str(EIO)):
        urandom_of(monkeypatch, dict.fromkeys((0x4000D100, 0x4000D508), 0))(1)
