"""The conductor: owns virtual time and answers the lane's requests, as in `docs/conductor.md`.

Time is in whole microseconds since the band was first switched on. It passes in these ways only: while
the firmware waits or sleeps, by what a bus transfer takes at 400 kHz, by what the flash takes, while the band
is off, and by what the firmware computes, where instructions cost time.
Whatever is scheduled (`timeline.at`) happens at its own time on the way, in order of time and of scheduling.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from errno import ENOSYS
from time import perf_counter
from typing import NoReturn

from bandsim.bus import I2cBus
from bandsim.channel import Channel, ChannelClosedError, ChannelMisuseError, ChannelSilentError
from bandsim.counters import RunCounters
from bandsim.errors import FirmwareError
from bandsim.firmware_reports import FirmwareReports
from bandsim.lane import ANSWER_TIMEOUT_S, Lane
from bandsim.lane_radio import LaneRadio
from bandsim.link_port import LinkPort
from bandsim.nor_flash import FlashMisuseError, NorFlash
from bandsim.part_requests import Handler, PartRequests
from bandsim.pins import Pins
from bandsim.power_supply import Outage, PowerSupply
from bandsim.protocol import (
    FLAGS_SHIFT,
    NO_TICK,
    PROTOCOL_VERSION,
    TICKS_MODULUS_MS,
    ExitReason,
    Operation,
    ReplyFlag,
    Wake,
)
from bandsim.randomness import Randomness
from bandsim.tick_clock import TickClock
from bandsim.timeline import NEVER_US, Timeline

MAX_IDLE_WAITS = 10_000
"""Waits in a row that end without time having passed before the firmware counts as stuck."""

CLOCK_MHZ = 64
"""Of the processor, where instructions cost time: the nRF52840's."""

_HALF_TICKS_MS = TICKS_MODULUS_MS // 2
# As plain numbers: what an enum's own operators cost is felt at each exchange.
_ON_INPUT, _ON_ROOM = int(Wake.ON_INPUT), int(Wake.ON_ROOM)
_RADIO_EVENTS = int(ReplyFlag.RADIO_EVENTS)


class Conductor:
    """Runs one lane against bus, pins, link and flash. `start_tick_ms` is the lane's tick at every boot,
    `clock_error_ppm` how much too fast its ticks go, `randomness` the operating system's if none is given.

    `cycles_per_instruction`: what an instruction takes of a processor at `CLOCK_MHZ`, 0 for no time at all.
    """

    def __init__(
        self,
        lane: Lane,
        bus: I2cBus,
        pins: Pins,
        link: LinkPort,
        *,
        flash: NorFlash | None = None,
        radio: LaneRadio | None = None,
        randomness: Randomness | None = None,
        name: str = "band",
        unique_id: bytes = bytes(8),
        start_tick_ms: int = 0,
        clock_error_ppm: float = 0.0,
        cycles_per_instruction: float = 0.0,
    ) -> None:
        self.timeline = Timeline()
        self.power = PowerSupply()
        self.clock = TickClock(clock_error_ppm)
        self.flash = flash or NorFlash()
        self.name = name
        self.counters = RunCounters()
        self.reports = FirmwareReports(self.timeline)
        self.log = self.reports.log
        self._lane = lane
        self._bus = bus
        self._pins = pins
        self._link = link
        self._radio = radio
        self._randomness = randomness or Randomness()
        link.attach(self.timeline)
        self._parts = PartRequests(
            self.timeline, self.counters, bus, pins, link, self.flash, self.power, radio, self._randomness
        )
        self._unique_id = unique_id
        self._start_tick_ms = start_tick_ms % TICKS_MODULUS_MS
        self._instruction_ps = round(cycles_per_instruction * 1_000_000 / CLOCK_MHZ)
        self._computed_ps = 0
        self._channel: Channel | None = None
        self._is_waiting = False
        self._is_sleeping = False
        self._wake_at_us = 0
        self._wake_at_ticks_us = 0
        self._wake_on = 0
        self._waited_at_us = -1
        self._idle_waits = 0
        self._fatal_text = ""
        self._boot_cause = 0
        self._boot_at_us: int | None = None
        self._handlers = self._make_handlers()

    # What the world does

    @property
    def now_us(self) -> int:
        """Virtual time."""
        return self.timeline.now_us

    @property
    def channel(self) -> Channel | None:
        """The channel to the firmware that is up."""
        return self._channel

    @property
    def has_changed_pins(self) -> bool:
        """Whether an input has changed since the firmware was last told."""
        return bool(self._pins.changed)

    @property
    def is_running(self) -> bool:
        """Whether the firmware is up."""
        return self._channel is not None

    @property
    def will_boot(self) -> bool:
        """Whether it is off, and boots by itself."""
        return self._boot_at_us is not None

    def start(self) -> None:
        """Boot the firmware; without effect when it runs, or is off until a time to come."""
        if self._channel is not None or (self._boot_at_us or 0) > self.now_us:
            return
        self._boot_at_us = None
        self._is_waiting = False
        self._fatal_text = ""
        self.power.forget_until(self.now_us)
        self.clock.boot(self.now_us)
        self._link.power_on(self.now_us)
        self._channel = self._lane.start()

    def stop(self) -> None:
        """End the firmware; its state folder, its flash and virtual time stay as they are."""
        self._channel = None
        self._boot_at_us = None
        self._boot_cause = 0
        self._lane.stop()
        if self._radio is not None:
            self._radio.power_off()

    def next_wake_us(self) -> int:
        """When the firmware or a scheduled deed next wants to run, were there no input from now on."""
        if self._boot_at_us is not None:
            return min(self._boot_at_us, self.timeline.next_due_us)
        return self._next_event_us() if self._is_waiting and not self._is_woken() else self.now_us

    def run_until(self, limit_us: int, *, stop_on_output: bool = False) -> None:
        """Run the firmware until it waits for a time past `limit_us`, and leave time there.

        A bus transfer that has begun is finished, so time may end a little later. With
        `stop_on_output`, stop at the first wait at which bytes wait for the host, or, of a band with a radio,
        that has something to do. Raises FirmwareError when the firmware crashes, ends, hangs, or breaks the
        protocol.
        """
        with self._running():
            self._run(limit_us, stop_on_output)

    def keep_to(self, time_us: int) -> None:
        """Let time pass to `time_us`, and answer what has been asked by then: for a lane with a clock of its
        own, which never waits here. Raises FirmwareError as `run_until` does.
        """
        with self._running():
            if self._is_up_by(time_us, stop_on_output=False):
                self.timeline.advance_to(time_us)
                self._is_ended_by_outage()
            channel = self._channel
            while channel is not None and self._channel is channel and channel.has_request():
                self._take_request()

    @contextmanager
    def _running(self) -> Iterator[None]:
        if self._channel is None and self._boot_at_us is None:
            raise FirmwareError(f"{self.name}: wanted a running firmware, found none; {self._story()}")
        began_s = perf_counter()
        try:
            yield
        except ChannelClosedError:
            self._give_up(f"its process ended by itself ({self._lane.how_it_ended()})")
        except ChannelSilentError:
            self._give_up(f"no answer within the time-out (usually {ANSWER_TIMEOUT_S:g} s): it hangs")
        except ChannelMisuseError as error:
            self._give_up(f"it broke the conductor's protocol: {error}")
        except FlashMisuseError as error:
            self._give_up(f"it broke a rule of the flash: {error}")
        finally:
            self.counters.run_s += perf_counter() - began_s

    # Time

    def _end(self, outage: Outage) -> None:
        """End the firmware now; it boots again when it has been off for as long as the outage says."""
        self.stop()
        self.counters.restarts += 1
        if outage.takes_power:
            self.log.add(self.now_us, f"loses its power for {outage.off_us / 1000:g} ms")
            self._bus.power_on(self.now_us)
        self._boot_cause = int(outage.cause or 0)
        self._boot_at_us = self.now_us + outage.off_us

    def _run(self, limit_us: int, stop_on_output: bool) -> None:
        while self._is_up_by(limit_us, stop_on_output):
            if self._is_waiting:
                if not self._wait_out(limit_us, stop_on_output):
                    return
                if self._is_ended_by_outage():
                    continue
                self._is_waiting = False
                self._answer(self._wait_status(), self.reports.take_wanted_flags())
            elif self.timeline.now_us > limit_us:
                return
            self._take_request()

    def _is_up_by(self, limit_us: int, stop_on_output: bool) -> bool:
        """Whether the firmware runs; where it is off, time passes until it boots, or to the limit."""
        while self._boot_at_us is not None:
            until_us = min(self._boot_at_us, self.timeline.next_due_us)
            if until_us > limit_us or (stop_on_output and self._has_output()):
                self.timeline.advance_to(max(self.now_us, min(until_us, limit_us)))
                return False
            self.timeline.advance_to(max(self.now_us, until_us))
            self.start()
        return True

    def _take_request(self) -> None:
        channel = self._channel
        assert channel is not None
        operation, unit, argument, value, instructions = channel.receive()
        self.counters.exchanges += 1
        if instructions:
            self._let_compute(instructions)
        handler = self._handlers.get(operation)
        status = -ENOSYS if handler is None else handler(unit, argument, value, channel.payload)
        if not self._is_ended_by_outage() and status is not None:
            self._answer(status)

    def _is_ended_by_outage(self) -> bool:
        is_due = self.timeline.now_us >= self.power.next_outage_us
        if is_due:
            self._end(self.power.begin())
        return is_due

    def _let_compute(self, instructions: int) -> None:
        self.counters.instructions += instructions
        passed_us, self._computed_ps = divmod(
            self._computed_ps + instructions * self._instruction_ps, 1_000_000
        )
        if passed_us:
            self.timeline.advance_to(self.now_us + passed_us)

    def _has_output(self) -> bool:
        return self._link.has_output if self._radio is None else self._radio.has_output

    def _wait_out(self, limit_us: int, stop_on_output: bool) -> bool:
        """Let time pass until the wait is over; False when it is not by `limit_us`, or there is output."""
        while True:
            if stop_on_output and self._has_output():
                return False
            if self._is_woken():
                return True
            until_us = self._next_event_us()
            if self._wake_on & _ON_ROOM:
                until_us = min(until_us, self._link.room_at_us(self.now_us))
            if until_us > limit_us:
                self.timeline.advance_to(max(self.now_us, limit_us))
                return False
            self.timeline.advance_to(max(self.now_us, until_us))

    def _next_event_us(self) -> int:
        return min(self._wake_at_us, self.timeline.next_due_us, self.power.next_outage_us)

    def _wait_status(self) -> int:
        if self._is_sleeping:
            return max(0, self._wake_at_ticks_us - self.clock.ticks_us(self.now_us))
        return self._link.room_bytes(self.now_us) if self._wake_on & _ON_ROOM else 0

    def _is_woken(self) -> bool:
        return bool(
            self.now_us >= self._wake_at_us
            or self.now_us >= self.power.next_outage_us
            or self._pins.changed
            or (self._radio is not None and self._radio.has_events)
            or (self._wake_on & _ON_INPUT and self._link.input_bytes)
            or (self._wake_on & _ON_ROOM and self._link.room_bytes(self.now_us))
        )

    # Answers

    def _answer(self, status: int, flags: int = 0) -> None:
        ticks_ms, part_us = divmod(self.clock.ticks_us(self.timeline.now_us), 1000)
        ticks_ms = (self._start_tick_ms + ticks_ms) % TICKS_MODULUS_MS
        if self._radio is not None and self._radio.has_events:
            flags |= _RADIO_EVENTS
        low = part_us | flags << FLAGS_SHIFT
        pins = self._pins
        changed, pins.changed = pins.changed, 0
        channel = self._channel
        assert channel is not None
        data = self._parts.answer_data
        if data:
            self._parts.answer_data = b""
            channel.reply_with(data, status, ticks_ms, low, self._link.input_bytes, pins.levels, changed)
        else:
            channel.reply(status, ticks_ms, low, self._link.input_bytes, pins.levels, changed)

    def _give_up(self, what: str) -> NoReturn:
        tail = self._story()
        self.stop()
        raise FirmwareError(f"{self.name}: the firmware stopped at {self.now_us / 1e6:.3f} s: {what}; {tail}")

    def _story(self) -> str:
        parts = [f"traceback:\n{self._fatal_text}"] if self._fatal_text else []
        parts.append(f"last log lines:\n{self.log.tail() or '(none)'}")
        if console := self._lane.console_text():
            parts.append(f"interpreter said:\n{console}")
        return "\n".join(parts)

    # Requests

    def _make_handlers(self) -> dict[int, Handler]:
        return {
            Operation.HELLO: self._on_hello,
            Operation.WAIT: self._on_wait,
            Operation.SLEEP: self._on_sleep,
            Operation.EXIT: self._on_exit,
            Operation.FATAL: self._on_fatal,
            **self.reports.handlers(),
            **self._parts.handlers(),
        }

    def _on_hello(self, _unit: int, _argument: int, version: int, payload: memoryview) -> int:
        if version != PROTOCOL_VERSION:
            self._give_up(f"wanted version {PROTOCOL_VERSION} of the conductor's protocol, got {version}")
        # After a reset by itself, too, of which a lane with a clock of its own says nothing.
        self._pins.power_on(self.now_us)
        self._randomness.begin_boot()
        self.log.add(self.now_us, f"booted on board {bytes(payload).decode(errors='replace')}")
        self._parts.answer_data = self._unique_id
        return self._boot_cause

    def _on_wait(self, wake_on: int, _argument: int, until_ms: int, _payload: memoryview) -> None:
        self.counters.waits += 1
        now_us = self.now_us
        if now_us == self._waited_at_us:
            self._idle_waits += 1
            if self._idle_waits >= MAX_IDLE_WAITS:
                self._give_up(f"{MAX_IDLE_WAITS} waits in a row let no time pass: it spins")
        else:
            self._waited_at_us = now_us
            self._idle_waits = 0
        self._is_waiting = True
        self._is_sleeping = False
        self._wake_on = wake_on
        if until_ms == NO_TICK:
            self._wake_at_us = NEVER_US
            return
        whole_ms = self.clock.ticks_us(now_us) // 1000
        ticks_ms = (self._start_tick_ms + whole_ms) % TICKS_MODULUS_MS
        ahead_ms = (until_ms - ticks_ms + _HALF_TICKS_MS) % TICKS_MODULUS_MS - _HALF_TICKS_MS
        self._wake_at_us = self.clock.time_us((whole_ms + ahead_ms) * 1000)

    def _on_sleep(self, _unit: int, _argument: int, duration_us: int, _payload: memoryview) -> None:
        self._is_waiting = self._is_sleeping = True
        self._wake_on = 0
        self._wake_at_ticks_us = self.clock.ticks_us(self.now_us) + duration_us
        self._wake_at_us = self.clock.time_us(self._wake_at_ticks_us)

    def _on_exit(self, _unit: int, reason: int, _value: int, _payload: memoryview) -> None:
        if reason not in {ExitReason.RESET, ExitReason.WATCHDOG}:
            self._give_up("its main program returned")
        by_whom = "resets itself" if reason == ExitReason.RESET else "is reset by its watchdog"
        self.log.add(self.now_us, by_whom)
        self._end(Outage(self.now_us, cause=ExitReason(reason)))

    def _on_fatal(self, _unit: int, _argument: int, _value: int, payload: memoryview) -> None:
        self._fatal_text = bytes(payload).decode(errors="replace").strip()
        self._give_up("it crashed")
