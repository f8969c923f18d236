"""The real firmware and the real host: cut after bytes of a session, and through faults drawn by seed."""

import pytest

from bandsim.lanes import default_kind
from soak.cuts import HOST_BYTES, SESSION_BYTES, cut_after
from soak.life import live

BAND_STRIDE = 811
HOST_STRIDE = 170
"""`python -m soak.cuts` cuts after each byte."""
pytestmark = pytest.mark.on_a_line(reason="the soak runner wears a line out, byte by byte")

LIFE_S = {"unix": 900.0, "m4": 450.0}


@pytest.mark.parametrize(
    ("from_band", "counts"),
    [(True, range(137, SESSION_BYTES, BAND_STRIDE)), (False, range(40, HOST_BYTES, HOST_STRIDE))],
    ids=["band", "host"],
)
def test_after_a_cut_within_a_session_the_store_equals_what_is_in_flash(from_band, counts):
    cuts = cut_after(counts, from_band=from_band, lane_kind=default_kind())
    assert cuts.unequal == []
    assert cuts.done >= len(counts) // 2
    assert cuts.frames > 50


def test_through_faults_drawn_by_seed_nothing_is_unexplained():
    duration_s = LIFE_S[default_kind()]
    life = live(1, duration_s, lane_kind=default_kind(), profile="full")
    assert life.failures() == []
    assert life.account.stored > duration_s / 3
    assert life.kills == 1
