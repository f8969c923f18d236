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
from bandsim.letting_in import LettingIn
from bandsim.link_port import LinkFaults
from bandsim.nor_flash import Cut, Erasure
from bandsim.power_supply import RESTART_US
from bandsim.screen import to_picture

MAX_LINE_BYTES = 64 * 1024
RESTART_MS = RESTART_US // 1000
_READ_BYTES = 4096


class ConsoleRequest:
    """Values that came with a request; ValueError for one that is missing or of another kind."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def whole(self, name: str, usual: int | None = None) -> int:
        """Give a whole number of 0 or more."""
        value = self._values.get(name, usual)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise ValueError(f"wanted {name}, a whole number, got {self._values}")
        return value

    def number(self, name: str, usual: float | None = None) -> float:
        """Give a number."""
        value = self._values.get(name, usual)
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise ValueError(f"wanted {name}, a number, got {self._values}")
        return value

    def flag(self, name: str) -> bool:
        """Give true or false."""
        value = self._values.get(name)
        if not isinstance(value, bool):
            raise ValueError(f"wanted {name} true or false, got {self._values}")
        return value

    def text(self, name: str, usual: str | None = None) -> str:
        """Give a text."""
        value = self._values.get(name, usual)
        if not isinstance(value, str):
            raise ValueError(f"wanted {name}, a text, got {self._values}")
        return value

    def duration_ms(self) -> int | None:
        """Give how long something lasts, None for good."""
        return None if self._values.get("duration_ms") is None else self.whole("duration_ms")


class ConsoleRequests:
    """Does what JSON requests say."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._hand: LettingIn | None = None
        self._actions: dict[str, Callable[[ConsoleRequest], dict[str, Any] | None]] = {
            "press_button": lambda request: console.press_button(
                request.whole("duration_ms", SHORT_PRESS_MS)
            ),
            "agree": lambda _: console.agree(),
            "hold_button": lambda _: console.hold_button(),
            "let_button_go": lambda _: console.let_button_go(),
            "set_contact": lambda request: console.set_contact(request.flag("is_worn")),
            "fail_chip": lambda request: console.fail_chip(request.text("name")),
            "restore_chip": lambda request: console.restore_chip(request.text("name")),
            "cut_link": lambda request: console.cut_link(request.duration_ms()),
            "cut_link_after": self._cut_link_after,
            "mend_link": lambda _: console.mend_link(),
            "stall_link": lambda request: console.stall_link(request.duration_ms()),
            "resume_link": lambda _: console.resume_link(),
            "set_link_faults": self._set_link_faults,
            "stick_bus": lambda request: console.stick_bus(request.duration_ms()),
            "release_bus": lambda _: console.release_bus(),
            "hold_bus": lambda request: console.hold_bus(request.whole("duration_ms")),
            "fail_flash": lambda request: console.fail_flash(request.duration_ms()),
            "protect_flash": lambda request: console.protect_flash(request.duration_ms()),
            "restore_flash": lambda _: console.restore_flash(),
            "cut_power": lambda request: console.cut_power(request.whole("off_ms", RESTART_MS)),
            "cut_power_in_flash": self._cut_power_in_flash,
            "set_clock_error": lambda request: console.set_clock_error(request.number("error_ppm")),
            "restart": lambda _: console.restart(),
            "let_host_in": lambda _: self._let_host_in(),
            "screen": self._screen,
            "state": lambda _: console.state() | {"pairing_code": self._hand and self._hand.code},
        }

    def answer(self, line: bytes) -> bytes:
        """Give the reply to one line."""
        try:
            reply = {"ok": True} | self.do(json.loads(line))
        except (ValueError, KeyError, TypeError) as error:
            reply = {"ok": False, "error": str(error.args[0] if error.args else error)}
        return json.dumps(reply).encode() + b"\n"

    def do(self, values: Any) -> dict[str, Any]:
        """Do what a request says, and give what is asked for; ValueError and KeyError for what cannot be."""
        if not isinstance(values, dict) or values.get("do") not in self._actions:
            raise ValueError(f'wanted {{"do": one of {", ".join(self._actions)}}}, got {str(values)[:200]}')
        return self._actions[values["do"]](ConsoleRequest(values)) or {}

    def _cut_link_after(self, request: ConsoleRequest) -> None:
        self._console.cut_link_after(
            request.whole("byte_count"),
            from_band=request.flag("from_band"),
            duration_ms=request.duration_ms(),
        )

    def _set_link_faults(self, request: ConsoleRequest) -> None:
        usual = LinkFaults()
        most = request.whole("most_bytes_per_s", 0)
        self._console.set_link_faults(
            LinkFaults(
                drop_rate=request.number("drop_rate", usual.drop_rate),
                garble_rate=request.number("garble_rate", usual.garble_rate),
                most_bytes_per_s=most or None,
                delay_to_host_ms=request.number("delay_to_host_ms", usual.delay_to_host_ms),
                delay_to_band_ms=request.number("delay_to_band_ms", usual.delay_to_band_ms),
            )
        )

    def _cut_power_in_flash(self, request: ConsoleRequest) -> None:
        usual = Cut()
        cut = Cut(
            prefix_bytes=request.whole("prefix_bytes", usual.prefix_bytes),
            erasure=Erasure[request.text("erasure", usual.erasure.name)],
            seed=request.whole("seed", usual.seed),
        )
        operations = request.whole("operations", 1)
        self._console.cut_power_in_flash(operations, cut, request.whole("off_ms", RESTART_MS))

    def _let_host_in(self) -> None:
        self._hand = LettingIn(self._console)

    def _screen(self, _request: ConsoleRequest) -> dict[str, Any]:
        png = io.BytesIO()
        to_picture(self._console.pixels()).save(png, format="PNG")
        return {
            "text": self._console.screen_text(),
            "png_base64": base64.b64encode(png.getvalue()).decode(),
        }


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
