"""A program or package that is missing fails its tests, and says how it is got."""

from pathlib import Path

import pytest

from languages import programs


def test_a_missing_program_is_named_with_its_package_and_the_target_that_brings_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        pytest.fail.Exception, match="wanted tshark, of Debian's package tshark: run `make languages`"
    ):
        programs.run("tshark", "--version", package="tshark")


def test_a_missing_compiler_is_named_with_the_target_that_brings_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(programs, "NODE_PACKAGES", tmp_path / "node_modules")
    with pytest.raises(
        pytest.fail.Exception, match=r"wanted the Kaitai compiler in .*: run `make languages`"
    ):
        programs.compile_kaitai("python", tmp_path)


def test_a_program_that_fails_shows_what_it_said() -> None:
    with pytest.raises(AssertionError, match="MODULE_NOT_FOUND"):
        programs.run("node", "nowhere.cjs", package="nodejs")
