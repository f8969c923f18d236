"""Whether the time exchanges of a store can be true together."""

from vitalband.clock import TICKS_MODULUS, TimeExchange
from vitalband.store.check.report import CheckReport, Finding, FindingKind
from vitalband.store.rows import ExchangeRow
from vitalband.store.sources import RowSource

DRIFT_PPM = 200
"""Chosen, wide: two quartz clocks against each other; what is beyond it is a clock that was set."""
CONTRADICTION = "time exchanges contradict each other"
RESOLUTION_US = 2000
"""Both ends read their clocks in whole milliseconds."""


def check_clocks(report: CheckReport, source: RowSource) -> None:
    """Tell impossible exchanges, ones that contradict the one before, and boots before earlier ones."""
    before: ExchangeRow | None = None
    spans: dict[bytes, tuple[int, int]] = {}
    current: tuple[int, int] | None = None
    for row in source.exchanges():
        if row is None:
            report.add(Finding(FindingKind.EXCHANGE, "a time exchange that cannot have been measured"))
            continue
        earliest, latest = _span(row.exchange)
        if before is not None and (before.band_id, before.boot_id) == (row.band_id, row.boot_id):
            if _contradict(before.exchange, row.exchange):
                cause = f"{CONTRADICTION} at {row.exchange.ticks_ms} ms of ticks"
                finding = Finding(FindingKind.EXCHANGE, cause, row.band_id, row.boot_id)
                report.add(finding, cause=CONTRADICTION)
            current = (
                (earliest, latest)
                if current is None
                else (min(current[0], earliest), max(current[1], latest))
            )
        else:
            _end_boot(report, before, current, spans)
            current = earliest, latest
        before = row
    _end_boot(report, before, current, spans)


def _span(exchange: TimeExchange) -> tuple[int, int]:
    return exchange.utc_us - exchange.uncertainty_us, exchange.utc_us + exchange.uncertainty_us


def _end_boot(
    report: CheckReport,
    row: ExchangeRow | None,
    span: tuple[int, int] | None,
    spans: dict[bytes, tuple[int, int]],
) -> None:
    if row is None or span is None:
        return
    earlier = spans.get(row.band_id)
    if earlier is not None and span[1] < earlier[0]:
        report.add(
            Finding(FindingKind.BOOT_ORDER, "lies before an earlier boot in UTC", row.band_id, row.boot_id)
        )
    spans[row.band_id] = span


def _contradict(one: TimeExchange, other: TimeExchange) -> bool:
    """Whether no drift explains how far the two are apart, whatever laps of the counter lie between."""
    lap_us = TICKS_MODULUS * 1000
    utc_us, ticks_us = other.utc_us - one.utc_us, (other.ticks_ms - one.ticks_ms) * 1000
    error_us = (utc_us - ticks_us + lap_us // 2) % lap_us - lap_us // 2
    allowed_us = one.uncertainty_us + other.uncertainty_us + RESOLUTION_US
    return abs(error_us) > allowed_us + max(abs(utc_us), abs(ticks_us)) * DRIFT_PPM // 1_000_000
