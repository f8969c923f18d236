"""A board's prompt, by mpremote: run code there, write files, and never wait for ever."""

import io
import struct
from binascii import b2a_base64
from collections.abc import Callable, Generator, Iterable
from contextlib import ExitStack, contextmanager, redirect_stdout, suppress
from types import TracebackType
from typing import Any, Self

import serial
from mpremote.transport import TransportError as PromptError
from mpremote.transport import TransportExecError
from mpremote.transport_serial import SerialTransport

from vitalband.errors import DeviceError, LocalError, TransportError

TIMEOUT_S = 10.0
"""Longest silence of a board that is asked something; erasing a block of flash takes far less."""

CHUNK_BYTES = 2048
"""Part of a file that is sent at once; most files are one part, and each part costs a time of its own."""

_DIGESTS = """
from binascii import hexlify
from hashlib import sha256
_buffer = bytearray(512)
_view = memoryview(_buffer)
def _digest(path):
    digest = sha256()
    try:
        with open(path, "rb") as file:
            count = file.readinto(_buffer)
            while count:
                digest.update(_view[:count])
                count = file.readinto(_buffer)
    except OSError:
        return "-"
    return hexlify(digest.digest()).decode()
"""

_LIST = """
import os
def _list(folder):
    try:
        entries = list(os.ilistdir(folder or "/"))
    except OSError:
        return
    for entry in entries:
        path = folder + "/" + entry[0]
        is_folder = entry[1] == 0x4000
        print(-1 if is_folder else os.stat(path)[6], path)
        if is_folder:
            _list(path)
"""

_MAKE_FOLDER = """
import os
try:
    os.mkdir({path!r})
except OSError as error:
    if error.errno != 17:
        raise
"""

_WRITE = """
from binascii import a2b_base64
with open({path!r}, {mode!r}) as file:
    file.write(a2b_base64({text!r}))
"""

_REMOVE = """
import os
for path in {paths!r}:
    try:
        (os.rmdir if os.stat(path)[0] == 0x4000 else os.remove)(path)
    except OSError as error:
        if error.errno != 2:
            raise
"""


class Board:
    """A board with MicroPython's prompt at `port`: a device, a pseudo-terminal or `socket://host:port`.

    What runs there is stopped when the board is opened; at the end the chip is reset, so that it runs again.
    A port that is not there is waited for `wait_s` seconds.
    Raises TransportError when it is not there, has no prompt, falls silent or goes; DeviceError when code
    that ran there failed.
    """

    def __init__(self, port: str, *, timeout_s: float = TIMEOUT_S, wait_s: int = 0) -> None:
        self.port = port.removeprefix("serial://")
        self._timeout_s = timeout_s
        self._wait_s = wait_s
        self._transport: SerialTransport | None = None

    def __enter__(self) -> Self:
        with self._told("cannot open it"):
            self._transport = SerialTransport(self.port, wait=self._wait_s, timeout=self._timeout_s)
            self._transport.serial.write_timeout = self._timeout_s
        try:
            self.restart_prompt()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with ExitStack() as stack:
            stack.callback(self.close)
            if self._transport is None:
                return
            if error is not None:
                # That error is told; the board may be gone with it.
                stack.enter_context(suppress(TransportError))
            self._reset()

    @property
    def transport(self) -> SerialTransport:
        """Mpremote's own object, for what its commands do."""
        if self._transport is None:
            raise LocalError(f"{self.port}: the board is not open")
        return self._transport

    def close(self) -> None:
        """Let go of the port; what is on the board stays as it is."""
        transport, self._transport = self._transport, None
        if transport is None:
            return
        # pyserial forgets to close a socket whose peer has gone first.
        left_open = getattr(transport.serial, "_socket", None)
        with suppress(serial.SerialException, OSError):  # a port that is gone needs no closing
            transport.close()
        if left_open is not None:
            left_open.close()

    def restart_prompt(self) -> None:
        """Stop what runs and begin with an empty heap, at the prompt; a ROM file system is mounted anew."""
        with self._told(
            "no prompt of MicroPython there; a product has none, and is replaced by --image only"
        ):
            self.transport.enter_raw_repl(soft_reset=True, timeout_overall=self._timeout_s)

    def run(self, code: str) -> str:
        """Run code; gives what it printed."""
        with self._told("it does not answer"):
            said, failed = self.transport.exec_raw(code, timeout=self._timeout_s)
        if failed:
            raise DeviceError(f"{self.port}: the board said: {failed.decode(errors='replace').strip()}", 0)
        return said.decode(errors="replace")

    def digests(self, paths: Iterable[str]) -> dict[str, str | None]:
        """SHA-256 of files as hex digits; None for one that is not there."""
        wanted = list(paths)
        said = self.run(f"{_DIGESTS}for path in {wanted!r}:\n    print(_digest(path))\n").split()
        if len(said) != len(wanted):
            raise TransportError(f"{self.port}: wanted {len(wanted)} digests, got {len(said)}")
        return {path: None if text == "-" else text for path, text in zip(wanted, said, strict=True)}

    def sizes(self, folder: str) -> dict[str, int | None]:
        """All paths below a folder (`""` is the root) with their bytes; None for a folder."""
        lines = (line.split(" ", 1) for line in self.run(f"{_LIST}_list({folder!r})\n").splitlines())
        return {path: None if size == "-1" else int(size) for size, path in lines}

    def make_folder(self, path: str) -> None:
        """Make a folder, if it is not there."""
        self.run(_MAKE_FOLDER.format(path=path))

    def remove(self, paths: Iterable[str]) -> None:
        """Remove files and folders, in this order: what is in a folder before the folder."""
        self.run(_REMOVE.format(paths=list(paths)))

    def rename(self, path: str, to: str) -> None:
        """Give a file another name, in place of the file that has it: at once or not at all."""
        self.run(f"import os\nos.rename({path!r}, {to!r})")

    def write(self, path: str, content: bytes) -> None:
        """Write a file."""
        mode = "wb"
        for start in range(0, max(len(content), 1), CHUNK_BYTES):
            text = b2a_base64(content[start : start + CHUNK_BYTES], newline=False)
            self.run(_WRITE.format(path=path, mode=mode, text=text))
            mode = "ab"

    def _reset(self) -> None:
        with self._told("it cannot be reset"):
            self.transport.exec_raw_no_follow("import machine\nmachine.reset()")

    def call(self, what: str, function: Callable[[], Any]) -> None:
        """Run one of mpremote's commands; what it says goes into the error if it fails."""
        with self._told(what):
            function()

    @contextmanager
    def _told(self, what: str) -> Generator[None, None, None]:
        said = io.StringIO()
        try:
            with redirect_stdout(said):  # where mpremote puts what it got in place of what it wanted
                yield
        except TransportExecError as error:
            raise DeviceError(f"{self.port}: {what}: {error.error_output.strip()}", 0) from error
        except (PromptError, serial.SerialException, OSError, struct.error, SystemExit) as error:
            reason = str(error) or (said.getvalue().splitlines() or [type(error).__name__])[-1]
            raise TransportError(f"{self.port}: {what}: {reason}") from error
