"""Carriers between a host and a band, behind one seam.

A transport moves bytes and knows nothing of frames. Its scheme finds it: `serial`, `socket`, `ble` and
`replay` are built in; others (`sim`) come from the entry-point group `vitalband.transports`, each
a function `open_transport(url, **options) -> Transport`. A transport carries the clock that every
time-out of its session runs on, so that a simulated band lives in simulated time.
"""

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any, Protocol, cast, runtime_checkable

from vitalband.clock import TimeModel
from vitalband.errors import LocalError

__all__ = [
    "Clock",
    "Pressable",
    "Recognizing",
    "Recorded",
    "Searching",
    "Transport",
    "open_transport",
    "transport_schemes",
]

ENTRY_POINT_GROUP = "vitalband.transports"


@runtime_checkable
class Clock(Protocol):
    """The time that a session runs on: the host's own, or a simulated one."""

    def monotonic_ms(self) -> int:
        """Milliseconds since an arbitrary start; never goes back."""
        ...

    def utc_us(self) -> int:
        """Microseconds since 1970-01-01T00:00:00Z."""
        ...


@runtime_checkable
class Transport(Protocol):
    """One carrier to one band.

    A stream transport (`is_stream`) moves bytes in any chunking: packets are delimited by COBS and
    checked by CRC-32. A packet transport keeps packets whole, each of at most `max_packet` bytes.
    On a paced transport (`is_paced`) time passes inside `receive` only, so a session that does not
    call it holds the band's time still.
    """

    @property
    def url(self) -> str:
        """The address that it was opened by."""
        ...

    @property
    def clock(self) -> Clock:
        """The clock of this session."""
        ...

    @property
    def is_stream(self) -> bool:
        """Whether bytes come in any chunking."""
        ...

    @property
    def max_packet(self) -> int:
        """Bytes of the longest packet; of a stream, of the longest record."""
        ...

    @property
    def is_paced(self) -> bool:
        """Whether time advances only inside `receive`."""
        ...

    async def open(self) -> None:
        """Take hold of the carrier; raises `TransportError`. May be called again after `close`."""
        ...

    async def send(self, data: bytes) -> None:
        """Send all of `data`; raises `TransportError` when the peer is gone or does not take it."""
        ...

    async def receive(self, timeout_ms: int) -> bytes:
        """Bytes that came (one packet of a packet transport), or b"" after `timeout_ms`.

        Raises `TransportError` when the peer is gone, `EndOfDataError` at the end of a recording or
        of a scenario.
        """
        ...

    async def close(self) -> None:
        """Let the carrier go; may be called twice, and ends a `receive` that is under way."""
        ...


Opener = Callable[..., Transport]


def _built_in() -> dict[str, Opener]:
    from vitalband.bluetooth.band_transport import open_ble
    from vitalband.transport.replay import open_replay
    from vitalband.transport.serial_port import open_serial

    return {"serial": open_serial, "socket": open_serial, "ble": open_ble, "replay": open_replay}


def transport_schemes() -> list[str]:
    """Schemes that `open_transport` knows, built in or installed."""
    installed = {point.name for point in entry_points(group=ENTRY_POINT_GROUP)}
    return sorted(installed | set(_built_in()))


@runtime_checkable
class Searching(Protocol):
    """A transport that must find its band before it can connect: a radio that scans."""

    async def search(self) -> None:
        """Find the band, before each `open`; raises `TransportError` when it is not there."""
        ...


@runtime_checkable
class Recognizing(Protocol):
    """A transport that may find another band than before: it is told which one answered."""

    def met(self, band_id: bytes, finder_key: bytes) -> None:
        """A band has answered, and told by what it is found (`bandwire.finder`), b"" for nothing.

        Raises `HandshakeError` when it is not the one that was sought.
        """
        ...


@runtime_checkable
class Recorded(Protocol):
    """A transport that plays a recording, whose time exchanges are known already."""

    @property
    def recorded_times(self) -> TimeModel:
        """Where the recording's ticks lie in UTC."""
        ...

    @property
    def takes_unproven(self) -> bool:
        """Whether data is played of which no record tells whether the wearer had agreed to it."""
        ...


@runtime_checkable
class Pressable(Protocol):
    """A transport to a band whose button the host can press: a simulated one."""

    def press_button(self) -> None:
        """Press the band's button and let it go, a short press."""
        ...


def open_transport(url: str, **options: Any) -> Transport:
    """The transport for `url`, not yet open; `options` go to it. Raises `LocalError`."""
    scheme, colon, _ = url.partition(":")
    if not colon:
        raise LocalError(f"wanted a URL such as serial:///dev/ttyACM0 or sim:rest, got {url!r}")
    opener = _built_in().get(scheme) or _installed(scheme)
    if opener is None:
        raise LocalError(f"no transport for {scheme!r} in {url!r}; known: {', '.join(transport_schemes())}")
    return opener(url, **options)


def _installed(scheme: str) -> Opener | None:
    for point in entry_points(group=ENTRY_POINT_GROUP, name=scheme):
        try:
            return cast(Opener, point.load())
        except ImportError as error:
            raise LocalError(f"transport {scheme!r} needs a package that is missing: {error}") from error
    return None
