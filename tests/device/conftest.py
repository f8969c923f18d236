"""Every test of this folder runs on both lanes: what differs between them is a failure.

The mark `one_lane` of a test tells why the unix lane alone will do. With `--carrier ble` hosts of the test's
own process reach their bands over the virtual radio, with `--carrier bluez` by BlueZ in an emulated machine;
the mark `on_a_line` tells why a test is about a line or brings its own, `off_bluez` what of it a machine in
real time cannot have: a fault that lasts or is timed, a host that answers at once, hours of life.
"""

from collections.abc import Iterator

import pytest

from bandsim import transport
from bandsim.radio.air_band import AirBand
from bandsim.radio.transport import open_transport as open_on_air
from device import bands
from device.secured_bands import SecuredBands
from vitalband import known_keys


@pytest.fixture(scope="session", autouse=True)
def _over_the_carrier(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, lane_kind: str
) -> Iterator[None]:
    """Before all that tests share, which is made over the same carrier."""
    kind = request.config.getoption("--carrier")
    with pytest.MonkeyPatch.context() as patch:
        if kind == "ble":
            patch.setattr(bands, "carrier", bands.Carrier(True, AirBand))
            patch.setattr(
                transport, "open_transport", lambda url, **options: open_on_air(f"ble+{url}", **options)
            )
        elif kind == "bluez":
            patch.setattr(bands, "carrier", bands.Carrier(True, request.getfixturevalue("guest").new_band))
        if request.config.getoption("--session") == "secured":
            secured = SecuredBands(tmp_path_factory)
            patch.setattr(bands, "carrier", secured.on(bands.carrier))
            patch.setattr(transport, "open_transport", secured.around(transport.open_transport))
            patch.setattr(known_keys, "user_keys", lambda: secured.keys)
        yield


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about a line where there is none, and on BlueZ what its machine cannot have."""
    unfit = {"serial": (), "ble": ("on_a_line",), "bluez": ("on_a_line", "off_bluez")}
    marks = unfit[config.getoption("--carrier")]
    left = [item for item in items if not any(item.get_closest_marker(mark) for mark in marks)]
    if len(left) < len(items):
        config.hook.pytest_deselected(items=[item for item in items if item not in left])
        items[:] = left
