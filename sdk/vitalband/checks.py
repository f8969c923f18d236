"""What `vitalband doctor` finds out: checks of the band by itself, and checks of the link by the host."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from bandschema.enums import CommandCode, Outcome, Part, SelfTest, Unit
from bandwire.frames import VERSION
from vitalband.client import Band
from vitalband.errors import LinkTimeoutError
from vitalband.self_test import SelfTestItem
from vitalband.statistics import LinkStatistics
from vitalband.values import label, words

MOST_ROUND_TRIP_MS = 500
"""Own choice: far above what a cable or a radio takes, far below the time-out of a request."""

_PINGS_A_SECOND = 4
_ERRORS = {5: "bus error", 19: "no answer", 28: "no room left", 110: "bus held low"}
"""errno of a band (MicroPython's numbers, those of Linux) in words."""
_SCALED = (
    (Unit.MILLIVOLT, "V", 2),
    (Unit.MILLISECOND, "s", 1),
    (Unit.MILLIHERTZ, "Hz", 2),
    (Unit.MILLIGRAVITY, "g", 3),
)
"""Units of thousandths: what they are told in, and with how many digits."""
_UNSCALED: dict[int, str] = {Unit.PERCENT: "%", Unit.BYTE: "B"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check: `measured` and `wanted` as text, empty when there is none; `document` is what JSON gets."""

    part: str
    test: str
    outcome: Outcome | int
    measured: str = ""
    wanted: str = ""
    document: dict[str, Any]

    @property
    def has_failed(self) -> bool:
        """Whether it found a fault, or was ended before it could."""
        return self.outcome in (Outcome.FAILED, Outcome.ENDED)

    @property
    def is_open(self) -> bool:
        """Whether only a person can say how it went."""
        return self.outcome == Outcome.SHOWN

    def judged(self, is_good: bool, by: str) -> "Check":
        """The same, as somebody has seen it, or as an option says that it was seen."""
        outcome = Outcome.PASSED if is_good else Outcome.FAILED
        document = self.document | {"outcome": label(outcome), "judged_by": by}
        return replace(self, outcome=outcome, document=document)


def check_of(item: SelfTestItem) -> Check:
    """A result of the band's self-test as a check."""
    document = {
        "part": label(item.part),
        "test": label(item.test),
        "outcome": label(item.outcome),
        "value": item.value,
        "unit": label(item.unit),
        "lower_limit": item.lower_limit,
        "upper_limit": item.upper_limit,
        "error_number": item.error_number,
        "judged_by": "band",
    }
    measured = "" if item.value is None else _value_text(item, item.value)
    if item.error_number:
        measured = _ERRORS.get(item.error_number, f"errno {item.error_number}")
    return Check(
        part=_part_name(item),
        test=words(item.test),
        outcome=item.outcome,
        measured=measured,
        wanted=_wanted_text(item),
        document=document,
    )


def _part_name(item: SelfTestItem) -> str:
    if item.test == SelfTest.WHOLE:
        return "self-test"
    return "firmware" if item.part == Part.TASK else words(item.part)


def _value_text(item: SelfTestItem, value: int) -> str:
    if item.test == SelfTest.IDENTITY:
        return f"0x{value:02X}"
    if item.test == SelfTest.WHOLE:
        return "1 fault" if value == 1 else f"{value or 'no'} faults"
    for unit, symbol, digits in _SCALED:
        if item.unit == unit:
            return f"{value / 1000:.{digits}f} {symbol}"
    return f"{value:,} {_UNSCALED.get(item.unit, '')}".rstrip()


def _wanted_text(item: SelfTestItem) -> str:
    lower, upper = item.lower_limit, item.upper_limit
    if item.test == SelfTest.WHOLE:
        return ""
    if lower is not None and upper is not None:
        if lower == upper:
            return _value_text(item, lower)
        return f"{_value_text(item, lower)} to {_value_text(item, upper)}"
    if lower is not None:
        return f"at least {_value_text(item, lower)}"
    return "" if upper is None else f"at most {_value_text(item, upper)}"


def check_protocol(band: Band) -> Check:
    """Whether band and host speak the same protocol version."""
    version = band.identity.protocol_version
    return _host_check("protocol", version == VERSION, version, f"version {version}", f"version {VERSION}")


async def check_round_trips(band: Band, seconds: float) -> AsyncGenerator[Check, None]:
    """How long the band takes to answer, asked again and again for some seconds."""
    clock = band.transport.clock
    times_ms: list[int] = []
    for _ in range(max(1, round(seconds * _PINGS_A_SECOND))):
        sent_ms = clock.monotonic_ms()
        try:
            await band.command(CommandCode.SEND_IDENTITY)
        except LinkTimeoutError:
            yield _host_check("round trip", False, None, "no answer", f"at most {MOST_ROUND_TRIP_MS} ms")
            return
        times_ms.append(clock.monotonic_ms() - sent_ms)
        await band.run_for(1 / _PINGS_A_SECOND)
    longest_ms = max(times_ms)
    measured = f"{median(times_ms):.0f} ms, at most {longest_ms} ms"
    is_good = longest_ms <= MOST_ROUND_TRIP_MS
    yield _host_check("round trip", is_good, longest_ms, measured, f"at most {MOST_ROUND_TRIP_MS} ms")


def check_losses(before: LinkStatistics, after: LinkStatistics, seconds: float) -> Check:
    """Whether anything was lost or damaged on the way between two counts."""
    names = ("missing_frames", "repaired_frames", "bad_packets", "bad_records", "lost_records")
    lost = {name: getattr(after, name) - getattr(before, name) for name in names}
    told = [f"{name.replace('_', ' ')} {count}" for name, count in lost.items() if count]
    frames = after.received_frames - before.received_frames
    total = sum(lost.values())
    measured = ", ".join(told) or f"none of {frames} frames in {seconds:.0f} s"
    return _host_check("losses", not total, total, measured, "none")


def _host_check(test: str, is_good: bool, value: int | None, measured: str, wanted: str) -> Check:
    outcome = Outcome.PASSED if is_good else Outcome.FAILED
    document = {"part": "link", "test": test.replace(" ", "_"), "outcome": label(outcome), "value": value}
    document |= {"measured": measured, "wanted": wanted, "judged_by": "host"}
    return Check(part="link", test=test, outcome=outcome, measured=measured, wanted=wanted, document=document)
