"""Power that goes in operations of a whole wrap of the flash: `python -m soak.cuts` cuts in every one."""

import pytest

from bandsim.lanes import default_kind
from bandsim.virtual_band import LEAST_FLASH_KB
from soak.power import cut_power
from soak.wrap import LIVES, record

pytestmark = pytest.mark.on_a_line(reason="what is cut is the power; the soak runner's host is on a line")

STRIDE = 149
FIRST = 61
AGREEMENTS_STRIDE = 43


def test_power_that_goes_anywhere_in_a_wrap_of_the_flash_loses_nothing_untold():
    wrap = record(LIVES["waveforms"], default_kind())
    assert len(wrap.erases) == LEAST_FLASH_KB // 4
    # Each sector is erased before it is first used; one whose frames must be kept stands still after that.
    assert min(wrap.erases) >= 1
    assert sum(erases > 1 for erases in wrap.erases) >= len(wrap.erases) - 2
    assert len(wrap.made) > 300
    assert len(wrap.confirmed) > 100
    cuts = cut_power(wrap, lane_kind=default_kind(), stride=STRIDE, first=FIRST)
    assert cuts.wrong == []
    assert cuts.operations >= 3
    assert cuts.done >= 2 * cuts.operations
    assert cuts.frames > 50 * cuts.done


def test_power_that_goes_as_the_wearer_agrees_or_withdraws_makes_nobody_accuse_the_band():
    wrap = record(LIVES["agreements"], default_kind())
    cuts = cut_power(wrap, lane_kind=default_kind(), stride=AGREEMENTS_STRIDE)
    assert cuts.wrong == []
    assert cuts.operations >= 4
    assert cuts.unproven == 0
