"""What the tests of releases share."""

import fcntl
import os
from collections.abc import Callable
from functools import cache

import pytest

from firmware_bundle import RELEASE_NAME, build_bundle
from m4.tool_chain import need_mpy_cross
from vitalband.release import Release, read_release


@pytest.fixture(scope="session")
def release_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Release]:
    """Give the release of a board and a profile, each built once, be there several processes of tests."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent

    @cache
    def build(board: str, profile: str = "dev") -> Release:
        need_mpy_cross()
        folder = shared / f"release-{board}-{profile}"
        with (shared / f"{folder.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            # Written last: what has it is whole.
            if (folder / RELEASE_NAME).is_file():
                return read_release(folder / RELEASE_NAME)
            return build_bundle(board, profile, folder)

    return build
