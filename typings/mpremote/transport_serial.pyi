"""Types of mpremote's serial transport, as far as `vitalband flash` uses it."""

from collections.abc import Callable
from typing import Any

from mpremote.transport import TransportError as TransportError
from mpremote.transport import TransportExecError as TransportExecError

class SerialTransport:
    serial: Any
    in_raw_repl: bool
    def __init__(
        self,
        device: str,
        baudrate: int = ...,
        wait: int = ...,
        exclusive: bool = ...,
        timeout: float | None = ...,
    ) -> None: ...
    def close(self) -> None: ...
    def enter_raw_repl(self, soft_reset: bool = ..., timeout_overall: float = ...) -> None: ...
    def exit_raw_repl(self) -> None: ...
    def exec(self, command: str | bytes, data_consumer: Callable[[bytes], None] | None = ...) -> bytes: ...
    def exec_raw(
        self, command: str | bytes, timeout: float = ..., data_consumer: Callable[[bytes], None] | None = ...
    ) -> tuple[bytes, bytes]: ...
    def exec_raw_no_follow(self, command: str | bytes) -> None: ...
