"""What a developer imports: all of it there, typed and documented, and nothing heavy before it is used."""

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import vitalband
import vitalband.sync

ROOT = Path(vitalband.__file__).parent
HEAVY = ("pyarrow", "scipy", "matplotlib", "PIL", "serial", "pandas", "requests", "pooch", "heartpy")


def loaded_after(code: str) -> set[str]:
    script = f"{code}\nimport sys\nsys.stderr.write(' '.join(sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    return {name.split(".")[0] for name in result.stderr.split()}


@pytest.mark.parametrize(
    "code",
    [
        "import vitalband",
        "import vitalband.sync",
        "from vitalband.cli import app\napp(['--help'], standalone_mode=False)",
        "from vitalband.cli import app\napp(['demo', '--help'], standalone_mode=False)",
    ],
)
def test_nothing_heavy_is_imported_before_it_is_used(code):
    assert loaded_after(code) & set(HEAVY) == set()


def test_every_public_name_is_there_and_documented():
    assert len(set(vitalband.__all__)) == len(vitalband.__all__)
    for name in vitalband.__all__:
        item = getattr(vitalband, name)
        assert item.__doc__, name
        # A dataclass or a named tuple without a docstring is given its signature for one.
        assert not item.__doc__.startswith(f"{name}("), name


@pytest.mark.parametrize("name", [*vitalband.__all__, "sync"])
def test_every_public_method_is_documented(name):
    item = vitalband.sync.Band if name == "sync" else getattr(vitalband, name)
    if not inspect.isclass(item) or not item.__module__.startswith("vitalband"):
        return
    members = {key: value for key, value in vars(item).items() if not key.startswith("_")}
    undocumented = [
        key
        for key, value in members.items()
        if (inspect.isroutine(value) or isinstance(value, property | classmethod)) and not value.__doc__
    ]
    assert undocumented == []


def test_the_blocking_band_has_every_method_of_the_other():
    def public(cls: type) -> set[str]:
        return {name for name in dir(cls) if not name.startswith("_")}

    assert public(vitalband.Band) <= public(vitalband.sync.Band)


def test_the_package_says_that_it_is_typed():
    assert (ROOT / "py.typed").is_file()
