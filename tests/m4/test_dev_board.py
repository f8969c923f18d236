"""The developer's image on its emulated board: a prompt for mpremote, files, a UART that is no prompt's."""

from collections.abc import Generator
from pathlib import Path

import pytest

from bandsim.dev_board import (
    CODE_BYTES,
    FILES_BYTES,
    JOURNAL_BYTES,
    ROM_BYTES,
    BoardSettings,
    DevBoard,
    FlashFile,
)
from m4.boards import ask, connect, mpremote, read_until, take_prompt
from m4.tool_chain import need_image
from vitalband.errors import LocalError

ECHO = """
import machine, time
uart = machine.UART(1, 115200, rxbuf=256)
print("runs")
while True:
    if uart.any():
        uart.write(uart.read())
    time.sleep_ms(1)
"""
"""A program that ends by an interruption only."""

MODULES = """
import binascii, framebuf, hashlib, machine, micropython, os, select, struct, sys, time, vfs
@micropython.viper
def twice(x: int) -> int:
    return x * 2
@micropython.native
def thrice(x):
    return x * 3
print(sys.platform, twice(21), thrice(14), len(machine.unique_id()), len(os.urandom(5)))
"""

FLASH = """
from cortex_m4 import Flash
flash, data = Flash(), bytearray(4)
last = flash.ioctl(4, 0) - 1
print(flash.ioctl(6, last), flash.writeblocks(last, b"\\x0f\\xf0", 8), flash.writeblocks(last, b"\\x3c", 8))
print(flash.readblocks(last, data, 7), list(data))
beyond = last + 1
print(flash.ioctl(6, beyond), flash.readblocks(beyond, data, 0), flash.writeblocks(last, data, 4093))
"""

JOURNAL = """
from zephyr import FlashArea
area, data = FlashArea(*FlashArea.areas["journal"]), bytearray(4)
print(area.ioctl(4, 0), area.ioctl(5, 0), area.readblocks(255, data, 4092), data)
print(area.writeblocks(255, b"last", 4092), area.readblocks(255, data, 4092), data)
print(area.writeblocks(255, data, 4093), area.ioctl(6, 256))
print(area.ioctl(6, 255), area.readblocks(255, data, 4092), data)
"""

NATIVE = """
import micropython
@micropython.native
def text(x):
    return "<" + str(x) + ">"
@micropython.viper
def plus(x: int) -> int:
    return x + NUMBER
print(text(plus(1)))
"""

FILL = """
program = "@micropython.viper\\ndef f(x: int) -> int:\\n" + " x = x + 5 & 15\\n" * 200 + " return x\\n"
count = 0
try:
    while True:
        exec(program)
        count += 1
except MemoryError:
    print(count > 9, f(2))
"""

TIMES = """
import machine, select, time
waiter = select.poll()
waiter.register(machine.UART(1), select.POLLIN)
for function, duration, us in (time.sleep_ms, 30, 30000), (time.sleep_us, 700, 700), (waiter.poll, 25, 24000):
    start = time.ticks_us()
    function(duration)
    print(time.ticks_diff(time.ticks_us(), start) >= us)
"""
"""poll counts whole milliseconds (MicroPython's extmod/modselect.c), so the first may be over."""

NO_CHIPS = """
from machine import I2C, Pin, UART
print(I2C(0, freq=400000).scan(), Pin(0, Pin.IN, Pin.PULL_UP).value())
try:
    I2C(0).readfrom_mem(0x57, 0xff, 1)
except OSError as error:
    print(error.errno)
try:
    UART(0)
except ValueError as error:
    print(error)
"""


@pytest.fixture(scope="module", autouse=True)
def _image() -> None:
    need_image("dev")


@pytest.fixture
def board() -> Generator[DevBoard, None, None]:
    with DevBoard() as board:
        yield board


def test_the_journals_partition_is_that_of_the_zephyr_port(board: DevBoard) -> None:
    erased = "bytearray(b'\\xff\\xff\\xff\\xff')"
    said = mpremote(board, "exec", JOURNAL).splitlines()
    assert said == [f"256 4096 0 {erased}", "0 0 bytearray(b'last')", "-22 -22", f"0 0 {erased}"]


def test_mpremote_evaluates_and_has_the_modules_of_a_board(board: DevBoard) -> None:
    said = mpremote(board, "eval", "6 * 7", "exec", MODULES).split()
    assert said == ["42", "cortex_m4", "42", "42", "8", "5"]


def test_files_that_mpremote_copies_are_there_after_a_soft_reset_and_a_loss_of_power(
    board: DevBoard, tmp_path: Path
) -> None:
    sent, taken = tmp_path / "sent", tmp_path / "taken"
    sent.write_bytes(bytes(range(256)) * 3)
    mpremote(board, "mkdir", ":folder", "+", "cp", str(sent), ":folder/file")
    assert "folder/" in mpremote(board, "soft-reset", "resume", "ls")
    board.stop()
    board.start()
    mpremote(board, "cp", ":folder/file", str(taken))
    assert taken.read_bytes() == sent.read_bytes()


def test_a_rom_file_system_that_mpremote_deploys_is_imported_from_in_place(
    board: DevBoard, tmp_path: Path
) -> None:
    folder = tmp_path / "rom"
    folder.mkdir()
    (folder / "told.py").write_text("TEXT = 'from ' + __file__\n")
    assert f"size {ROM_BYTES} bytes" in mpremote(board, "romfs", "query")
    mpremote(board, "romfs", "--no-mpy", "deploy", str(folder))
    assert mpremote(board, "exec", "import told; print(told.TEXT)").strip() == "from /rom/told.py"
    assert board.flash.read_rom().startswith(b"\xd2\xcd\x31")


def test_flash_is_erased_to_ones_and_written_to_zeros_only(board: DevBoard) -> None:
    assert mpremote(board, "exec", FLASH).splitlines() == [
        "0 0 0", "0 [255, 12, 240, 255]", "-22 -22 -22",
    ]  # fmt: skip


def code_in_flash(board: DevBoard) -> bytes:
    """What lies where native code does."""
    with board.flash.path.open("rb") as file:
        file.seek(FILES_BYTES + ROM_BYTES + JOURNAL_BYTES)
        return file.read(CODE_BYTES)


def test_native_code_lies_in_flash_and_is_written_only_when_it_is_another(board: DevBoard) -> None:
    def runs(number: int) -> str:
        return mpremote(board, "soft-reset", "exec", NATIVE.replace("NUMBER", str(number))).strip()

    erased = b"\xff" * CODE_BYTES
    assert code_in_flash(board) == erased
    assert runs(41) == "<42>"
    first = code_in_flash(board)
    assert first[:8] != erased[:8]
    assert first[4096:] == erased[4096:]
    # Only an erasure could bring this to ones.
    with board.flash.path.open("r+b") as file:
        file.seek(FILES_BYTES + ROM_BYTES + JOURNAL_BYTES + 4000)
        file.write(b"kept")
    kept = first[:4000] + b"kept" + first[4004:]
    assert (runs(41), code_in_flash(board)) == ("<42>", kept)
    # Another function goes to the next block, as the one before it is in use, and is found there.
    assert runs(50) == "<51>"
    second = code_in_flash(board)
    assert second[:4096] == kept[:4096]
    assert second[4096:4104] != erased[:8]
    assert (runs(50), code_in_flash(board)) == ("<51>", second)


def test_native_code_that_finds_no_room_is_a_memory_error_until_the_next_start(board: DevBoard) -> None:
    assert mpremote(board, "soft-reset", "exec", "import micropython\n" + FILL).split() == ["True", "10"]
    assert mpremote(board, "soft-reset", "exec", NATIVE.replace("NUMBER", "6")).strip() == "<7>"


def test_ctrl_c_at_the_prompt_ends_a_program_and_bytes_of_the_frames_uart_do_not(
    board: DevBoard, tmp_path: Path
) -> None:
    main = tmp_path / "main.py"
    main.write_text(ECHO)
    mpremote(board, "cp", str(main), ":main.py")
    with connect(board.prompt_url) as prompt, connect(board.frames_url) as frames:
        take_prompt(prompt)
        prompt.sendall(b"\x04")
        read_until(prompt, b"runs\r\n")
        sent = bytes(range(256)) * 8 + b"\x03" * 2000
        frames.sendall(sent)
        echoed = b""
        while len(echoed) < len(sent):
            echoed += frames.recv(4096)
        assert echoed == sent
        # More than the prompt's buffer holds, which the program does not read.
        prompt.sendall(b"x" * 5000 + b"\x03")
        assert b"KeyboardInterrupt" in read_until(prompt, b">>> ")


def test_main_py_runs_after_a_soft_reset_and_not_when_a_host_has_the_raw_prompt(board: DevBoard) -> None:
    with connect(board.prompt_url) as prompt:
        take_prompt(prompt)
        ask(prompt, b"open('main.py', 'w').write('print(4321 * 2)')")
        assert b"8642" in ask(prompt, b"\x04")
    assert mpremote(board, "eval", "6 * 7").strip() == "42"


def test_time_passes_and_sleep_lasts_as_long_as_it_should_at_least(board: DevBoard) -> None:
    assert mpremote(board, "exec", TIMES).split() == ["True", "True", "True"]


def test_a_reset_boots_anew_and_keeps_the_files(board: DevBoard) -> None:
    program = "import machine\nopen('kept', 'w').close()\nmachine.reset()"
    with connect(board.prompt_url) as prompt:
        take_prompt(prompt)
        prompt.sendall(b"\x01")
        read_until(prompt, b"to exit\r\n>")
        prompt.sendall(program.encode() + b"\x04")
        assert b"MicroPython v1.25.0" in read_until(prompt, b'Type "help()" for more information.\r\n>>> ')
    assert "kept" in mpremote(board, "ls")


def test_without_a_conductor_no_chip_answers_and_inputs_are_high(board: DevBoard) -> None:
    assert mpremote(board, "exec", NO_CHIPS).splitlines() == ["[] 1", "19", "UART wanted: 1"]


def test_flash_that_a_file_holds_is_there_for_the_next_board(tmp_path: Path) -> None:
    settings = BoardSettings(flash=tmp_path / "flash.bin")
    with DevBoard(settings) as board:
        mpremote(board, "exec", "open('kept', 'w').close()")
    with DevBoard(settings) as board:
        assert "kept" in mpremote(board, "ls")


def test_a_rom_image_too_large_for_its_partition_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        LocalError, match=f"wanted a ROMFS image of at most {ROM_BYTES} bytes, got {ROM_BYTES + 1}"
    ):
        FlashFile(tmp_path / "flash.bin").write_rom(bytes(ROM_BYTES + 1))
    assert (tmp_path / "flash.bin").read_bytes()[: FILES_BYTES + ROM_BYTES] == b"\xff" * (
        FILES_BYTES + ROM_BYTES
    )
