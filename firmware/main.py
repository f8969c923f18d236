"""Starts the band: board, hardware, firmware, loop.

On a board this file runs by itself after reset. Elsewhere: `import main; main.run("virtual")`.
"""

import gc
import sys

import micropython

import bandwire
from band import Band, Chips
from bandwire.frames import LOG_LEVEL_ERROR, PART_TASK
from boards import board_named
from hal import files
from hal.comeback import WATCHDOG_MS, Watchdog, last_words, reset_after
from hal.device import Hardware
from hal.handover import Handover
from identity import Identity, digest_of_files

_BOARD_OF_PLATFORM = {"esp32": "esp32s3", "zephyr": "nrf52840"}
_NO_INTERRUPT_CHARACTER = -1

_COLLECT_EVERY_BYTES = 64 * 1024
"""Of allocation, frames of calls too: every 10 s or so. Later, each frame of more than 11 words takes longer
to find its place behind the garbage than collecting saves (measured by `make budget`).
"""
_PROFILE_OF_FILES = "dev"


def run(board_name):
    """Run the firmware on a board of `boards`; returns never.

    What the tasks' supervisor does not catch ends the program of a developer, and shows at the prompt. A
    product keeps its name, resets itself and tells it then; before its loop has begun, and when it hangs, the
    watchdog does.
    """
    if image_profile() == "dev":
        band, hardware = _started(board_name, _feed_nobody)
        while True:
            hardware.waiter.wait(band.run_due())
    # No byte may stop the program and leave an interpreter behind.
    micropython.kbd_intr(_NO_INTERRUPT_CHARACTER)
    watchdog = Watchdog()
    band, hardware = _started(board_name, watchdog.feed)
    try:
        while True:
            watchdog.feed()
            hardware.waiter.wait(min(band.run_due(), WATCHDOG_MS // 2))
    except Exception as error:  # noqa: BLE001 - whatever it is, a product has nobody to show it to
        reset_after(type(error).__name__, board_named(board_name).FILES_FOLDER)


def _started(board_name, feed):
    gc.threshold(_COLLECT_EVERY_BYTES)
    board = board_named(board_name)
    handover = _handed_over(board, feed)
    hardware = Hardware(board, handover)
    profile = image_profile()
    identity = Identity(
        board, hardware.unique_id, handover.band_id, firmware_digest(), profile, hardware.radio
    )
    band = Band(board, hardware, Chips(hardware.bus, board.THERMOMETER_OFFSET_128), identity)
    band.start()
    words = last_words(board.FILES_FOLDER)
    if words:
        band.core.outbox.send_log(LOG_LEVEL_ERROR, PART_TASK, words)
    return band, hardware


def _handed_over(board, feed):
    """What is known of wearers before. A wipe that was begun is done first, before anything is read."""
    files.make_folder(board.FILES_FOLDER)
    handover = Handover(board.FILES_FOLDER)
    if handover.is_wiping:
        from tasks.wiping import finish_wipe

        finish_wipe(board, handover, feed)
    elif handover.is_dirty:
        try:
            handover.write()
        except OSError:  # the keeper tries again, and tells of it
            pass
    return handover


def _feed_nobody():
    """A developer's band has no watchdog."""


def firmware_digest():
    """SHA-256 over the firmware: given by the build of an image, else over the files there are."""
    try:
        from build_info import FIRMWARE_DIGEST
    except ImportError:
        return digest_of_files(_folders(), files)
    return FIRMWARE_DIGEST


def image_profile():
    """What kind of image this is: "product" has no prompt, "dev" has one on a port of its own.

    Firmware in plain files is of the second kind: who can put files there has a prompt.
    """
    try:
        from build_info import IMAGE_PROFILE
    except ImportError:
        return _PROFILE_OF_FILES
    return IMAGE_PROFILE


def _folders():
    """Folders that hold the firmware, be it among others, and the protocol that it imports."""
    return ("firmware", _folder_of(__file__)), ("bandwire", _folder_of(bandwire.__file__))


def _folder_of(path):
    parts = path.split("/")
    return "/".join(parts[:-1]) or "."


if __name__ == "__main__":
    run(_BOARD_OF_PLATFORM.get(sys.platform, "virtual"))
