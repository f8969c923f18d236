"""When the estimate of core temperature has a value, and of what worth."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandwire.catalogue import INDEX_CORE_TEMPERATURE_ESTIMATE_C
from bandwire.frames import (
    CAUSE_LOW_CONFIDENCE,
    CAUSE_NONE,
    CAUSE_OFF_WRIST,
    CAUSE_STALE,
    CAUSE_STARTING,
    NO_VALUE,
    VALIDITY_VALID,
)
from readings import ReadingTable
from vitals.core_temperature import CoreTemperatureVital

INDEX = INDEX_CORE_TEMPERATURE_ESTIMATE_C
MINUTE = 30


class Wearer:
    """The vital sign and its table, minute by minute."""

    def __init__(self) -> None:
        self.table = ReadingTable()
        self.vital = CoreTemperatureVital(self.table)

    def live(
        self, minutes: int, rate_tenths: int = 700, valid: int = MINUTE, absence: int = CAUSE_NONE
    ) -> None:
        """So many minutes, in each of which the first `valid` of 30 heart rates are readings."""
        for step in range(MINUTE * minutes):
            is_valid = step % MINUTE < valid
            self.vital.update(rate_tenths if is_valid else NO_VALUE, CAUSE_NONE)

    @property
    def state(self) -> tuple[bool, int]:
        """Whether there is a value, and the cause."""
        return self.table.raw(INDEX) != NO_VALUE, self.table.cause(INDEX)


def test_the_estimate_starts_settles_goes_stale_and_begins_anew() -> None:
    wearer = Wearer()
    wearer.vital.update(700, CAUSE_NONE)
    assert wearer.state == (False, CAUSE_STARTING)
    wearer.live(1)
    assert wearer.state == (True, CAUSE_STARTING)
    wearer.live(29)
    assert wearer.state == (True, CAUSE_LOW_CONFIDENCE)
    settled_cc = wearer.table.raw(INDEX)
    assert settled_cc < 3710
    wearer.live(9, valid=0)
    assert wearer.state == (True, CAUSE_STARTING)
    assert wearer.table.raw(INDEX) == pytest.approx(settled_cc, abs=1)
    wearer.live(2, valid=0)
    assert wearer.state == (False, CAUSE_STALE)
    wearer.live(20, valid=0)
    assert wearer.state == (False, CAUSE_STARTING)
    wearer.live(1)
    assert wearer.table.raw(INDEX) == pytest.approx(3710, abs=2)


@pytest.mark.parametrize(("valid", "counts"), [(15, True), (14, False)])
def test_a_minute_counts_when_half_of_its_heart_rates_are_readings(valid: int, counts: bool) -> None:
    wearer = Wearer()
    wearer.live(5, rate_tenths=1500, valid=valid)
    assert wearer.state[0] is counts


def test_off_the_wrist_there_is_no_estimate() -> None:
    wearer = Wearer()
    wearer.live(40)
    wearer.vital.update(NO_VALUE, CAUSE_OFF_WRIST)
    assert wearer.state == (False, CAUSE_OFF_WRIST)


@given(st.lists(st.tuples(st.integers(1, 20), st.integers(250, 2400), st.integers(0, MINUTE)), max_size=12))
def test_the_estimate_is_never_a_reading(stretches: list[tuple[int, int, int]]) -> None:
    wearer = Wearer()
    for minutes, rate_tenths, valid in stretches:
        wearer.live(minutes, rate_tenths, valid)
        assert wearer.table.validity(INDEX) != VALIDITY_VALID
        assert wearer.table.quality(INDEX) <= 20
