"""Flash that the boot loader reads is compared with the release: one byte of code that differs is told."""

import json
import struct
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from flash.keys import write_keys
from flash.releases import a_release, listed
from sign_release import sign_release
from vitalband.cli import app
from vitalband.errors import InstallError, LocalError
from vitalband.flash import readback
from vitalband.flash.readback import read_back_board

TABLE = (  # as firmware/ports/esp32s3/partitions.csv, smaller
    (b"nvs", 1, 2, 0x9000, 0x1000), (b"factory", 0, 0, 0xA000, 0x3000), (b"romfs", 1, 0x8F, 0xD000, 0x1000),
    (b"other", 0, 0x10, 0xE000, 0x1000), (b"vfs", 1, 0x81, 0xF000, 0x1000),
)  # fmt: skip
ROMFS = b"firmware as a file system"
NRF52840 = {"board": "nrf52840", "platform": "zephyr", "machine": "nrf52840"}


def esp32_image(table=TABLE):
    """An image as it is written at address 0: boot loader, table, settings left erased, app."""
    image = bytearray(b"\xff" * 0xC000)
    image[:0x100] = bytes(range(256))
    for number, (name, kind, subtype, start, size) in enumerate(table):
        struct.pack_into(
            "<2sBBLL16sL", image, 0x8000 + 32 * number, b"\xaa\x50", kind, subtype, start, size, name, 0
        )
    image[0xA000:0xC000] = b"app!" * 0x800
    return bytes(image)


def flash_of(image, romfs=ROMFS):
    """What lies in a flash that the image was written to, and that the band has written to since."""
    flash = bytearray(image + b"\xff" * (0x10000 - len(image)))
    flash[0x9000:0x9010] = b"settings of band"
    flash[0xF000:0xF010] = b"files of wearer!"
    flash[0xD000 : 0xD000 + len(romfs)] = romfs
    return flash


@pytest.fixture
def esptool(monkeypatch):
    """Stands for esptool at the command line: writes what its `flash` holds into the file that is named."""
    double = SimpleNamespace(flash=b"", commands=[], says="", code=0)

    def run(command, **_options):
        double.commands.append(command)
        start, size, file = command[-3:]
        with open(file, "wb") as output:
            output.write(double.flash[int(start, 16) : int(start, 16) + int(size, 16)])
        return SimpleNamespace(returncode=double.code, stdout="", stderr=double.says)

    monkeypatch.setattr(readback.subprocess, "run", run)
    return double


def esp32_release(folder, image, **changes):
    (folder / "firmware.bin").write_bytes(image)
    (folder / "firmware.romfs").write_bytes(ROMFS)
    facts = {
        "images": (listed("firmware.bin", image),),
        "romfs": listed("firmware.romfs", ROMFS),
        "files": (),
    }
    return a_release(folder, **(facts | changes))


def differing(found):
    return [fact.name for fact in found.comparisons if not fact.matches]


def test_a_board_that_was_written_and_then_worn_is_as_the_release_says(tmp_path, esptool):
    image = esp32_image()
    esptool.flash = flash_of(image)
    found = read_back_board("/dev/ttyACM0", None, esp32_release(tmp_path, image))
    assert differing(found) == []
    assert [fact.name for fact in found.comparisons] == [
        "0x0 to 0x9000", "0xa000 to 0xc000", "partition romfs", "partition other",
    ]  # fmt: skip
    assert "Not compared, as the band writes them: nvs, vfs;" in found.trust
    (command,) = esptool.commands
    assert command[1:9] == (
        "-m",
        "esptool",
        "--chip",
        "esp32s3",
        "--port",
        "/dev/ttyACM0",
        "--baud",
        "460800",
    )
    assert command[9:13] == ("read-flash", "--no-progress", "0x0", "0xf000")


@pytest.mark.parametrize(
    ("at", "fact"),
    [
        (0x10, "0x0 to 0x9000"),
        (0x8005, "0x0 to 0x9000"),
        (0xBFFF, "0xa000 to 0xc000"),
        (0xD003, "partition romfs"),
        (0xE800, "partition other"),
    ],
)
def test_one_byte_of_boot_loader_table_app_or_what_could_be_started_besides_is_told(
    tmp_path, esptool, at, fact
):
    esptool.flash = flash_of(esp32_image())
    esptool.flash[at] ^= 1
    found = read_back_board("/dev/ttyACM0", None, esp32_release(tmp_path, esp32_image()))
    assert differing(found) == [fact]


def test_a_product_has_nothing_where_a_file_system_of_firmware_could_lie(tmp_path, esptool):
    product = esp32_release(tmp_path, esp32_image(), profile="product", romfs=None)
    esptool.flash = flash_of(esp32_image(), romfs=b"")
    assert differing(read_back_board("/dev/ttyACM0", None, product)) == []
    esptool.flash = flash_of(esp32_image())
    assert differing(read_back_board("/dev/ttyACM0", None, product)) == ["partition romfs"]


def test_what_cannot_be_read_or_compared_is_an_error_by_its_cause(tmp_path, esptool):
    release = esp32_release(tmp_path, esp32_image())
    esptool.flash = flash_of(esp32_image())[:0x100]
    with pytest.raises(InstallError, match="wanted 61440 bytes of flash, got 256"):
        read_back_board("/dev/ttyACM0", None, release)
    esptool.code, esptool.says = 2, "A fatal error occurred: Failed to connect"
    with pytest.raises(InstallError, match="esptool cannot read the flash:\nA fatal error occurred"):
        read_back_board("/dev/ttyACM0", None, release)
    with pytest.raises(LocalError, match=r"lists one image \*\.bin of esp32s3, got none"):
        read_back_board("/dev/ttyACM0", None, esp32_release(tmp_path, esp32_image(), images=()))
    with pytest.raises(InstallError, match="wanted a table of partitions"):
        read_back_board("/dev/ttyACM0", None, esp32_release(tmp_path, bytes(0x9000)))
    virtual = esp32_release(tmp_path, esp32_image(), board="virtual", platform="cortex_m4")
    with pytest.raises(LocalError, match="whose boot loader reads back its flash, got virtual"):
        read_back_board("/dev/ttyACM0", None, virtual)


def test_the_real_esptool_takes_the_command_and_finds_no_port(tmp_path):
    with pytest.raises(InstallError, match=r"esptool cannot read the flash:\n(.|\n)*no-such-port"):
        read_back_board("/dev/no-such-port", None, esp32_release(tmp_path, esp32_image()))


# -- nRF52840 -----------------------------------------------------------------------------------


def uf2(start, content, flags=0x2000):
    """A file of blocks of 256 bytes, as the boot loader shows them."""
    blocks = [content[at : at + 256] for at in range(0, len(content), 256)]
    return b"".join(
        struct.pack("<8I476sI", 0x0A324655, 0x9E5D5157, flags, start + 256 * number, len(block), number,
                    len(blocks), 0xADA52840, block, 0x0AB16F30)
        for number, block in enumerate(blocks)
    )  # fmt: skip


CODE = bytes(range(256)) * 8


@pytest.fixture
def drive(tmp_path):
    (tmp_path / "drive").mkdir()
    (tmp_path / "drive" / "INFO_UF2.TXT").write_text("UF2 Bootloader\nBoard-ID: nRF52840-Board-v1\n")
    return tmp_path / "drive"


def nrf_release(folder):
    image = uf2(0x27000, CODE) + uf2(0x0, b"not for the flash", flags=1)
    (folder / "band.uf2").write_bytes(image)
    return a_release(
        folder, **NRF52840, profile="product", files=(), romfs=None, images=(listed("band.uf2", image),)
    )


def test_what_the_boot_loader_shows_is_compared_at_the_addresses_of_the_image(tmp_path, drive):
    release = nrf_release(tmp_path)
    (drive / "CURRENT.UF2").write_bytes(uf2(0x26000, b"\xff" * 4096 + CODE + b"journal" * 100))
    found = read_back_board(None, drive, release)
    assert [fact.name for fact in found.comparisons] == ["0x27000 to 0x27800"]
    assert differing(found) == []
    assert "which is believed here; the firmware is not" in found.trust
    (drive / "CURRENT.UF2").write_bytes(uf2(0x26000, b"\xff" * 4096 + CODE[:-1] + b"?" + b"journal" * 100))
    assert differing(read_back_board(None, drive, release)) == ["0x27000 to 0x27800"]
    (drive / "CURRENT.UF2").write_bytes(uf2(0x27000, CODE[:512]))
    assert differing(read_back_board(None, drive, release)) == ["0x27000 to 0x27800"]


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "wanted blocks of UF2, got none"), (b"x" * 100, "wanted blocks of 512 bytes, got 100"),
     (b"x" * 512, "wanted blocks of UF2, got something else"),
     (uf2(0, CODE[:256]) + uf2(0x1000, CODE[:256]), "wanted one piece of flash, got holes in it")],
)  # fmt: skip
def test_what_shows_no_flash_is_refused(tmp_path, drive, content, message):
    (drive / "CURRENT.UF2").write_bytes(content)
    with pytest.raises(InstallError, match=f"CURRENT.UF2: {message}"):
        read_back_board(None, drive, nrf_release(tmp_path))


def test_the_command_says_what_differs_what_is_believed_and_who_signed(tmp_path, drive):
    secret, public = write_keys(tmp_path)
    nrf_release(tmp_path)
    sign_release(tmp_path / "release.json", secret)
    (drive / "CURRENT.UF2").write_bytes(uf2(0x27000, CODE))
    arguments = ["verify", "--readback", str(drive), "--release", str(tmp_path / "release.json")]
    assert CliRunner().invoke(app, arguments).exit_code == 2
    told = CliRunner().invoke(app, [*arguments, "--key", str(public)])
    assert told.exit_code == 0, told.output
    assert "signed with key" in told.stdout
    assert "the firmware is not" in told.stdout
    (drive / "CURRENT.UF2").write_bytes(uf2(0x27000, bytes(2048)))
    found = CliRunner().invoke(app, [*arguments, "--key", str(public), "--json"])
    assert found.exit_code == 6
    assert [fact["matches"] for fact in json.loads(found.stdout)["verification"]] == [False]
