"""qemu's monitor (QMP, docs/interop/qmp-spec.rst of qemu): one command at a time, over a socket."""

import json
import socket
import time
from pathlib import Path
from typing import Any

from bluez_vm.errors import MachineError

_ANSWER_S = 30.0
_MIGRATION_S = 120.0
_POLL_S = 0.05


class Monitor:
    """Connected to a machine that runs or waits for its state."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(_ANSWER_S)
        self._socket.connect(str(path))
        self._lines = self._socket.makefile("r", encoding="utf-8")
        self._answer()
        self.ask("qmp_capabilities")

    def ask(self, command: str, **arguments: Any) -> Any:
        """The answer to a command; raises MachineError when qemu refuses it, or says nothing."""
        asked = {"execute": command, "arguments": arguments}
        self._socket.sendall(json.dumps(asked).encode())
        return self._answer()

    def save(self, path: Path) -> None:
        """Stop the machine, and write all that it is to a file."""
        self.ask("stop")
        self.ask("migrate-set-parameters", **{"max-bandwidth": 1 << 30})
        self.ask("migrate", uri=f"exec:cat > '{path}'")
        self.wait_for_migration()

    def load(self, path: Path) -> None:
        """Let a machine that was started with `-incoming defer` go on where another was saved."""
        self.ask("migrate-incoming", uri=f"exec:cat '{path}'")
        self.wait_for_migration()
        self.ask("cont")

    def wait_for_migration(self) -> None:
        """Until a state is written or read; raises MachineError when that fails."""
        until_s = time.monotonic() + _MIGRATION_S
        while (status := self.ask("query-migrate").get("status")) != "completed":
            if status in ("failed", "cancelled") or time.monotonic() > until_s:
                raise MachineError(f"wanted the machine's state kept, the migration is {status}")
            time.sleep(_POLL_S)

    def close(self) -> None:
        """Hang up."""
        self._lines.close()
        self._socket.close()

    def _answer(self) -> Any:
        try:
            while line := self._lines.readline():
                said = json.loads(line)
                if "error" in said:
                    raise MachineError(f"qemu refuses: {said['error'].get('desc', said['error'])}")
                if "event" not in said:
                    return said.get("return")
        except OSError as error:
            raise MachineError(f"qemu's monitor does not answer: {error}") from error
        raise MachineError("qemu's monitor has hung up")
