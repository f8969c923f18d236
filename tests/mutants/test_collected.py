"""Tests that are collected once fail for a mutant's fork as they do by themselves."""

import subprocess
import sys

import pytest

SCRIPT = """
from mutants.collected import CollectedTests
tests = CollectedTests(["-p", "no:cacheprovider", "--import-mode=importlib", "test_some.py"])
tests.{what}
"""
TESTS = """
import sys
def test_good(): pass
def test_bad(): assert False
def test_end(): sys.exit(0)
"""


def _ended(tmp_path, what):
    folder = tmp_path / "mutants"
    folder.mkdir()
    (folder / "test_some.py").write_text(TESTS, encoding="ascii")
    command = [sys.executable, "-c", SCRIPT.format(what=what)]
    return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("names", "code"),
    [(["good"], 0), (["good", "bad"], 1), (["end"], 1), (["good", "none"], 1)],
)
def test_a_fork_ends_with_0_only_when_every_test_named_passes(tmp_path, names, code):
    named = [f"test_some.py::test_{name}" for name in names]
    ended = _ended(tmp_path, f"run_and_exit({named})")
    assert (ended.returncode, ended.stdout, ended.stderr) == (code, "", "")


def test_nothing_is_run_for_mutants_when_a_test_fails_without_one(tmp_path):
    ended = _ended(tmp_path, "check()")
    assert (ended.returncode, ended.stderr) == (1, "mutants: a test fails though nothing is changed\n")
