"""A developer's board, emulated: MicroPython with a prompt on one socket, and the frames' UART on another.

    with DevBoard() as board:
        subprocess.run(["mpremote", "connect", board.prompt_url, "fs", "ls"], timeout=30)

The image is that of `make firmware PROFILE=dev`: a prompt on UART 0, `machine.UART(1)` for the frames,
LittleFS at `/`, a ROMFS partition at `/rom`. It runs in real time. Its flash is a file of the host, so that
it outlives the emulator; ending the emulator is a loss of power at that moment.
"""

import socket
import subprocess
import tempfile
import weakref
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

from bandsim.endpoints import address_of, listen
from bandsim.image_lane import find_emulator, find_image
from bandsim.lane import PACKAGE_DIR
from vitalband.errors import LocalError

DEFAULT_HEAP_BYTES = 320 * 1024
"""Of 512 KB of RAM, as much as the profile of the ESP32-S3, which has that RAM too, gives to the firmware."""

FILES_BYTES = 1024 * 1024
ROM_BYTES = 512 * 1024
JOURNAL_BYTES = 1024 * 1024
CODE_BYTES = 128 * 1024
"""One after the other: LittleFS, ROMFS, the journal, native code (`firmware/ports/cortex_m4/dev/flash.c`)."""

BUILT_ROM = PACKAGE_DIR.parents[1] / "dist" / "virtual-dev" / "firmware.romfs"
"""The firmware of a checkout as `make bundle BOARD=virtual` compiles it."""

_MEMORY_BYTES = 16 * 1024 * 1024
"""The memory of mps2-an386 in which the flash lies: its size is fixed."""
_ANY_PORT = "127.0.0.1:0"
_REAP_TIMEOUT_S = 5.0
_TAIL_BYTES = 4000


def read_rom_file(path: Path) -> bytes:
    """Read a ROMFS image; LocalError, with what to do, when there is none."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise LocalError(
            f"wanted a ROMFS image at {path}: {error.strerror}; "
            "in a checkout, `make bundle BOARD=virtual` makes one"
        ) from error


class FlashFile:
    """The content of a board's flash in a file, erased when it is new."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.exists():
            with path.open("wb") as file:
                file.write(b"\xff" * (FILES_BYTES + ROM_BYTES + JOURNAL_BYTES + CODE_BYTES))
                file.truncate(_MEMORY_BYTES)

    def write_rom(self, image: bytes) -> None:
        """Put a ROMFS image into its partition, of a board that is off; LocalError when it is too large."""
        if len(image) > ROM_BYTES:
            raise LocalError(f"wanted a ROMFS image of at most {ROM_BYTES} bytes, got {len(image)}")
        with self.path.open("r+b") as file:
            file.seek(FILES_BYTES)
            file.write(image.ljust(ROM_BYTES, b"\xff"))

    def read_rom(self) -> bytes:
        """Give the content of the ROMFS partition."""
        with self.path.open("rb") as file:
            file.seek(FILES_BYTES)
            return file.read(ROM_BYTES)


@dataclass(frozen=True, kw_only=True)
class BoardSettings:
    """How a board runs. `flash` is a file that may be there already, None for one of its own.

    `prompt` and `frames` are `HOST:PORT`, port 0 for any; `rom` is a ROMFS image to begin with.
    """

    flash: Path | None = None
    rom: bytes | None = None
    prompt: str = _ANY_PORT
    frames: str = _ANY_PORT
    heap_bytes: int = DEFAULT_HEAP_BYTES


class DevBoard:
    """See the module. On as a context manager; its ports stay the same while it is off.

    One host at a time has a port, the next one waits until it has gone; what a host sends just before it goes
    may be lost. Raises LocalError when emulator or image are missing.
    """

    def __init__(self, settings: BoardSettings | None = None) -> None:
        settings = settings or BoardSettings()
        self._settings = settings
        self._emulator = find_emulator()
        self._image = find_image("dev")
        self._folder = Path(tempfile.mkdtemp(prefix="vitalband-board-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._held = ExitStack()
        self._held.callback(rmtree, self._folder, ignore_errors=True)
        self._finalizer = weakref.finalize(self, self._held.close)
        self.flash = FlashFile(settings.flash or self._folder / "flash.bin")
        if settings.rom is not None:
            self.flash.write_rom(settings.rom)
        self._prompt = self._held.enter_context(listen(settings.prompt))
        self._frames = self._held.enter_context(listen(settings.frames))

    @property
    def prompt_url(self) -> str:
        """Where the prompt is, for mpremote and pyserial."""
        return f"socket://{address_of(self._prompt)}"

    @property
    def frames_url(self) -> str:
        """Where the frames' UART is, for `Band.open`."""
        return f"socket://{address_of(self._frames)}"

    @property
    def emulator_pid(self) -> int | None:
        """The emulator's process, None while the board is off."""
        return None if self._process is None else self._process.pid

    def start(self, channel: Sequence[int] = (), pins: socket.socket | None = None, board: str = "") -> None:
        """Switch the board on; without effect when it is.

        `channel` are descriptors that the image reads replies from and writes requests to, `pins` the end
        at which a byte is a changed pin, `board` what the conductor is told; without them there are no chips.
        """
        if self._process is not None:
            return
        descriptors = [*channel, self._prompt.fileno(), self._frames.fileno()]
        descriptors += [] if pins is None else [pins.fileno()]
        with (self._folder / "console.txt").open("wb") as console:
            # A session of its own: Ctrl-C is for the host, which then ends the board.
            self._process = subprocess.Popen(
                self._command(channel, pins, board),
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                pass_fds=descriptors,
                start_new_session=True,
            )
        self._held.callback(_end, self._process)

    def stop(self) -> None:
        """Switch the board off, as by a loss of power."""
        if self._process is not None:
            process, self._process = self._process, None
            _end(process)

    def close(self) -> None:
        """Switch the board off for good, and remove what is its own; may be called twice."""
        self.stop()
        self._finalizer()

    def exit_code(self, timeout_s: float) -> int | None:
        """Give how the emulator ended within a time, negative for a signal; None while it runs or is off."""
        try:
            return None if self._process is None else self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def emulator_said(self) -> str:
        """Give the last that the emulator itself has printed."""
        console = self._folder / "console.txt"
        return console.read_bytes()[-_TAIL_BYTES:].decode(errors="replace") if console.is_file() else ""

    def _command(self, channel: Sequence[int], pins: socket.socket | None, board: str) -> list[str]:
        arguments = ["image", str(self._settings.heap_bytes)]
        arguments += [f"/proc/self/fd/{descriptor}" for descriptor in channel]
        arguments += [board] if board else []
        semihosting = ",".join(["enable=on,target=native", *(f"arg={argument}" for argument in arguments)])
        memory = f"memory-backend-file,id=flash,size={_MEMORY_BYTES},mem-path={self.flash.path},share=on"
        command = [str(self._emulator), "-machine", "mps2-an386,memory-backend=flash", "-object", memory]
        command += ["-nodefaults", "-nic", "none", "-display", "none", "-semihosting-config", semihosting]
        for name, listener in (("prompt", self._prompt), ("frames", self._frames)):
            command += ["-chardev", f"socket,id={name},fd={listener.fileno()},server=on,wait=off"]
            command += ["-serial", f"chardev:{name}"]
        if pins is not None:
            command += ["-chardev", f"socket,id=pins,fd={pins.fileno()}", "-serial", "chardev:pins"]
        return [*command, "-kernel", str(self._image)]

    def __enter__(self) -> "DevBoard":
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait(_REAP_TIMEOUT_S)
