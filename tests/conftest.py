"""Hypothesis profiles (HYPOTHESIS_PROFILE, `dev` when it is not set), the lane, a core for each worker, and
what of the tests is measured for coverage.
"""

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bandsim import lanes
from bandsim.one_core import stay_on_one_core
from m4.tool_chain import need_image

# Time on a shared machine says nothing about the code, so no example has a deadline.
_COMMON = {"deadline": None, "print_blob": True, "suppress_health_check": [HealthCheck.too_slow]}

settings.register_profile("dev", max_examples=100, **_COMMON)
settings.register_profile("ci", max_examples=1000, derandomize=True, database=None, **_COMMON)
settings.register_profile("ci, firmware", settings.get_profile("ci"), max_examples=250)
settings.register_profile("many", max_examples=50_000, **_COMMON)

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "dev")
settings.load_profile(PROFILE)


def pytest_report_header() -> str:
    return f"hypothesis profile: {PROFILE}"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--lane m4`: bands that name no lane get the image in the emulator, in place of the unix port."""
    parser.addoption("--lane", choices=sorted(lanes.LANES), default=lanes.DEFAULT_KIND)


@pytest.fixture(scope="session", autouse=True)
def _image_of_the_lane(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("lane") == "m4":
        need_image()


def pytest_configure(config: pytest.Config) -> None:
    """The lane, and a core for each worker.

    A worker and the virtual bands that it starts take turns: one core is all they use.
    """
    lanes.DEFAULT_KIND = config.getoption("lane")
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is not None:
        stay_on_one_core(int(worker.removeprefix("gw")))


FIRMWARE = Path(__file__).parent / "firmware"
"""A quarter of the examples halves the time of this folder: its properties are many, its examples dear."""


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A property takes its number of examples when its module is imported, which is here."""
    is_dear = PROFILE == "ci" and isinstance(collector, pytest.Module) and FIRMWARE in collector.path.parents
    settings.load_profile("ci, firmware" if is_dear else PROFILE)
    try:
        return (yield)
    finally:
        settings.load_profile(PROFILE)


_MEASURED = tuple(Path(__file__).parent / name for name in ("protocol", "link", "portable"))
"""Whose tests must reach every line and branch of the protocol."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what a run with coverage takes: measuring makes a virtual band half as fast again."""
    for item in items:
        is_within = any(folder in item.path.parents for folder in _MEASURED)
        if is_within and item.get_closest_marker("unmeasured") is None:
            item.add_marker("measured")
