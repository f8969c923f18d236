"""The transport `sim:SCENARIO`: a virtual band inside the host's own process; `sim+m4:SCENARIO` runs the
firmware's image in the emulator.

`sim:rest?seed=3&board=virtual_phone_rgb&heap=256k&state=DIR` carries options; keyword options go before
them. Time passes inside `receive` only.
"""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from bandsim.console import Console
from bandsim.lane import LaneSettings, parse_heap
from bandsim.paired_state import paired_beforehand
from bandsim.scenario import Scenario, load_scenario
from bandsim.stimulus import STACK_OF_BOARD
from bandsim.virtual_band import FLASH_KB, BandSettings, VirtualBand
from bandwire.frames import MAX_FRAME_BYTES
from vitalband.errors import EndOfDataError, LocalError, TransportError

TURN_US = 1_000_000
"""Virtual time run in one go, so that the event loop has its turn in between."""

MOST_CYCLES = 100.0
"""Of an instruction: far beyond any processor's mean, and short enough for no count of them to last a day."""

LANE_OF_SCHEME = {"sim": "", "sim+m4": "m4"}
"""Kind of the lane, empty for the default one."""

OPTIONS = (
    "seed",
    "board",
    "heap",
    "state",
    "data",
    "start_tick_ms",
    "error_ppm",
    "clock_error_ppm",
    "flash_kb",
    "duration_s",
    "cpi",
    "session",
)
SESSIONS = ("any", "secured")
"""What sessions the band takes part in: secured ones only, or clear ones too."""


Number = TypeVar("Number", int, float)


class BandClock:
    """Virtual time as a session's clock; UTC counts from the scenario's start."""

    def __init__(self, band: VirtualBand) -> None:
        self._conductor = band.conductor
        self._start_utc_us = band.scenario.start_utc_us

    def monotonic_ms(self) -> int:
        """Milliseconds since the band was first switched on."""
        return self._conductor.now_us // 1000

    def utc_us(self) -> int:
        """Microseconds since 1970-01-01T00:00:00Z, of virtual time."""
        return self._start_utc_us + self._conductor.now_us


class SimTransport:
    """A byte stream to a virtual band.

    `close` switches off a band that came with the transport, but not one whose cable was cut by the console:
    it lives on, and `open` finds it again as soon as the cable is mended. One that was there already
    (`owns_band` false) is whoever's it is: a host that comes back finds it as it was left.
    """

    is_stream = True
    is_paced = True
    max_packet = MAX_FRAME_BYTES

    def __init__(self, url: str, band: VirtualBand, *, owns_band: bool = True) -> None:
        self.url = url
        self.band = band
        self._owns_band = owns_band
        self.clock = BandClock(band)
        self._is_open = False

    @property
    def console(self) -> Console:
        """The test console of the band."""
        return self.band.console

    def press_button(self) -> None:
        """Press the band's button and let it go, a short press."""
        self.band.console.press_button()

    async def open(self) -> None:
        """Switch the band on, or find it again; waits for a cut cable as long as it will be mended."""
        if self.band.link.is_cut:
            self._wait_for_cable()
        self.band.start()
        self._is_open = True

    def _wait_for_cable(self) -> None:
        band = self.band
        while band.link.is_cut:
            due_us = band.conductor.timeline.next_due_us
            if due_us >= band.end_us:
                raise TransportError(f"{self.url}: the cable is cut")
            band.start()
            band.conductor.run_until(max(due_us, band.now_us))

    async def send(self, data: bytes) -> None:
        """Give bytes to the band, which reads them when time passes."""
        self._check()
        self.band.link.feed(data)

    async def receive(self, timeout_ms: int) -> bytes:
        """Let virtual time pass until bytes have come, `timeout_ms` at most.

        Raises FirmwareError, a TransportError, when the firmware fails, and EndOfDataError at the end of
        the scenario.
        """
        band = self.band
        deadline_us = band.now_us + timeout_ms * 1000
        while True:
            self._check()
            if band.is_at_end and not band.link.has_output:
                raise EndOfDataError(f"{self.url}: the scenario ends after {band.end_us / 1e6:g} s")
            limit_us = min(deadline_us, band.end_us, band.now_us + TURN_US)
            band.conductor.run_until(max(limit_us, band.now_us), stop_on_output=True)
            if band.link.has_output:
                return band.link.take_output()
            if band.now_us >= deadline_us:
                return b""
            await asyncio.sleep(0)

    async def close(self) -> None:
        """Let the band go; see the class."""
        self._is_open = False
        if self._owns_band and not self.band.link.is_cut:
            self.band.stop()

    def _check(self) -> None:
        if not self._is_open:
            raise TransportError(f"{self.url} is not open")
        if self.band.link.is_cut:
            raise TransportError(f"{self.url}: the cable is cut")


def open_transport(url: str, **options: Any) -> SimTransport:
    """The transport for `sim:SCENARIO?OPTIONS` or `sim+m4:...`; raises LocalError for an unknown option.

    `band` takes a `VirtualBand` that is there already. Other options: `seed`, with which the band's random
    bytes, its keys too, are the same each time and no secret, and without which they are the operating
    system's; `board`, `heap`, `state` (a
    folder for the band's files and its flash), `data` (a folder of recordings), `start_tick_ms`, `error_ppm`
    of the chips' oscillators, `clock_error_ppm` of the band's own, `flash_kb` of its flash, `duration_s`, and
    of `sim+m4` alone `cpi`: cycles of 64 MHz that each instruction takes, 0 for no time; `session`, one of
    `SESSIONS`. `paired_with`, no part of a URL, is a `vitalband.keys.KeyStore` whose host the band knows as
    its owner from the start; it wants a `state` that no band has used.
    """
    scheme, _, rest = url.partition(":")
    name, _, query = rest.partition("?")
    band = options.pop("band", None)
    if band is not None:
        return SimTransport(url, band, owns_band=False)
    wanted = options | dict(parse_qsl(query, keep_blank_values=True))
    return SimTransport(url, VirtualBand(*band_options(url, name, LANE_OF_SCHEME[scheme], wanted)))


def band_options(
    url: str, name: str, lane_kind: str, wanted: dict[str, Any]
) -> tuple[Scenario, BandSettings]:
    """Give the scenario and the settings that a URL asks for; raises LocalError for an unknown option."""
    keys = wanted.pop("paired_with", None)
    unknown = sorted(set(wanted) - set(OPTIONS))
    if unknown:
        raise LocalError(f"{url}: wanted options of {', '.join(OPTIONS)}, got {', '.join(unknown)}")
    scenario, settings = _scenario(url, name, wanted), _settings(url, lane_kind, wanted)
    if keys is not None:
        if settings.lane.state_dir is None:
            raise LocalError(f"{url}: wanted a state folder for a band that comes paired, got none")
        paired_beforehand(settings.lane.state_dir, keys, url)
    return scenario, settings


def _scenario(url: str, name: str, wanted: dict[str, Any]) -> Scenario:
    seed = _number(url, wanted, "seed", int)
    data = wanted.get("data")
    scenario = load_scenario(
        name,
        seed=seed,
        data_dir=None if data is None else Path(data),
        duration_s=_number(url, wanted, "duration_s", float),
    )
    if "board" in wanted:
        board = wanted["board"]
        stack = scenario.stimulus.optical_stack
        if STACK_OF_BOARD.get(board) != stack:
            raise LocalError(f"{url}: wanted a board with the optical stack {stack}, got {board!r}")
        scenario = replace(scenario, board=board)
    return scenario


def _settings(url: str, lane_kind: str, wanted: dict[str, Any]) -> BandSettings:
    lane = LaneSettings(kind=lane_kind)
    if "heap" in wanted:
        lane = replace(lane, heap_bytes=parse_heap(str(wanted["heap"])))
    cycles = _number(url, wanted, "cpi", float) or 0.0
    if not 0.0 <= cycles <= MOST_CYCLES:
        raise LocalError(f"{url}: wanted a cpi of 0 to {MOST_CYCLES:g}, got {cycles:g}")
    if cycles:
        lane = replace(lane, counts_instructions=True)
    if "state" in wanted:
        lane = replace(lane, state_dir=Path(wanted["state"]).absolute())
    flash_kb = _number(url, wanted, "flash_kb", int)
    session = wanted.get("session", SESSIONS[0])
    if session not in SESSIONS:
        raise LocalError(f"{url}: wanted a session of {', '.join(SESSIONS)}, got {session!r}")
    return BandSettings(
        lane=lane,
        start_tick_ms=_number(url, wanted, "start_tick_ms", int) or 0,
        error_ppm=_number(url, wanted, "error_ppm", float) or 0.0,
        clock_error_ppm=_number(url, wanted, "clock_error_ppm", float) or 0.0,
        flash_kb=FLASH_KB if flash_kb is None else flash_kb,
        cycles_per_instruction=cycles,
        demands_secure=session == "secured",
    )


def _number(url: str, wanted: dict[str, Any], name: str, kind: type[Number]) -> "Number | None":
    if name not in wanted:
        return None
    try:
        return kind(wanted[name])
    except ValueError as error:
        raise LocalError(f"{url}: wanted a number for {name}, got {wanted[name]!r}") from error
