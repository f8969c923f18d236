"""Every test of this folder runs on both lanes: what differs between them is a failure.

The mark `one_lane` of a test tells why the unix lane alone will do. With `--carrier ble` hosts of the test's
own process reach their bands over the virtual radio; the mark `on_a_line` tells why a test is about a line.
"""

import pytest

from bandsim import transport
from bandsim.radio.transport import open_transport as open_on_air
from device import bands


@pytest.fixture(scope="session", autouse=True)
def _on_each_lane(lane_kind: str) -> None:
    pass


@pytest.fixture(autouse=True)
def _over_the_carrier(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    bands.carrier.is_air = request.config.getoption("--carrier") == "ble"
    if bands.carrier.is_air:
        monkeypatch.setattr(
            transport, "open_transport", lambda url, **options: open_on_air(f"ble+{url}", **options)
        )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about a line, where there is none."""
    if config.getoption("--carrier") == "ble":
        left = [item for item in items if item.get_closest_marker("on_a_line") is None]
        config.hook.pytest_deselected(items=[item for item in items if item not in left])
        items[:] = left
