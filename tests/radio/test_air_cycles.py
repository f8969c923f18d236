"""Nothing is left of connections that are lost and come back: some of `python -m soak.air_cycles`."""

from soak.air_cycles import live_through


def test_hosts_that_are_cut_and_come_back_leave_nothing_behind_on_either_side() -> None:
    found = live_through(6, host_cycles=2, seed=2, lane_kind="unix", marks=2)
    assert found.left() == []
    assert found.opened >= 3
    assert found.connections > found.opened
