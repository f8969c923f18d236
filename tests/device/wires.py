"""A virtual band at the far end of a real wire: a pseudo-terminal, or a TCP port."""

import threading
from collections.abc import Callable

from bandsim.endpoints import Endpoint, PtyEndpoint, TcpEndpoint
from bandsim.live import LiveBand
from bandsim.scenario import load_scenario
from bandsim.virtual_band import VirtualBand
from vitalband.errors import TransportError

JOIN_LIMIT_S = 20.0


def tcp_endpoint() -> TcpEndpoint:
    """Any free TCP port of this machine."""
    return TcpEndpoint("127.0.0.1:0")


WIRES: dict[str, Callable[[], Endpoint]] = {"serial": PtyEndpoint, "socket": tcp_endpoint}


class WiredBand:
    """Runs a band as fast as it can in a thread of its own; `url` is where a host finds it."""

    def __init__(self, wire: str, scenario: str = "rest") -> None:
        self.endpoint = WIRES[wire]()
        self.url = self.endpoint.url
        self.band = VirtualBand(load_scenario(scenario))
        self.error: TransportError | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    def _serve(self) -> None:
        try:
            LiveBand(self.band, self.endpoint, factor=None).serve(self._stop)
        except TransportError as error:
            self.error = error
        finally:
            # The thread that serves the wire also lets it go: the host sees the cable pulled.
            self.endpoint.close()

    def pull(self) -> None:
        """Pull the cable, for good."""
        self._stop.set()
        self._thread.join(JOIN_LIMIT_S)
        assert not self._thread.is_alive()

    def __enter__(self) -> "WiredBand":
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.pull()
        self.band.close()


def kill_firmware(band: VirtualBand) -> None:
    """End the firmware's process as a crash of the band would."""
    process = band.conductor._lane._process  # type: ignore[attr-defined]
    assert process is not None
    process.kill()
    process.wait()
