"""The Cortex-M4 lane: the firmware's image in the emulator QEMU, made by `make firmware SOC=nrf52840`."""

import os
import shutil
from contextlib import ExitStack
from pathlib import Path

from bandsim.channel import ChannelEnd, PipeEnd
from bandsim.image_inputs import PORT, image_path, read_record, sources_digest
from bandsim.lane import PACKAGE_DIR, LaneSettings, ProcessLane
from vitalband.errors import LocalError

EMULATOR = "qemu-system-arm"
IMAGE_VARIABLE = "VITALBAND_IMAGE"
VARIABLE_OF_PROFILE = {"product": IMAGE_VARIABLE, "dev": "VITALBAND_DEV_IMAGE"}
"""Environment variable that names the image to run, in place of the checkout's own."""

_MACHINE = ["-machine", "mps2-an386", "-nodefaults", "-nic", "none", "-display", "none", "-serial", "stdio"]
_CHECKOUT = PACKAGE_DIR.parents[1]
_SOC = "nrf52840"
_COUNTING = ["-icount", "shift=8,align=off,sleep=off"]
"""An instruction takes 256 ns of the emulator's time, as firmware/ports/cortex_m4/counters.c counts on."""


def find_emulator() -> Path:
    """Give the emulator's command; LocalError when there is none."""
    found = shutil.which(EMULATOR)
    if found is None:
        raise LocalError(f"wanted {EMULATOR} on PATH, found none; `make firmware` installs it")
    return Path(found)


def find_image(profile: str = "product") -> Path:
    """Give the image of a profile to run: the one that is named, else this checkout's.

    Raises LocalError when there is none, or when the checkout's files have changed since it was built.
    """
    variable = VARIABLE_OF_PROFILE[profile]
    named = os.environ.get(variable)
    if named:
        if not Path(named).is_file():
            raise LocalError(f"wanted an image of the firmware at {named} ({variable}), found none")
        return Path(named)
    command = f"`make firmware SOC={_SOC} PROFILE={profile}`"
    if not (_CHECKOUT / PORT).is_dir():
        raise LocalError(
            f"wanted an image of the firmware named in {variable}, found none; "
            f"it is built by {command} in a checkout, which this installation is not"
        )
    image = image_path(_CHECKOUT, _SOC, profile)
    how_to = f"run {command}, or name an image in {variable}"
    if not image.is_file():
        raise LocalError(f"wanted an image of the firmware at {image}, found none; {how_to}")
    record = read_record(image)
    if record is None or record.sources != sources_digest(_CHECKOUT, profile):
        raise LocalError(f"wanted {image} built from the files of this checkout, found an old one; {how_to}")
    return image


IMAGE_HEAP_BYTES = 112 * 1024
"""Heap of the nRF52840's profile. What the lane's own modules take, some 2 KB, is in it."""


class ImageLane(ProcessLane):
    """The firmware as it is frozen in an image; what a `firmware_dir` of the settings has is imported first.

    The image reads and writes files as this process may: run none but the project's own.
    """

    default_heap_bytes = IMAGE_HEAP_BYTES

    def __init__(self, board: str, settings: LaneSettings) -> None:
        self._emulator = find_emulator()
        self._image = settings.image or find_image()
        super().__init__(board, settings)

    def _connect(self, held: ExitStack) -> tuple[ChannelEnd, list[int]]:
        # The image can open files and nothing else: a pipe is one, a socket is not.
        requests, send_requests = os.pipe()
        take_replies, replies = os.pipe()
        for descriptor in (send_requests, take_replies):
            held.callback(os.close, descriptor)
        return PipeEnd(requests, replies, self._settings.answer_timeout_s), [take_replies, send_requests]

    def _command(self, descriptors: list[int]) -> list[str]:
        arguments = ["image", str(self._heap_bytes)]
        arguments += [f"/proc/self/fd/{descriptor}" for descriptor in descriptors]
        settings = self._settings
        arguments += [self.board, str(int(settings.counts_instructions)), str(settings.collect_every_bytes)]
        if self._settings.firmware_dir is not None:
            arguments.append(str(self._settings.firmware_dir))
        semihosting = ",".join(["enable=on,target=native", *(f"arg={argument}" for argument in arguments)])
        command = [str(self._emulator), *_MACHINE, "-semihosting-config", semihosting]
        if self._settings.counts_instructions:
            command += _COUNTING
        return [*command, "-kernel", str(self._image)]
