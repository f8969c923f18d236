"""What the tests of releases share."""

from collections.abc import Callable
from functools import cache

import pytest

from firmware_bundle import build_bundle
from m4.tool_chain import need_mpy_cross
from vitalband.release import Release


@pytest.fixture(scope="session")
def release_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Release]:
    """Give the release of a board and a profile, each built once a process."""

    @cache
    def build(board: str, profile: str = "dev") -> Release:
        need_mpy_cross()
        return build_bundle(board, profile, tmp_path_factory.mktemp("dist") / f"{board}-{profile}")

    return build
