"""A whole image goes to the board by the tool of its maker, whose command is shown before it is run."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from flash.releases import a_release
from vitalband.errors import InstallError, LocalError
from vitalband.flash import images, ports
from vitalband.flash.images import find_drive, plan_image, write_image
from vitalband.flash.ports import find_port

NRF52840 = {"board": "nrf52840", "platform": "zephyr", "machine": "nrf52840"}
INFO = "UF2 Bootloader 0.9.0\nModel: A board\nBoard-ID: nRF52840-Board-v1\n"


@pytest.fixture
def drive(tmp_path):
    folder = tmp_path / "drive"
    folder.mkdir()
    (folder / "INFO_UF2.TXT").write_text(INFO)
    return folder


def an_image(tmp_path, name):
    (tmp_path / name).write_bytes(b"image")
    return tmp_path / name


def test_a_uf2_file_is_copied_to_the_drive_of_the_boot_loader(tmp_path, drive):
    writing = plan_image(an_image(tmp_path, "band.uf2"), a_release(tmp_path, **NRF52840), "", drive)
    assert writing.words() == f"copy {tmp_path}/band.uf2 to {drive}"
    write_image(writing)
    assert (drive / "band.uf2").read_bytes() == b"image"


def test_the_drive_is_found_by_the_chip_that_it_names(tmp_path, drive):
    other = tmp_path / "other"
    other.mkdir()
    (other / "INFO_UF2.TXT").write_text(INFO.replace("nRF52840", "RP2040"))
    assert find_drive(a_release(tmp_path, **NRF52840), [f"{tmp_path}/*"]) == drive


def test_without_a_drive_it_says_how_to_get_one(tmp_path):
    with pytest.raises(LocalError, match=r"found none; press reset twice, and name it by --drive"):
        find_drive(a_release(tmp_path, **NRF52840), [f"{tmp_path}/*"])


def test_two_drives_are_one_too_many(tmp_path, drive):
    second = tmp_path / "second"
    second.mkdir()
    (second / "INFO_UF2.TXT").write_text(INFO)
    with pytest.raises(LocalError, match=f"found {drive}, {second};"):
        find_drive(a_release(tmp_path, **NRF52840), [f"{tmp_path}/*"])


def test_esptool_understands_the_command_for_an_esp32s3(tmp_path):
    image = an_image(tmp_path, "micropython.bin")
    writing = plan_image(image, a_release(tmp_path), "/dev/no-such-port", None)
    assert writing.command[:3] == (sys.executable, "-m", "esptool")
    with pytest.raises(
        InstallError, match=r"write-flash 0x0 .*micropython\.bin failed:\n(.|\n)*no-such-port"
    ):
        write_image(writing)


def test_a_product_erases_what_the_wearer_before_has_left(tmp_path):
    image = an_image(tmp_path, "product.bin")
    writing = plan_image(image, a_release(tmp_path, profile="product"), "/dev/ttyACM0", None)
    assert writing.erases_all
    assert "--erase-all" in writing.command
    assert not plan_image(image, a_release(tmp_path), "/dev/ttyACM0", None).erases_all


def test_a_package_is_sent_by_the_tool_of_its_boot_loader(tmp_path, monkeypatch):
    ran = []

    def run(command, **_options):
        ran.append(command)
        return SimpleNamespace(returncode=0, stdout="", stderr="")

    monkeypatch.setattr(images.shutil, "which", lambda name: f"/bin/{name}")
    monkeypatch.setattr(images.subprocess, "run", run)
    package = an_image(tmp_path, "band.zip")
    write_image(plan_image(package, a_release(tmp_path, **NRF52840), "/dev/ttyACM1", None))
    assert ran == [("adafruit-nrfutil", "--verbose", "dfu", "serial", "--package", str(package),
                    "-p", "/dev/ttyACM1", "-b", "115200", "--singlebank", "--touch", "1200")]  # fmt: skip


def test_a_tool_that_is_missing_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    package = an_image(tmp_path, "band.zip")
    with pytest.raises(LocalError, match="wanted adafruit-nrfutil on PATH, found none"):
        write_image(plan_image(package, a_release(tmp_path, **NRF52840), "/dev/ttyACM1", None))


def test_a_tool_that_does_not_end_is_ended(tmp_path, monkeypatch):
    def run(command, **options):
        raise subprocess.TimeoutExpired(command, options["timeout"])

    monkeypatch.setattr(images.subprocess, "run", run)
    with pytest.raises(InstallError, match="no end within 300 s"):
        write_image(plan_image(an_image(tmp_path, "a.bin"), a_release(tmp_path), "/dev/ttyACM0", None))


@pytest.mark.parametrize(
    ("name", "changes", "wanted"),
    [("a.uf2", {}, r"wanted \.bin for esp32s3"), ("a.bin", NRF52840, r"wanted \.uf2 or \.zip for nrf52840"),
     ("a.bin", {"board": "virtual", "platform": "cortex_m4"}, "wanted no image for virtual")],
)  # fmt: skip
def test_an_image_of_another_kind_is_refused(tmp_path, name, changes, wanted):
    with pytest.raises(LocalError, match=wanted):
        plan_image(an_image(tmp_path, name), a_release(tmp_path, **changes), "", None)


def test_an_image_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(LocalError, match=r"none\.bin: wanted an image, found no such file"):
        plan_image(tmp_path / "none.bin", a_release(tmp_path), "", None)


def a_port(device, vid):
    return SimpleNamespace(device=device, vid=vid, manufacturer="Maker", product="Board")


@pytest.mark.parametrize(
    ("devices", "message"),
    [
        ([], "found 0; name the port$"),
        (["/dev/a", "/dev/b"], "found 2; name the port\n  /dev/a  Maker Board\n"),
    ],
)
def test_a_port_is_taken_only_when_there_is_one_to_take(monkeypatch, devices, message):
    there = [a_port("/dev/ttyS0", None), *(a_port(device, 0x303A) for device in devices)]
    monkeypatch.setattr(ports.list_ports, "comports", lambda: there)
    with pytest.raises(LocalError, match=message):
        find_port()


def test_the_only_usb_port_is_the_boards(monkeypatch):
    there = [a_port("/dev/ttyS0", None), a_port("/dev/ttyACM0", 0x303A)]
    monkeypatch.setattr(ports.list_ports, "comports", lambda: there)
    assert find_port() == "/dev/ttyACM0"
