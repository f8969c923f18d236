"""Results of a band's self-test, and how they are told."""

from dataclasses import dataclass

from bandschema.enums import Outcome, Part, SelfTest, Unit
from bandschema.readings import NO_VALUE
from bandschema.records import SelfTestResult
from vitalband.values import Stamp

SILENCE_LIMIT_S = 75.0
"""Longest time without a result: a band waits 60 s for the wearer's press (`tasks.self_test_run`)."""

_OVER = (Outcome.PASSED, Outcome.FAILED, Outcome.ENDED)


@dataclass(frozen=True, slots=True)
class SelfTestItem:
    """How one test of a run stands: its last item is how it went.

    `value` and the limits are in `unit`, None when nothing was measured or nothing limits it. `error_number`
    is the errno of what failed on the band, else 0. Of a test that was `SHOWN` only a person can say whether
    it passed. Numbers without a member come from a later firmware.
    """

    run_id: int
    test: SelfTest | int
    part: Part | int
    outcome: Outcome | int
    value: int | None
    unit: Unit | int
    lower_limit: int | None
    upper_limit: int | None
    error_number: int
    stamp: Stamp

    @property
    def is_last(self) -> bool:
        """Whether the run is over with it."""
        return self.test == SelfTest.WHOLE and self.outcome in _OVER


def self_test_item(stamp: Stamp, record: SelfTestResult) -> SelfTestItem:
    """The item of a frame."""
    return SelfTestItem(
        run_id=record.run_id,
        test=record.test,
        part=record.part,
        outcome=record.outcome,
        value=_known(record.value),
        unit=record.unit,
        lower_limit=_known(record.lower_limit),
        upper_limit=_known(record.upper_limit),
        error_number=record.detail,
        stamp=stamp,
    )


def _known(value: int) -> int | None:
    return None if value == NO_VALUE else value
