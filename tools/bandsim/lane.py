"""Lanes: processes that run the firmware; the unix lane, on MicroPython's unix port."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
from abc import ABC, abstractmethod
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO, ClassVar, Protocol

from bandsim.channel import Channel, ChannelEnd, socket_end
from bandsim.micropython import find_micropython
from bandsim.precompiled import can_precompile, precompiled
from vitalband.errors import LocalError

PACKAGE_DIR = Path(__file__).parent
BOOT_FILE = PACKAGE_DIR / "unix_lane" / "boot.py"
SHIMS_DIR = PACKAGE_DIR / "lane_shims"
"""What the firmware imports on every lane in place of the hardware's modules."""

DEFAULT_HEAP_BYTES = 192 * 1024
"""Heap that the firmware gets on MicroPython's unix port, its code apart: what holds objects twice as large
as on a board.
"""

_PROCESS_HEAP_BYTES = 1024 * 1024
"""Heap of the interpreter beside the firmware's: for code, and ballast that keeps the rest taken."""

ANSWER_TIMEOUT_S = 30.0
"""Longest wall-clock silence of the firmware's process before it counts as hung."""

_HEAP_UNITS = {"": 1, "k": 1024, "m": 1024 * 1024}
_REAP_TIMEOUT_S = 5.0
_END_TIMEOUT_S = 2.0
"""A channel closes a moment before its process is gone."""
_TAIL_BYTES = 4000


class Lane(Protocol):
    """Something that runs the firmware and speaks the conductor's protocol."""

    def start(self) -> Channel:
        """Boot the firmware; gives the channel on which it says HELLO."""
        ...

    def stop(self) -> None:
        """End the firmware, in whatever state it is."""
        ...

    def how_it_ended(self) -> str:
        """Say how a firmware that closed its channel ended."""
        ...

    def console_text(self) -> str:
        """Give the last that the interpreter itself printed."""
        ...

    def remove(self) -> None:
        """Stop, and remove what only this lane needed."""
        ...


@dataclass(frozen=True, kw_only=True)
class LaneSettings:
    """How a lane runs; `None` folders are those of this installation, or temporary; no heap: the lane's own.

    `kind` is one of `bandsim.lanes.LANES`, empty for the default one. `counts_instructions`: the
    firmware says at each exchange how many instructions it took, and when asked what its tasks cost; then
    `collect_every_bytes` that it allocates, if that is above 0, garbage is collected. `image` takes the
    place of the checkout's on the lane that runs one.
    """

    kind: str = ""
    heap_bytes: int | None = None
    counts_instructions: bool = False
    collect_every_bytes: int = 0
    answer_timeout_s: float = ANSWER_TIMEOUT_S
    firmware_dir: Path | None = None
    state_dir: Path | None = None
    image: Path | None = None


def find_firmware() -> Path:
    """Give the folder of the firmware files: those of the checkout, or of the installed package."""
    for folder in (PACKAGE_DIR.parents[1] / "firmware", PACKAGE_DIR / "firmware"):
        if (folder / "main.py").is_file():
            return folder
    raise LocalError(f"wanted firmware files in {PACKAGE_DIR / 'firmware'} or in a checkout, found none")


def find_bandwire() -> Path:
    """Give the folder of the package `bandwire`, which the band runs as it is."""
    spec = find_spec("bandwire")
    if spec is None or not spec.submodule_search_locations:
        raise LocalError("wanted the package bandwire beside bandsim, found none")
    return Path(next(iter(spec.submodule_search_locations)))


def parse_heap(text: str) -> int:
    """Give the bytes of a heap such as `192k` or `1M`; LocalError for anything else."""
    match = re.fullmatch(r"([0-9]+)([kKmM]?)", text)
    if match is None:
        raise LocalError(f"wanted a heap such as 192k, got {text!r}")
    return int(match[1]) * _HEAP_UNITS[match[2].lower()]


class ProcessLane(ABC):
    """One process at a time that runs the firmware; its files live in `state_dir` and outlive it."""

    default_heap_bytes: ClassVar[int] = DEFAULT_HEAP_BYTES

    def __init__(self, board: str, settings: LaneSettings) -> None:
        self.board = board
        self._settings = settings
        self._heap_bytes = settings.heap_bytes or self.default_heap_bytes
        self._runtime_dir = Path(tempfile.mkdtemp(prefix="vitalband-"))
        self._state_dir = settings.state_dir or self._runtime_dir / "state"
        self._state_dir.mkdir(parents=True, exist_ok=True)
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: Channel | None = None

    @abstractmethod
    def _connect(self, held: ExitStack) -> tuple[ChannelEnd, list[int]]:
        """Give our end, and the descriptors for the process, which `held` closes here."""

    @abstractmethod
    def _command(self, descriptors: list[int]) -> list[str]:
        """Give the command that runs the firmware with these descriptors."""

    def start(self) -> Channel:
        """Boot the firmware; a process that still runs is ended first."""
        self.stop()
        with ExitStack() as held:
            ours, descriptors = self._connect(held)
            command = self._command(descriptors)
            console = held.enter_context((self._runtime_dir / "console.txt").open("wb"))
            try:
                self._process = self._spawn(command, descriptors, console)
            except OSError as error:
                ours.close()
                raise LocalError(f"cannot run {command[0]}: {error}") from error
        self._channel = Channel(ours)
        return self._channel

    def _spawn(
        self, command: list[str], descriptors: list[int], console: IO[bytes]
    ) -> "subprocess.Popen[bytes]":
        environment = {name: value for name, value in os.environ.items() if name != "MICROPYPATH"}
        # A session of its own: Ctrl-C is for the host, which then ends the band.
        return subprocess.Popen(
            command,
            cwd=self._state_dir,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
            pass_fds=descriptors,
            start_new_session=True,
        )

    def stop(self) -> None:
        """End the process and reap it."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self._process is not None:
            process, self._process = self._process, None
            process.kill()
            process.wait(_REAP_TIMEOUT_S)

    def how_it_ended(self) -> str:
        """Say how a process that closed its channel ended."""
        if self._process is None:
            return "never started"
        try:
            code = self._process.wait(_END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            return "still running"
        return f"killed by signal {-code}" if code < 0 else f"exit code {code}"

    def console_text(self) -> str:
        """Give the last that MicroPython itself printed."""
        console = self._runtime_dir / "console.txt"
        if not console.is_file():
            return ""
        return console.read_bytes()[-_TAIL_BYTES:].decode(errors="replace").strip()

    def remove(self) -> None:
        """Stop, and remove the temporary folder; a state folder that was named stays."""
        self.stop()
        shutil.rmtree(self._runtime_dir, ignore_errors=True)


class UnixLane(ProcessLane):
    """The firmware files on MicroPython's unix port."""

    def __init__(self, board: str, settings: LaneSettings) -> None:
        if settings.counts_instructions:
            raise LocalError("wanted a lane that counts instructions, which is m4, got unix")
        self._micropython = find_micropython()
        super().__init__(board, settings)
        self._firmware_dir = settings.firmware_dir or find_firmware()
        self._library_dir = self._runtime_dir / "lib"
        # A folder that was named may hold links and a path of its own: it runs as it is.
        if settings.firmware_dir is None and can_precompile(self._micropython):
            with suppress(OSError):  # where nothing can be kept the port compiles by itself, each time
                compiled = precompiled(self._firmware_dir, find_bandwire())
                self._firmware_dir, self._library_dir = compiled / "firmware", compiled / "lib"
                return
        self._library_dir.mkdir()
        (self._library_dir / "bandwire").symlink_to(find_bandwire(), target_is_directory=True)

    def _connect(self, held: ExitStack) -> tuple[ChannelEnd, list[int]]:
        ours, theirs = socket.socketpair()
        held.enter_context(theirs)
        return socket_end(ours, self._settings.answer_timeout_s), [theirs.fileno()]

    def _command(self, descriptors: list[int]) -> list[str]:
        heap_bytes = self._heap_bytes
        process_heap = f"heapsize={_PROCESS_HEAP_BYTES + heap_bytes}"
        command = [str(self._micropython), "-X", process_heap, str(BOOT_FILE)]
        command += [str(descriptors[0]), self.board, str(heap_bytes)]
        return [*command, str(self._firmware_dir), str(self._library_dir), str(SHIMS_DIR)]
