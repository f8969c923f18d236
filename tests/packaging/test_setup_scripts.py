"""The scripts that set a machine up install as root, else say what to do, and pass no lack in silence.

They run on a PATH of their own with made-up `id`, `dpkg-query`, `apt-get` and `python3`.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[2] / "tools"

_DPKG_QUERY = 'for name; do :; done; grep -qx "$name" "$0.installed" && printf "install ok installed"'
_APT_GET = """
[ "$1" = install ] || exit 0
[ ! -e "$0.broken" ] || exit 100
for name; do echo "$name" >> "${0%/*}/dpkg-query.installed"; done
[ ! -e "$0.brings" ] || mv "$0.brings" "${0%/*}/python3"
"""
_PYTHON = """
import sys
sys.version_info = {version}
installed = open({installed!r}).read().split()
if {venv!r} not in installed:
    sys.modules["ensurepip"] = None
exec(sys.argv[1])
"""


class Machine:
    """A machine of made-up commands below `folder`, and what the scripts do there."""

    def __init__(self, folder: Path, user: int = 1000, *, is_debian: bool = True) -> None:
        self.folder = folder
        self._installed = folder / "dpkg-query.installed"
        self._installed.write_text("")
        for name in ("sh", "dirname", "grep", "mv"):
            (folder / name).symlink_to(shutil.which(name) or name)
        self._put("id", f"echo {user}")
        if is_debian:
            self._put("dpkg-query", _DPKG_QUERY)
            self._put("apt-get", _APT_GET)

    @property
    def installed(self) -> list[str]:
        """The packages that are installed, in the order of their coming."""
        return [name for name in self._installed.read_text().split() if not name.startswith(("-", "install"))]

    def add_package(self, name: str) -> None:
        """As if it had been there before."""
        self._installed.write_text(f"{self._installed.read_text()}{name}\n")

    def add_python(
        self, version: tuple[int, int] = (3, 11), *, venv: str = "python3.11-venv", at: str = "python3"
    ) -> None:
        """An interpreter, whose ensurepip comes with the package `venv`."""
        code = _PYTHON.format(version=version, installed=str(self._installed), venv=venv)
        (self.folder / "python3.py").write_text(code)
        say_version = f'if [ "$1" = -V ]; then echo "Python {version[0]}.{version[1]}"; exit; fi'
        self._put(at, f'{say_version}\nexec {sys.executable} -IS "${{0%/*}}/python3.py" "$2"')

    def break_apt(self) -> None:
        """As without a network."""
        (self.folder / "apt-get.broken").touch()

    def run(self, script: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run one of the scripts."""
        return subprocess.run(
            [str(self.folder / "sh"), str(TOOLS / script), *arguments],
            env={"PATH": str(self.folder)},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def _put(self, name: str, body: str) -> None:
        (self.folder / name).write_text(f"#!/bin/sh\n{body}\n")
        (self.folder / name).chmod(0o755)


def test_what_is_installed_is_left_alone_without_a_word(tmp_path):
    machine = Machine(tmp_path, user=0)
    machine.add_package("unifont")
    result = machine.run("debian_packages.sh", "unifont")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_root_installs_what_is_missing_and_only_that(tmp_path):
    machine = Machine(tmp_path, user=0)
    machine.add_package("gcc")
    result = machine.run("debian_packages.sh", "gcc", "unifont", "make")
    assert result.returncode == 0, result.stderr
    assert machine.installed == ["gcc", "unifont", "make"]


@pytest.mark.parametrize("user", [0, 1000])
def test_who_cannot_install_is_told_the_one_line_to_run(tmp_path, user):
    machine = Machine(tmp_path, user)
    machine.break_apt()
    machine.add_package("gcc")
    result = machine.run("debian_packages.sh", "gcc", "unifont", "make")
    assert result.returncode == 1
    assert result.stderr == "Missing Debian packages. Run: sudo apt-get install unifont make\n"
    assert machine.installed == ["gcc"]


def test_a_machine_that_is_not_debian_is_told_the_names_and_not_held_up(tmp_path):
    result = Machine(tmp_path, is_debian=False).run("debian_packages.sh", "gcc", "make")
    assert result.returncode == 0
    assert result.stderr == "Not a Debian machine: make sure yourself of what Debian calls: gcc make\n"


def test_a_whole_interpreter_passes_without_a_word(tmp_path):
    machine = Machine(tmp_path)
    machine.add_python()
    machine.add_package("python3.11-venv")
    result = machine.run("check_python.sh", "python3")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_root_without_python_gets_one(tmp_path):
    machine = Machine(tmp_path, user=0)
    machine.add_python(venv="python3-venv", at="apt-get.brings")
    result = machine.run("check_python.sh", "python3")
    assert result.returncode == 0, result.stderr
    assert machine.installed == ["python3", "python3-venv"]


def test_a_user_without_python_is_told_the_one_line_to_run(tmp_path):
    result = Machine(tmp_path).run("check_python.sh", "python3")
    assert result.returncode == 1
    assert result.stderr == "Missing Debian packages. Run: sudo apt-get install python3 python3-venv\n"


@pytest.mark.parametrize(("name", "is_debian"), [("python3.12", True), ("python3", False)])
def test_an_interpreter_that_nothing_here_brings_is_named(tmp_path, name, is_debian):
    machine = Machine(tmp_path, user=0, is_debian=is_debian)
    result = machine.run("check_python.sh", name)
    assert result.returncode == 1
    assert f"Vitalband needs Python 3.11 or newer; no '{name}' was found." in result.stderr
    assert machine.installed == []


def test_an_old_interpreter_is_refused_with_its_version(tmp_path):
    machine = Machine(tmp_path)
    machine.add_python((3, 9))
    result = machine.run("check_python.sh", "python3")
    assert result.returncode == 1
    assert "needs Python 3.11 or newer; 'python3' is Python 3.9." in result.stderr


def test_root_gets_the_venv_package_of_the_interpreters_version(tmp_path):
    machine = Machine(tmp_path, user=0)
    machine.add_python((3, 12), venv="python3.12-venv")
    result = machine.run("check_python.sh", "python3")
    assert result.returncode == 0, result.stderr
    assert machine.installed == ["python3.12-venv"]


def test_a_user_without_the_venv_package_is_told_its_name(tmp_path):
    machine = Machine(tmp_path)
    machine.add_python()
    result = machine.run("check_python.sh", "python3")
    assert result.returncode == 1
    assert result.stderr == "Missing Debian packages. Run: sudo apt-get install python3.11-venv\n"


@pytest.mark.parametrize("is_debian", [True, False])
def test_an_interpreter_that_stays_without_ensurepip_never_passes(tmp_path, is_debian):
    machine = Machine(tmp_path, is_debian=is_debian)
    machine.add_python(venv="none brings it")
    machine.add_package("python3.11-venv")
    result = machine.run("check_python.sh", "python3")
    assert result.returncode == 1
    assert "'python3' cannot make a virtual environment: it has no ensurepip" in result.stderr
