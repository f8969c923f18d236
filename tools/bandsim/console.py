"""The test console beside the band: presses the button, takes the band off, fails its parts, cuts its power.

It stands for a hand and a soldering iron, and exists in the simulator only. What it does happens at
the present virtual time, between runs of the band or from a deed on its timeline; what ends `duration_ms`
later lasts for good without one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PIL import Image

from bandschema.enums import Group
from bandsim.agreeing import ALL_GROUPS, Answering, presses
from bandsim.band_log import LogLine
from bandsim.bus import I2cBus, Transfers
from bandsim.chips import Chip, Ssd1306Model
from bandsim.conductor import Conductor
from bandsim.counters import RunCounters
from bandsim.errors import ScenarioError
from bandsim.link_port import LinkCounters, LinkFaults, LinkPort
from bandsim.nor_flash import Cut
from bandsim.pins import BUTTON_PIN, MotorChange, Pins
from bandsim.power_supply import RESTART_US, Outage
from bandsim.protocol import ExitReason
from bandsim.screen import Pixels, half_block_lines, to_image
from bandsim.stimulus import ConsoleAction, Stimulus, Truth
from bandsim.timeline import NEVER_US

SHORT_PRESS_MS = 200
LONG_PRESS_MS = 3000
"""Own choices: well within what the firmware takes for a short and for a long press."""


@dataclass(frozen=True)
class ConsoleParts:
    """What a console has its hands on."""

    conductor: Conductor
    bus: I2cBus
    pins: Pins
    link: LinkPort
    stimulus: Stimulus


class Console:
    """See the module. Its parts are there for tests that look deeper."""

    def __init__(self, parts: ConsoleParts) -> None:
        self.conductor = parts.conductor
        self.bus = parts.bus
        self.link = parts.link
        self.flash = parts.conductor.flash
        self.stimulus = parts.stimulus
        self._pins = parts.pins
        self._failed: set[str] = set()
        self._release_at_us = 0
        self._lasting: dict[str, Callable[[int], None]] = {
            "stall_link": self.stall_link,
            "stick_bus": self.stick_bus,
            "hold_bus": self.hold_bus,
            "cut_power": self.cut_power,
            "fail_flash": self.fail_flash,
            "protect_flash": self.protect_flash,
        }

    # Hands

    def press_button(self, duration_ms: int = SHORT_PRESS_MS) -> None:
        """Press the button now and let it go `duration_ms` later; a press in a press prolongs it."""
        if duration_ms <= 0:
            raise ValueError(f"wanted a press of 1 ms or longer, got {duration_ms} ms")
        now_us = self.conductor.now_us
        self._pins.hold_low(BUTTON_PIN, True, now_us)
        self._release_at_us = max(self._release_at_us, now_us + duration_ms * 1000)
        self.conductor.timeline.at(now_us + duration_ms * 1000, self._release_button)

    def agree(self, groups: Group = ALL_GROUPS, *, is_issued: bool = False) -> None:
        """Answer the band's question, from now on for some seconds: yes to these groups, no to the others."""
        sheets = presses(groups, is_issued=is_issued)
        Answering(sheets, self.press_button, self.pixels, self.conductor.timeline)

    def hold_button(self) -> None:
        """Press the button and do not let it go."""
        self._pins.hold_low(BUTTON_PIN, True, self.conductor.now_us)
        self._release_at_us = NEVER_US

    def let_button_go(self) -> None:
        """End a press at once."""
        self._release_at_us = 0
        self._release_button()

    def _release_button(self) -> None:
        if self.conductor.now_us >= self._release_at_us:
            self._pins.hold_low(BUTTON_PIN, False, self.conductor.now_us)

    def set_contact(self, is_worn: bool) -> None:
        """Take the band off the wrist, or put it on."""
        now_us = self.conductor.now_us
        self.bus.settle(now_us)
        self.stimulus.set_contact(is_worn, now_us / 1_000_000)

    def fail_chip(self, name: str) -> None:
        """Let a chip not answer any more; KeyError when there is none of that name."""
        self.bus.fail(self.bus.chip_named(name).address)
        self._failed.add(name)

    def restore_chip(self, name: str) -> None:
        """Let a failed chip answer again, as after a loss of its power."""
        self.bus.restore(self.bus.chip_named(name).address)
        self._failed.discard(name)

    # The link

    def cut_link(self, duration_ms: int | None = None) -> None:
        """Pull the host's cable; plug it in again `duration_ms` later, or never."""
        self.link.cut()
        self._later(duration_ms, self.link.mend)

    def cut_link_after(self, byte_count: int, *, from_band: bool, duration_ms: int | None = None) -> None:
        """Pull it once so many more bytes have passed in one direction; what has arrived can be read."""
        self.link.cut_after(
            byte_count, from_band=from_band, told=lambda: self._later(duration_ms, self.link.mend)
        )

    def mend_link(self) -> None:
        """Plug the host's cable in again."""
        self.link.mend()

    def stall_link(self, duration_ms: int | None = None) -> None:
        """Let bytes wait on their way, in both directions."""
        self.link.stall()
        self._later(duration_ms, self.link.resume)

    def resume_link(self) -> None:
        """End a stall."""
        self.link.resume()

    def set_link_faults(self, faults: LinkFaults) -> None:
        """Let the line lose, garble or delay bytes, carry them slowly, or refuse them, from now on."""
        self.link.faults = faults

    # The bus

    def stick_bus(self, duration_ms: int | None = None) -> None:
        """Hold SDA low: every transfer fails with ETIMEDOUT."""
        self.bus.stick()
        self._later(duration_ms, self.bus.release)

    def release_bus(self) -> None:
        """Let SDA go."""
        self.bus.release()

    def hold_bus(self, duration_ms: int) -> None:
        """Hold SCL low: the next transfer takes until the end of that, and FIFOs fill meanwhile."""
        self.bus.held_until_us = self.conductor.now_us + duration_ms * 1000

    # The flash

    def fail_flash(self, duration_ms: int | None = None) -> None:
        """Let reads, programs and erases fail with EIO."""
        self.flash.is_failing = True
        self._later(duration_ms, self.restore_flash)

    def protect_flash(self, duration_ms: int | None = None) -> None:
        """Let programs and erases fail with EROFS."""
        self.flash.is_read_only = True
        self._later(duration_ms, self.restore_flash)

    def restore_flash(self) -> None:
        """Let the flash work again; its content is as it was."""
        self.flash.is_failing = self.flash.is_read_only = False

    # Power and time

    def restart(self) -> None:
        """Reset the band: the firmware boots again, its state folder, its flash and its chips stay."""
        self.conductor.power.plan(Outage(self.conductor.now_us, cause=ExitReason.RESET))

    def cut_power(self, off_ms: int = RESTART_US // 1000) -> None:
        """Let the power go now, for so long; the chips lose their registers."""
        self.conductor.power.plan(Outage(self.conductor.now_us, off_ms * 1000))

    def cut_power_in_flash(self, operations: int, cut: Cut, off_ms: int = RESTART_US // 1000) -> None:
        """Let the power go in an operation of the flash to come, 1 for the next; see `NorFlash.cut_at`."""
        self.conductor.power.off_us_at_flash_cut = off_ms * 1000
        self.flash.cut_at(self.flash.operations + operations, cut)

    def set_clock_error(self, error_ppm: float) -> None:
        """Let the band's own clock run so much too fast from now on."""
        self.conductor.clock.set_error(error_ppm, self.conductor.now_us)

    def _later(self, duration_ms: int | None, deed: Callable[[], None]) -> None:
        if duration_ms is not None:
            self.conductor.timeline.at(self.conductor.now_us + duration_ms * 1000, deed)

    def perform(self, action: ConsoleAction) -> None:
        """Do what a scenario says; ScenarioError for what there is not."""
        match action.name, action.argument:
            case "press_button", int(duration_ms):
                self.press_button(duration_ms)
            case "agree", None:
                self.agree()
            case (("take_off" | "put_on"), None):
                self.set_contact(action.name == "put_on")
            case "fail_chip", str(name):
                self.fail_chip(name)
            case "restore_chip", str(name):
                self.restore_chip(name)
            case "set_clock_error", int(error_ppm):
                self.set_clock_error(error_ppm)
            case name, int(duration_ms) if name in self._lasting:
                self._lasting[name](duration_ms)
            case _:
                raise ScenarioError(f"wanted an action of bandsim.scenario.ACTIONS, got {action}")

    # Eyes

    @property
    def now_s(self) -> float:
        """Virtual time since the band was switched on."""
        return self.conductor.now_us / 1_000_000

    def pixels(self) -> Pixels:
        """Give what the display shows: (64, 128) of bool, True is lit."""
        display = self.bus.chip_named("ssd1306")
        assert isinstance(display, Ssd1306Model)
        return display.image()

    def screen(self) -> Image.Image:
        """Give what the display shows, 128x64, lit pixels 255."""
        return to_image(self.pixels())

    def screen_text(self) -> str:
        """Give what the display shows as text, two rows of pixels a line."""
        return "\n".join(half_block_lines(self.pixels()))

    def truth(self) -> Truth:
        """Give what is known of the wearer now."""
        return self.stimulus.truth(self.now_s)

    @property
    def chips(self) -> dict[str, Chip]:
        """The chips by part number."""
        return {chip.name: chip for chip in self.bus.chips.values()}

    @property
    def transfers(self) -> dict[str, Transfers]:
        """Bus counters by part number; without a chip that was never spoken to."""
        counters = self.bus.transfers
        return {name: counters[chip.address] for name, chip in self.chips.items() if chip.address in counters}

    @property
    def is_motor_on(self) -> bool:
        """Whether the vibration motor runs."""
        return self._pins.is_motor_on

    @property
    def motor_changes(self) -> list[MotorChange]:
        """When the vibration motor was switched, the last thousand times."""
        return list(self._pins.motor_changes)

    @property
    def log_lines(self) -> list[LogLine]:
        """The last thousand lines that the firmware has printed."""
        return list(self.conductor.log.lines)

    @property
    def counters(self) -> RunCounters:
        """What the run has cost so far."""
        return self.conductor.counters

    @property
    def link_counters(self) -> LinkCounters:
        """Bytes over the link."""
        return self.link.counters

    def state(self) -> dict[str, Any]:
        """Give all of this in values that JSON knows."""
        rates = self.counters.rates(self.conductor.now_us)
        return {
            "now_s": self.now_s,
            "is_running": self.conductor.is_running,
            "is_worn": self.truth().is_worn,
            "is_motor_on": self.is_motor_on,
            "failed_chips": sorted(self._failed),
            "is_link_cut": self.link.is_cut,
            "is_link_stalled": self.link.is_stalled,
            "clock_error_ppm": self.conductor.clock.error_ppm,
            "flash_operations": self.flash.operations,
            "restarts": self.counters.restarts,
            "transfers": {name: vars(transfers) for name, transfers in self.transfers.items()},
            "link": vars(self.link_counters),
            "rates": vars(rates),
            "log": [str(line) for line in self.log_lines[-10:]],
        }
