"""The firmware and the SDK, cut around packets of a session over the air: some of `python -m soak.cuts`."""

import random

import pytest

from bandwire.gatt import LEAST_MTU, MOST_MTU
from soak import cuts as command
from soak.air_cuts import AirCuts, Moment, cut_at

CONNECTED = 18
"""Packets until the host has subscribed: nine requests with their responses."""
ASKED = 36
"""Until it has asked what it asks first; a few less than it takes."""
LIVED = 18
"""Of an open session, until it has heard enough; a few less than it takes."""


def sample(after: int, last: int, count: int, *, is_since_open: bool = False) -> list[Moment]:
    """Moments of a part of a session, in order."""
    source = random.Random(last)
    packets = sorted(source.sample(range(after + 1, last + 1), count))
    return [Moment(packet, source.random() < 0.5, is_since_open) for packet in packets]


def cuts_of(moments: list[Moment], mtu: int) -> AirCuts:
    cuts = cut_at(moments, mtu=mtu, lane_kind="unix")
    assert cuts.wrong == []
    assert cuts.done == len(moments)
    return cuts


def test_a_cut_while_a_band_is_connected_to_is_made_good_by_the_next_try() -> None:
    assert cuts_of(sample(0, CONNECTED, 4), MOST_MTU).anew.total() == 0


def test_a_cut_before_a_session_is_open_is_told_and_the_next_host_has_all() -> None:
    assert cuts_of(sample(CONNECTED, ASKED, 2), MOST_MTU).anew.total() == 2


@pytest.mark.parametrize("mtu", [LEAST_MTU, MOST_MTU])
def test_after_a_cut_of_an_open_session_nothing_is_lost_and_frames_come_within_two_seconds(mtu: int) -> None:
    cuts = cuts_of(sample(0, LIVED, 3, is_since_open=True), mtu)
    assert cuts.anew.total() == 0
    assert sum(map(len, cuts.comebacks.values())) == cuts.done
    assert cuts.too_late == []


@pytest.mark.parametrize(
    ("asked", "cut"), [([], [MOST_MTU, LEAST_MTU]), (["--mtu", "23"], [23]), (["--mtu", "517"], [517])]
)
def test_the_command_cuts_with_both_mtus_or_the_one_that_is_asked_for(
    asked: list[str], cut: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    mtus = list[int]()

    def note(_moments: object, *, mtu: int, lane_kind: str) -> AirCuts:
        assert lane_kind == "unix"
        mtus.append(mtu)
        return AirCuts()

    monkeypatch.setattr(command, "cut_at", note)
    assert command.main(["--of", "air", *asked]) == 0
    assert mtus == cut
