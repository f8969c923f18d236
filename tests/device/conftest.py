"""Every test of this folder runs on both lanes: what differs between them is a failure.

The mark `one_lane` of a test tells why the unix lane alone will do.
"""

import pytest


@pytest.fixture(scope="session", autouse=True)
def _on_each_lane(lane_kind: str) -> None:
    pass
