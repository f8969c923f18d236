"""No byte of the link reaches an interpreter: none ends the program, and its UART is no prompt's."""

import gc
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import SimpleNamespace

import micropython
import pytest

import boards
from boards import board_named

BOARDS_DIR = Path(boards.__file__).parent
SIMULATED = {"virtual", "virtual_phone_rgb"}
"""Boards without a prompt: neither the lane on the unix port nor the image starts one."""
PROMPTS = {"esp32s3": (0, {43, 44, 19, 20}), "nrf52840": ("uart0", set())}
"""UART and pins on which a port keeps its prompt. ESP32-S3: UART 0 with its default pins, and those of USB.
nRF52840: the console that the device trees of Nordic's boards choose; the profile names no pins.
"""


class EndOfTestError(BaseException):
    """The loop of the firmware has no end of its own, and a product's goes on after any error."""


def set_build(monkeypatch, **names):
    """Give the firmware what the build of an image writes."""
    monkeypatch.setitem(sys.modules, "build_info", SimpleNamespace(**names))


@pytest.fixture
def main(monkeypatch):
    """`main.py` above hardware and a band that note in `happened` when they are used."""
    happened = []

    class Hardware:
        bus, radio, unique_id = None, None, bytes(8)

        def __init__(self, _board, _handover):
            happened.append("hardware opened")
            self.waiter = self

        def wait(self, _delay_ms):
            raise EndOfTestError

    class Band:
        def __init__(self, *_parts):
            self.core = SimpleNamespace(outbox=self)

        def start(self):
            happened.append("band started")

        def run_due(self):
            happened.append("link served")
            return 1000

        def send_log(self, _level, _part, words):
            happened.append(("told", words))

    class Watchdog:
        def __init__(self):
            happened.append("watchdog started")

        def feed(self):
            happened.append("watchdog fed")

    # What only a board has, and the digest of an image in place of one over files.
    monkeypatch.setitem(sys.modules, "hal.device", SimpleNamespace(Hardware=Hardware))
    comeback = SimpleNamespace(
        WATCHDOG_MS=10_000,
        Watchdog=Watchdog,
        last_words=lambda _folder: b"",
        reset_after=lambda words, _folder: happened.append(("reset after", words)),
    )
    monkeypatch.setitem(sys.modules, "hal.comeback", comeback)
    set_build(monkeypatch, FIRMWARE_DIGEST=bytes(32), IMAGE_PROFILE="product")
    monkeypatch.setattr(gc, "threshold", lambda _bytes: None, raising=False)
    monkeypatch.setattr(
        micropython, "kbd_intr", lambda code: happened.append(("interrupt", code)), raising=False
    )
    spec = spec_from_file_location("main_of_the_firmware", BOARDS_DIR.parent / "main.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    module.Band, module.happened = Band, happened
    module.Handover = lambda _folder: SimpleNamespace(is_wiping=False, is_dirty=False, band_id=bytes(8))
    return module


def test_no_byte_interrupts_the_product_from_before_the_hardware_is_opened(main):
    with pytest.raises(EndOfTestError):
        main.run("virtual")
    assert main.happened == [
        ("interrupt", -1),
        "watchdog started",
        "hardware opened",
        "band started",
        "watchdog fed",
        "link served",
    ]


class OfTheLoopError(Exception):
    """Escapes whatever catches errors of tasks."""


def fail():
    raise OfTheLoopError


def test_a_product_keeps_the_name_of_an_error_that_escapes_and_resets_itself(main):
    main.Band.run_due = lambda _band: fail()
    main.run("virtual")
    assert main.happened[-1] == ("reset after", "OfTheLoopError")


def test_an_error_that_escapes_ends_the_program_of_a_developer(main, monkeypatch):
    set_build(monkeypatch, FIRMWARE_DIGEST=bytes(32), IMAGE_PROFILE="dev")
    main.Band.run_due = lambda _band: fail()
    with pytest.raises(OfTheLoopError):
        main.run("virtual")
    assert "watchdog started" not in main.happened


def test_what_was_last_to_be_said_is_told_once_the_band_has_started(main, monkeypatch):
    monkeypatch.setattr(main, "last_words", lambda _folder: b"MemoryError")
    with pytest.raises(EndOfTestError):
        main.run("virtual")
    at = main.happened.index(("told", b"MemoryError"))
    assert main.happened[at - 1] == "band started"


def test_a_developer_may_interrupt_an_image_that_says_so_and_firmware_in_plain_files(main, monkeypatch):
    set_build(monkeypatch, FIRMWARE_DIGEST=bytes(32), IMAGE_PROFILE="dev")
    with pytest.raises(EndOfTestError):
        main.run("virtual")
    set_build(monkeypatch)
    assert main.image_profile() == "dev"
    assert main.happened == ["hardware opened", "band started", "link served"]


def test_the_prompt_of_every_board_but_the_simulated_is_known():
    assert {path.stem for path in BOARDS_DIR.glob("*.py")} - {"__init__"} == SIMULATED | set(PROMPTS)


@pytest.mark.parametrize("name", PROMPTS)
def test_the_link_has_neither_uart_nor_pins_of_the_prompt(name):
    board = board_named(name)
    uart, pins = PROMPTS[name]
    assert uart != board.UART_ID
    assert type(uart) is type(board.UART_ID), "or the names say nothing of each other"
    assert pins.isdisjoint({board.UART_TX_PIN, board.UART_RX_PIN})
