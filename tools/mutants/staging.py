"""The folder that mutmut works in: the two packages, the tests that are quick, and its configuration.

mutmut names modules by their path below `src`, and runs every test in one process that it forks for each
mutant; so it gets a tree of its own, with a profile of few examples, which are not made smaller: that an
example fails is enough, and to look for the least one takes longer than all other tests.
"""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".cache/mutants"

MUTATED = (
    "bandwire/accounting.py",
    "bandwire/bandlink.py",
    "bandwire/events.py",
    "bandwire/framing.py",
    "bandwire/gatt.py",
    "bandwire/hostlink.py",
    "bandwire/inbox.py",
    "bandwire/link.py",
    "bandwire/moving_plain.py",
    "bandwire/numbering.py",
    "bandwire/outbox.py",
    "bandwire/record.py",
    "bandwire/requests.py",
    "bandwire/serial.py",
    "bandwire/vitals_run.py",
    "bandschema/blocks.py",
    "bandschema/codec.py",
    "bandschema/layout.py",
    "bandschema/vitals_run.py",
    "bandschema/vitals_run_writer.py",
)
"""What is written by hand and decides what bytes mean."""

TESTS = (
    "tests/link",
    "tests/portable/test_framing.py",
    "tests/portable/test_numbering.py",
    "tests/protocol/test_blocks.py",
    "tests/protocol/test_codec.py",
    "tests/protocol/test_golden_blocks.py",
    "tests/protocol/test_golden_runs.py",
    "tests/protocol/test_layout.py",
    "tests/protocol/test_truncation.py",
    "tests/protocol/test_vectors.py",
    "tests/protocol/test_vitals_run.py",
)
_HELPERS = ("tests/protocol/flat.py", "tests/protocol/lanes.py", "tests/protocol/runs.py")
_SLOW = (
    "micropython or the_band_reads or reader_refuses_a_tail or 16_bits_on_the_wire or TestRecords"
    " or TestLines or any_byte or half_the_counter or longest_block or cut_or_goes_on"
)
"""Tests that start another interpreter, or count far: for each mutant that would take seconds."""

_CONFTEST = """
from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    "mutants", max_examples=10, derandomize=True, database=None, deadline=None,
    suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.generate),
)
settings.load_profile("mutants")
"""

_CONFIGURATION = """
[tool.mutmut]
source_paths = ["src"]
only_mutate = {only_mutate}
pytest_add_cli_args_test_selection = {tests}
pytest_add_cli_args = ["-k", "not ({slow})", "-p", "no:cacheprovider", "-p", "no:unraisableexception"]
also_copy = ["protocol"]
use_git_change_detection = false
timeout_multiplier = 5.0
timeout_constant = 2.0

[tool.pytest.ini_options]
pythonpath = ["tests"]
addopts = "--import-mode=importlib"
markers = ["unmeasured: a long property"]
"""


def stage(mutated: Sequence[str] = MUTATED) -> Path:
    """Make the folder anew from the tree as it is; what mutmut knows of earlier runs is kept."""
    for name in ("src", "tests"):
        shutil.rmtree(FOLDER / name, ignore_errors=True)
    for package in ("bandwire", "bandschema"):
        shutil.copytree(
            ROOT / "protocol" / package,
            FOLDER / "src" / package,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    for name in (*TESTS, *_HELPERS):
        source, target = ROOT / name, FOLDER / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            _copy_folder(source, target)
        else:
            shutil.copy2(source, target)
    vectors = FOLDER / "protocol/bandschema/vectors"
    shutil.rmtree(vectors, ignore_errors=True)
    shutil.copytree(ROOT / "protocol/bandschema/vectors", vectors)
    (FOLDER / "tests/conftest.py").write_text(_CONFTEST, encoding="ascii")
    configuration = _CONFIGURATION.format(
        only_mutate=json.dumps([f"src/{name}" for name in mutated]),
        tests=json.dumps(list(TESTS)),
        slow=_SLOW,
    )
    (FOLDER / "pyproject.toml").write_text(configuration, encoding="ascii")
    return FOLDER


def _copy_folder(source: Path, target: Path) -> None:
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
