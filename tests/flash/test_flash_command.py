"""`vitalband flash`: it says what it will do, asks, does it, and its exit code says how it went."""

import json
import os
import subprocess
import sys
import threading

import pytest
from typer.testing import CliRunner

from bandsim.dev_board import BoardSettings, DevBoard
from bandsim.scenario import load_scenario
from firmware_bundle import RELEASE_NAME
from flash.boards import small_release
from flash.releases import a_release
from m4.boards import HANG_LIMIT_S, connect, read_until, worn_board
from m4.tool_chain import need_image
from vitalband.cli import app
from vitalband.flash import procedure
from vitalband.release import write_release

PAUSE_S = 2.0
"""Between two presses of 0.7 s; longer ones would be long presses."""

pytestmark = pytest.mark.timeout(240)


def flash(*arguments, code=0, signed=False):
    """Run the command; gives its result, whose exit code must be `code`."""
    allowed = () if signed else ("--unsigned",)
    result = CliRunner().invoke(app, ["flash", *map(str, arguments), *allowed], env={"COLUMNS": "200"})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def emulated():
    need_image("dev")
    with DevBoard() as board:
        yield board


def press_button_until(has_ended, board):
    """Press the worn board's button again and again: a press before its page can be read is none."""
    while not has_ended.wait(PAUSE_S):
        with connect(f"socket://{board.console_server.address}") as console:
            console.sendall(b'{"do": "press_button", "duration_ms": 700}\n')
            assert json.loads(read_until(console, b"\n"))["ok"]


def test_the_firmware_is_installed_read_back_started_and_finds_no_fault_in_its_band(release_of, tmp_path):
    need_image("dev")
    release = release_of("virtual")
    with worn_board(load_scenario("rest"), BoardSettings()) as board:
        place = [board.prompt_url, "--release", str(release.folder / RELEASE_NAME), "--yes"]
        command_line = [sys.executable, "-c", "from vitalband.cli import main; main()", "flash", *place]
        has_ended = threading.Event()
        presser = threading.Thread(target=press_button_until, args=(has_ended, board))
        presser.start()
        try:
            done = subprocess.run(
                [*command_line, "--unsigned", "--link", board.frames_url, "--self-test"],
                capture_output=True, text=True, check=False, timeout=HANG_LIMIT_S * 3,
                stdin=subprocess.DEVNULL, env=os.environ | {"COLUMNS": "200"},
            )  # fmt: skip
        finally:
            has_ended.set()
            presser.join()
        said = done.stdout
        assert done.returncode == 0, said + done.stderr
        for words in (
            f"write firmware {release.firmware} into the ROM file system ({len(release.files)} files)",
            f"{len(release.files)} files are as the release says; the board is reset",
            "It states what the release says",
            "no fault found",
        ):
            assert words in said
        assert "differs" not in said
        # The same again reads back only.
        again = json.loads(flash(*place, "--json").stdout)
    assert (again["written"], again["files"], again["way"]) == (0, len(release.files), "romfs")


def test_nothing_is_written_before_the_answer_and_a_check_says_what_is_there(emulated, tmp_path, monkeypatch):
    small_release(tmp_path)
    place = [emulated.prompt_url, "--release", tmp_path / RELEASE_NAME]
    refused = flash(*place, code=2)
    assert "copy 3 of 3 files of firmware 0.1.0 to /firmware-" in refused.stdout
    assert "wanted --yes, since there is no terminal to ask at" in refused.stderr

    monkeypatch.setattr(procedure, "_has_terminal", lambda: True)
    monkeypatch.setattr(procedure.typer, "confirm", lambda question: False)
    flash(*place, code=130)
    lacking = flash(*place, "--check", code=6).stdout
    assert "not whole: 3 of 3 files are missing or others; flash again" in lacking

    monkeypatch.setattr(procedure.typer, "confirm", lambda question: True)
    assert "Not asked who it is" in flash(*place).stdout
    assert json.loads(flash(*place, "--check", "--json").stdout)["is_whole"]


def test_a_board_that_cannot_run_it_is_refused_with_all_reasons(emulated, tmp_path):
    release = small_release(tmp_path)
    other = a_release(tmp_path, files=release.files, romfs=None, heap_bytes=1_000_000)
    write_release(other, tmp_path / RELEASE_NAME)
    result = flash(emulated.prompt_url, "--release", tmp_path / RELEASE_NAME, "--yes", code=1)
    for reason in (
        "esp32s3 0.1.0 cannot run there:",
        "wanted the board esp32s3 (esp32, ESP32S3), got cortex_m4",
        "wanted native code of xtensawin, got armv7emsp",
        "wanted a heap of 1000",
    ):
        assert reason in result.stderr


def test_a_product_is_written_as_an_image_that_may_be_anothers_and_says_what_stays(tmp_path):
    product = a_release(tmp_path, profile="product", board="nrf52840", platform="zephyr", machine="nrf52840",
                        files=(), romfs=None)  # fmt: skip
    place = ["--release", product.folder / RELEASE_NAME]
    assert "a product has no prompt to install files by: wanted --image" in flash(*place, code=2).stderr
    (tmp_path / "product.uf2").write_bytes(b"image")
    (tmp_path / "drive").mkdir()
    image = ["--image", tmp_path / "product.uf2", "--drive", tmp_path / "drive"]
    said = flash(*place, *image, "--yes").stdout
    assert "before another wearer, erase the chip" in said
    assert (tmp_path / "drive" / "product.uf2").read_bytes() == b"image"


def test_the_command_of_the_tool_is_shown_before_the_question(tmp_path):
    a_release(tmp_path, profile="product", files=(), romfs=None)
    (tmp_path / "product.bin").write_bytes(b"image")
    arguments = ["/dev/ttyACM0", "--release", tmp_path / RELEASE_NAME, "--image", tmp_path / "product.bin"]
    result = flash(*arguments, code=2)
    assert (
        "-m esptool --chip esp32s3 --port /dev/ttyACM0 --baud 460800 write-flash --erase-all 0x0"
        in result.stdout
    )
    assert "everything on the band is erased, as for another wearer" in result.stdout
    assert "wanted --yes" in result.stderr


def test_a_self_test_without_a_link_is_a_usage_error(tmp_path):
    a_release(tmp_path)
    result = flash("--release", tmp_path / RELEASE_NAME, "--self-test", code=2)
    assert "--self-test: wanted the band's own link by --link, got none" in result.stderr
