"""Tests on BlueZ in an emulated machine: with `--carrier bluez` only, as they take a machine."""

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out those that take the machine, where it is not asked for."""
    if config.getoption("--carrier") != "bluez":
        left = [item for item in items if "guest" not in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=[item for item in items if item not in left])
        items[:] = left
