"""The wheel, installed outside the checkout in an environment without it, runs a whole band."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from bandschema.enums import StreamId
from bandschema.readings import READINGS
from bandsim.micropython import VARIABLE, find_micropython
from estimate.signals import light

ROOT = Path(__file__).parents[2]
LIMIT_S = 120


@dataclass(frozen=True)
class Installation:
    """The wheel, and an environment that has it; commands run in `folder`, which is no checkout."""

    wheel: Path
    environment: Path
    folder: Path

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of the environment, without anything that leads back to the checkout."""
        clean = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
        scripts = self.environment / "bin"
        clean |= {"PATH": f"{scripts}:/usr/bin:/bin", VARIABLE: str(find_micropython()), "COLUMNS": "120"}
        return subprocess.run(
            [str(scripts / command[0]), *command[1:]],
            cwd=self.folder,
            env=clean,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )

    def say(self, code: str) -> str:
        """What a line of Python prints there."""
        result = self.run("python", "-c", code)
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()


def build_wheel(folder: Path) -> Path:
    """The wheel of this checkout, by the build backend that `pyproject.toml` names."""
    code = f"import hatchling.build; print(hatchling.build.build_wheel({str(folder)!r}))"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    assert result.returncode == 0, result.stderr
    return folder / result.stdout.split()[-1]


@pytest.fixture(scope="module")
def installation(tmp_path_factory) -> Installation:
    folder = tmp_path_factory.mktemp("outside")
    wheel = build_wheel(folder)
    environment = folder / "environment"
    venv.create(environment, with_pip=False)
    # The dependencies are those of the tests; a path in a .pth file brings no editable install along.
    site = next((environment / "lib").glob("python*")) / "site-packages"
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    pip += ["--python", str(environment / "bin" / "python"), "install", "--no-deps", "--no-index"]
    result = subprocess.run([*pip, str(wheel)], capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert result.returncode == 0, result.stderr
    work = folder / "work"
    work.mkdir()
    return Installation(wheel, environment, work)


def test_the_wheel_is_built_from_python_and_data_alone(installation):
    with zipfile.ZipFile(installation.wheel) as wheel:
        names = wheel.namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "vitalband",
        "bandschema",
        "bandwire",
        "bandsim",
    }
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]


@pytest.mark.parametrize("package", ["vitalband", "bandschema", "bandwire"])
def test_the_packages_that_a_program_imports_say_that_they_are_typed(installation, package):
    with zipfile.ZipFile(installation.wheel) as wheel:
        assert f"{package}/py.typed" in wheel.namelist()


def test_the_wheel_carries_the_firmware_as_it_is(installation):
    with zipfile.ZipFile(installation.wheel) as wheel:
        packed = {
            name.removeprefix("bandsim/firmware/"): wheel.read(name)
            for name in wheel.namelist()
            if name.startswith("bandsim/firmware/") and name.endswith(".py")
        }
    files = {
        path.relative_to(ROOT / "firmware").as_posix(): path.read_bytes()
        for path in (ROOT / "firmware").rglob("*.py")
    }
    assert packed == files


@pytest.mark.parametrize("package", ["vitalband", "bandschema", "bandwire", "bandsim"])
def test_every_package_is_the_installed_one(installation, package):
    place = installation.say(f"import {package}; print({package}.__file__)")
    assert Path(place).is_relative_to(installation.environment)


def test_the_firmware_is_that_of_the_package(installation):
    place = installation.say("from bandsim.lane import find_firmware; print(find_firmware())")
    assert Path(place).is_relative_to(installation.environment)


def test_help_names_every_command(installation):
    result = installation.run("vitalband", "--help")
    assert result.returncode == 0, result.stderr
    for command in ("info", "stream", "record", "replay", "export", "demo", "sim", "data"):
        assert command in result.stdout


def test_a_band_says_who_it_is(installation):
    result = installation.run("vitalband", "info", "sim:rest", "--json")
    assert result.returncode == 0, result.stderr
    document = json.loads(result.stdout)
    assert document["model"] == "Virtual band"
    assert len(document["manifest"]) == len(READINGS) + len(StreamId)


def test_the_firmware_digest_is_the_same_from_wheel_and_checkout(installation):
    from typer.testing import CliRunner

    from vitalband.cli import app

    here = CliRunner().invoke(app, ["info", "sim:rest", "--json"])
    there = installation.run("vitalband", "info", "sim:rest", "--json")
    assert json.loads(there.stdout)["firmware_digest"] == json.loads(here.stdout)["firmware_digest"]


def test_the_demo_runs_and_leaves_its_store_and_pictures(installation):
    result = installation.run("vitalband", "demo", "--seconds", "60", "--output", "out")
    assert result.returncode == 0, result.stderr
    made = {path.suffix for path in (installation.folder / "out").iterdir()}
    assert {".vband", ".png"} <= made
    assert "Heart rate" in result.stdout


def test_a_missing_interpreter_is_one_clear_line(installation):
    code = (
        "import os; os.environ['VITALBAND_MICROPYTHON'] = '/no/micropython';"
        "import sys; sys.argv = ['vitalband', 'info', 'sim:rest'];"
        "from vitalband.cli import main; main()"
    )
    result = installation.run("python", "-c", code)
    assert result.returncode == 2
    (line,) = result.stderr.splitlines()
    assert "VITALBAND_MICROPYTHON names /no/micropython, which cannot be run" in line


def test_a_recording_is_estimated_where_there_is_no_checkout(installation):
    path = installation.folder / "light.npz"
    np.savez(path, **light(50.0, duration_s=12.0))
    done = installation.run("vitalband", "estimate", path.name, "--lane", "unix", "-o", "light.csv")
    assert done.returncode == 0, done.stderr
    rows = (installation.folder / "light.csv").read_text().splitlines()
    assert sum("heart_rate_bpm" in row for row in rows) == 3
