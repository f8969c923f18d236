"""The emulated machine that BlueZ runs in: started once, then as it was when it had started."""

import re
import shutil
import socket
import subprocess
import tempfile
import time
from hashlib import sha256
from pathlib import Path

from bluez_vm.errors import MachineError
from bluez_vm.guest_image import guest_image
from bluez_vm.monitor import Monitor

EMULATOR = "qemu-system-x86_64"
DEBIAN_PACKAGE = "qemu-system-x86"

# Without hardware's help, which not every computer gives, and with which states could not be kept for all.
_MACHINE = ("-machine", "pc", "-accel", "tcg", "-cpu", "max", "-m", "256", "-smp", "1", "-nodefaults")
_KERNEL_OPTIONS = "console=ttyS0 panic=-1 loglevel=4 mitigations=off cryptomgr.notests"
_SOCKETS = ("control", "hci", "monitor")
_LOG = "console.txt"
_BOOT_S = 300.0
_START_S = 30.0
_COMMAND_S = 60.0
_END_S = 10.0
_POLL_S = 0.05
_TOLD_LINES = 12


class Machine:
    """Runs from `Machine(cache)` to `close`; raises MachineError when that cannot be.

    `dbus_address` is where its system bus is reached, `hci_path` the socket at the end of its H4 line, where
    a Bluetooth controller is to be. What is made is kept below `cache`.
    """

    def __init__(self, cache: Path) -> None:
        if shutil.which(EMULATOR) is None:
            raise MachineError(f"wanted {EMULATOR}, which is in Debian's package {DEBIAN_PACKAGE}")
        self.image = guest_image(cache)
        self._folder = Path(tempfile.mkdtemp(prefix="vitalband-bluez-"))
        self.hci_path = self._folder / "hci"
        self._process: subprocess.Popen[bytes] | None = None
        self._monitor: Monitor | None = None
        try:
            state = self.image.kernel.with_name(f"state-{_key()}")
            if not state.exists():
                self._boot(state)
            self._go_on(state)
            self.dbus_address = f"tcp:host=127.0.0.1,port={self._forwarded_port()}"
        except BaseException:
            self.close()
            raise

    def command(self, line: str) -> str:
        """What a shell in the machine prints; raises MachineError when it fails."""
        self._control.sendall(f"{line}\n".encode())
        said = list[str]()
        while not (last := self._line()).startswith("done "):
            said.append(last)
        if last != "done 0":
            raise MachineError(f"`{line}` failed in the machine ({last}): {' '.join(said)}")
        return "\n".join(said)

    def close(self) -> None:
        """End it; may be called twice."""
        if self._process is not None:
            self._end()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _boot(self, state: Path) -> None:
        """Start it from nothing, which takes most of a minute, and keep what it is then."""
        image = self.image
        self._start("-kernel", image.kernel, "-initrd", image.file_system, "-append", _KERNEL_OPTIONS)
        self._control.settimeout(_BOOT_S)
        while not self._line().startswith("ready "):
            pass
        assert self._monitor is not None
        partial = state.with_suffix(".partial")
        self._monitor.save(partial)
        self._end()
        partial.rename(state)

    def _go_on(self, state: Path) -> None:
        self._start("-incoming", "defer")
        assert self._monitor is not None
        self._monitor.load(state)
        self.command("true")

    def _start(self, *how: str | Path) -> None:
        sockets = [self._folder / name for name in _SOCKETS]
        for path in sockets:
            path.unlink(missing_ok=True)
        command = [EMULATOR, *_MACHINE, *_devices(self._folder), *how]
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        self._await_sockets(sockets)
        self._control = socket.socket(socket.AF_UNIX)
        self._control.settimeout(_COMMAND_S)
        self._control.connect(str(self._folder / "control"))
        self._lines = self._control.makefile("rb")
        self._monitor = Monitor(self._folder / "monitor")

    def _await_sockets(self, paths: list[Path]) -> None:
        assert self._process is not None
        until_s = time.monotonic() + _START_S
        while not all(path.exists() for path in paths):
            if self._process.poll() is not None or time.monotonic() > until_s:
                raise MachineError(f"{EMULATOR} does not start: {self._complaint()}")
            time.sleep(_POLL_S)

    def _complaint(self) -> str:
        assert self._process is not None
        assert self._process.stderr is not None
        self._process.kill()
        return self._process.stderr.read().decode(errors="replace").strip()

    def _line(self) -> str:
        try:
            line = self._lines.readline()
        except OSError as error:
            raise MachineError(f"the machine says nothing ({error}); last: {self._last_words()}") from error
        if not line:
            raise MachineError(f"the machine has ended; last: {self._last_words()}")
        return line.decode(errors="replace").strip()

    def _last_words(self) -> str:
        log = self._folder / _LOG
        text = log.read_text(errors="replace") if log.exists() else ""
        return " | ".join(text.splitlines()[-_TOLD_LINES:])

    def _forwarded_port(self) -> int:
        assert self._monitor is not None
        told = self._monitor.ask("human-monitor-command", **{"command-line": "info usernet"})
        found = re.search(r"TCP\[HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)", told)
        if found is None:
            raise MachineError(f"wanted the port that the machine's bus is at, qemu tells {told!r}")
        return int(found[1])

    def _end(self) -> None:
        process, self._process = self._process, None
        assert process is not None
        if self._monitor is not None:
            self._monitor.close()
            self._monitor = None
            self._lines.close()
            self._control.close()
        process.terminate()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(_END_S)
        assert process.stderr is not None
        process.stderr.close()


def _devices(folder: Path) -> list[str]:
    """What qemu is told of the machine's devices, whose other ends are in a folder."""
    return [
        *("-display", "none", "-no-reboot", "-serial", f"file:{folder / _LOG}"),
        *("-qmp", f"unix:{folder / 'monitor'},server=on,wait=off"),
        *("-device", "virtio-serial-pci"),
        *("-chardev", f"socket,id=control,path={folder / 'control'},server=on,wait=off"),
        *("-device", "virtconsole,chardev=control"),
        *("-chardev", f"socket,id=hci,path={folder / 'hci'},server=on,wait=off"),
        *("-device", "virtconsole,chardev=hci"),
        # The bus is at any free port of this computer; the machine itself reaches nothing.
        *("-netdev", "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:0-:7000"),
        *("-device", "virtio-net-pci,netdev=net,romfile="),
    ]


def _key() -> str:
    """What a state that is kept depends on, beside the image."""
    told = subprocess.run([EMULATOR, "--version"], capture_output=True, timeout=_START_S, check=True).stdout
    described = (told.decode(), *_MACHINE, *_devices(Path()), _KERNEL_OPTIONS)
    return sha256("\n".join(described).encode()).hexdigest()[:16]
