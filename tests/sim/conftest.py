"""Every test of this folder runs on both lanes: what differs between them is a failure."""

import pytest

from bandsim import lanes
from m4.tool_chain import need_image


@pytest.fixture(autouse=True, params=["unix", "m4"])
def lane_kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The lane that a band gets when none is named."""
    kind = request.param
    if kind == "m4":
        need_image()
    monkeypatch.setattr(lanes, "DEFAULT_KIND", kind)
    return kind
