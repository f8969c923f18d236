"""Hypothesis profiles for every test: chosen by HYPOTHESIS_PROFILE, `dev` when it is not set."""

import os

from hypothesis import HealthCheck, settings

# Time on a shared machine says nothing about the code, so no example has a deadline.
_COMMON = {"deadline": None, "print_blob": True, "suppress_health_check": [HealthCheck.too_slow]}

settings.register_profile("dev", max_examples=100, **_COMMON)
settings.register_profile("ci", max_examples=1000, derandomize=True, database=None, **_COMMON)
settings.register_profile("many", max_examples=50_000, **_COMMON)

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "dev")
settings.load_profile(PROFILE)


def pytest_report_header() -> str:
    return f"hypothesis profile: {PROFILE}"
