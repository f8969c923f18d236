"""Hypothesis profiles (HYPOTHESIS_PROFILE, `dev` when it is not set), the lanes, a core for each worker, and
what of the tests is measured for coverage.
"""

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bandsim import transport
from bandsim.lanes import LANE_VARIABLE, LANES
from bandsim.one_core import stay_on_one_core
from bluez_vm.guest import CACHE, Guest
from m4.tool_chain import need_image
from vitalband.connection import Connection

# Time on a shared machine says nothing about the code, so no example has a deadline.
_COMMON = {"deadline": None, "print_blob": True, "suppress_health_check": [HealthCheck.too_slow]}

settings.register_profile("dev", max_examples=100, **_COMMON)
settings.register_profile("ci", max_examples=200, derandomize=True, database=None, **_COMMON)
settings.register_profile("ci, firmware", settings.get_profile("ci"), max_examples=100)
settings.register_profile("many", max_examples=50_000, **_COMMON)

# A change of the connection that its table has not is an error under test only.
Connection.is_strict = True

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "dev")
settings.load_profile(PROFILE)


def pytest_report_header() -> str:
    return f"hypothesis profile: {PROFILE}"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--lane m4`: tests that run on each lane do so on the image in the emulator only.

    `--carrier ble`: those of `tests/device` reach their bands over the virtual radio; `bluez`: from BlueZ in
    an emulated machine, in one process (`-n 0`). `--session secured`: their bands take part in secure
    sessions only, and are paired with the host beforehand; not with `bluez`.
    """
    parser.addoption("--lane", choices=("both", *LANES), default="both")
    parser.addoption("--carrier", choices=("serial", "ble", "bluez"), default="serial")
    parser.addoption("--session", choices=("any", "secured"), default="any")


def pytest_configure() -> None:
    """A core for each worker: it and the virtual bands that it starts take turns, one is all they use."""
    os.environ.pop(LANE_VARIABLE, None)
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is not None:
        stay_on_one_core(int(worker.removeprefix("gw")))


@pytest.fixture(scope="session")
def lane_kind(request: pytest.FixtureRequest) -> str:
    """The lane of bands that name none, in the test's own process and in those that it starts.

    A test that asks for it runs once on each lane, or on the first only with the mark `one_lane`.
    """
    if request.param == "m4":
        need_image()
    return request.param


@pytest.fixture(scope="session")
def guest(lane_kind: str) -> Iterator[Guest]:
    """BlueZ in its machine, which this process's `bleak` takes for this computer's; `sim:` bands are its."""
    made = Guest(CACHE)
    try:
        with made.host(), pytest.MonkeyPatch.context() as patch:
            patch.setattr(transport, "open_transport", made.open_transport)
            yield made
    finally:
        made.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Once for each lane; all tests of a lane in a row, so that they share what is made once."""
    if "lane_kind" in metafunc.fixturenames:
        wanted = metafunc.config.getoption("lane")
        kinds = list(LANES) if wanted == "both" else [wanted]
        if metafunc.definition.get_closest_marker("one_lane") is not None:
            kinds = kinds[:1]
        metafunc.parametrize("lane_kind", kinds, indirect=True, scope="session")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Set the lane before any fixture is made, whatever its scope."""
    kind = item.callspec.params.get("lane_kind") if hasattr(item, "callspec") else None
    with pytest.MonkeyPatch.context() as patch:
        if kind is not None:
            patch.setenv(LANE_VARIABLE, kind)
        return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest) -> None:
    """What tests on both lanes share would be made on one of them, did it not ask for the lane itself."""
    is_shared = fixturedef.scope != "function" and fixturedef.baseid.startswith(("tests/device", "tests/sim"))
    if is_shared and "lane_kind" not in (fixturedef.argname, *fixturedef.argnames):
        pytest.fail(
            f"{fixturedef.baseid}: wanted the shared fixture {fixturedef.argname} to ask for lane_kind"
        )


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


def _is_of_another_lane(item: pytest.Item) -> bool:
    kind = item.callspec.params.get("lane_kind") if hasattr(item, "callspec") else None
    return kind not in (None, next(iter(LANES))) and item.get_closest_marker("one_lane") is not None


_MEASURED = tuple(Path(__file__).parent / name for name in ("protocol", "link", "portable"))
"""Whose tests must reach every line and branch of the protocol."""


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None, None, None]:
    """Mark what a run with coverage takes: measuring makes a virtual band half as fast again.

    A case that carries `one_lane`, as a whole test does, is taken on the first lane only. When tests are
    selected and in order, put the longest first: a worker takes from another's end, never from its beginning.
    """
    items[:] = [item for item in items if not _is_of_another_lane(item)]
    for item in items:
        is_within = any(folder in item.path.parents for folder in _MEASURED)
        if is_within and item.get_closest_marker("unmeasured") is None:
            item.add_marker("measured")
    yield
    items.sort(key=lambda item: item.get_closest_marker("longest") is None)
