"""The test console on a TCP port: one JSON object a line in, one a line out.

A request names what to do, as `{"do": "press_button", "duration_ms": 200}`; the reply is
`{"ok": true, ...}` or `{"ok": false, "error": "..."}`. What can be asked is in `docs/conductor.md`.
"""

import base64
import io
import json
import socket
from collections.abc import Callable
from typing import Any

from bandsim.console import SHORT_PRESS_MS, Console
from bandsim.endpoints import address_of, listen
from bandsim.screen import to_picture

MAX_LINE_BYTES = 64 * 1024
_READ_BYTES = 4096


class ConsoleRequests:
    """Does what JSON requests say."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._actions: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "press_button": self._press_button,
            "set_contact": self._set_contact,
            "fail_chip": self._fail_chip,
            "restore_chip": self._restore_chip,
            "cut_link": self._cut_link,
            "mend_link": self._mend_link,
            "restart": self._restart,
            "screen": self._screen,
            "state": self._state,
        }

    def answer(self, line: bytes) -> bytes:
        """Give the reply to one line."""
        try:
            request = json.loads(line)
            if not isinstance(request, dict) or request.get("do") not in self._actions:
                raise ValueError(f'wanted {{"do": one of {", ".join(self._actions)}}}, got {line[:200]!r}')
            reply = {"ok": True} | self._actions[request.pop("do")](request)
        except (ValueError, KeyError, TypeError) as error:
            reply = {"ok": False, "error": str(error.args[0] if error.args else error)}
        return json.dumps(reply).encode() + b"\n"

    def _press_button(self, request: dict[str, Any]) -> dict[str, Any]:
        self._console.press_button(int(request.get("duration_ms", SHORT_PRESS_MS)))
        return {}

    def _set_contact(self, request: dict[str, Any]) -> dict[str, Any]:
        if not isinstance(request.get("is_worn"), bool):
            raise ValueError(f"wanted is_worn true or false, got {request}")
        self._console.set_contact(request["is_worn"])
        return {}

    def _fail_chip(self, request: dict[str, Any]) -> dict[str, Any]:
        self._console.fail_chip(str(request.get("name")))
        return {}

    def _restore_chip(self, request: dict[str, Any]) -> dict[str, Any]:
        self._console.restore_chip(str(request.get("name")))
        return {}

    def _cut_link(self, request: dict[str, Any]) -> dict[str, Any]:
        duration_ms = request.get("duration_ms")
        self._console.cut_link(None if duration_ms is None else int(duration_ms))
        return {}

    def _mend_link(self, _request: dict[str, Any]) -> dict[str, Any]:
        self._console.mend_link()
        return {}

    def _restart(self, _request: dict[str, Any]) -> dict[str, Any]:
        self._console.restart()
        return {}

    def _screen(self, _request: dict[str, Any]) -> dict[str, Any]:
        png = io.BytesIO()
        to_picture(self._console.pixels()).save(png, format="PNG")
        return {
            "text": self._console.screen_text(),
            "png_base64": base64.b64encode(png.getvalue()).decode(),
        }

    def _state(self, _request: dict[str, Any]) -> dict[str, Any]:
        return self._console.state()


class ConsoleServer:
    """A TCP port for any number of consoles. Never blocks; `turn` does what there is to do."""

    def __init__(self, console: Console, address: str) -> None:
        self._requests = ConsoleRequests(console)
        self._listener = listen(address)
        self._hosts: dict[socket.socket, bytearray] = {}
        self.address = address_of(self._listener)

    def descriptors(self) -> list[int]:
        """Give the file descriptors to wait for."""
        return [self._listener.fileno(), *(host.fileno() for host in self._hosts)]

    def turn(self) -> None:
        """Let consoles in, and answer whole lines."""
        self._accept()
        for host in list(self._hosts):
            self._serve(host)

    def close(self) -> None:
        """Close the port and every connection."""
        for host in list(self._hosts):
            self._drop(host)
        self._listener.close()

    def _accept(self) -> None:
        try:
            host, _ = self._listener.accept()
        except BlockingIOError:
            return
        host.setblocking(False)
        self._hosts[host] = bytearray()

    def _serve(self, host: socket.socket) -> None:
        waiting = self._hosts[host]
        try:
            data = host.recv(_READ_BYTES)
        except BlockingIOError:
            return
        except ConnectionError:
            data = b""
        waiting += data
        if not data or (len(waiting) > MAX_LINE_BYTES and b"\n" not in waiting):
            self._drop(host)
            return
        *lines, rest = waiting.split(b"\n")
        waiting[:] = rest
        for line in lines:
            if not self._send(host, self._requests.answer(bytes(line))):
                return

    def _send(self, host: socket.socket, reply: bytes) -> bool:
        # Replies are shorter than a socket's buffer; a console that does not read is let go.
        try:
            sent = host.send(reply)
        except OSError:
            sent = 0
        if sent != len(reply):
            self._drop(host)
        return sent == len(reply)

    def _drop(self, host: socket.socket) -> None:
        del self._hosts[host]
        host.close()
