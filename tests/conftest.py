"""Hypothesis profiles (HYPOTHESIS_PROFILE, `dev` when it is not set), and a core for each worker."""

import os

from hypothesis import HealthCheck, settings

from bandsim.one_core import stay_on_one_core

# Time on a shared machine says nothing about the code, so no example has a deadline.
_COMMON = {"deadline": None, "print_blob": True, "suppress_health_check": [HealthCheck.too_slow]}

settings.register_profile("dev", max_examples=100, **_COMMON)
settings.register_profile("ci", max_examples=1000, derandomize=True, database=None, **_COMMON)
settings.register_profile("many", max_examples=50_000, **_COMMON)

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "dev")
settings.load_profile(PROFILE)


def pytest_report_header() -> str:
    return f"hypothesis profile: {PROFILE}"


def pytest_configure() -> None:
    """A worker and the virtual bands that it starts take turns: one core is all they use."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is not None:
        stay_on_one_core(int(worker.removeprefix("gw")))
