"""What the machine is made of: Debian's packages, as this computer's apt knows them, unpacked only.

Which version of each is the one that apt would install.
"""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bluez_vm.errors import MachineError

ROOTS = ("bluez", "busybox-static", "dbus-daemon", "dbus-system-bus-common", "socat")
KERNEL = "linux-image-amd64"
"""Depends on the package of the kernel itself, whose name has its version."""

_LIBRARY = re.compile(r"lib[^ ]*|zlib1g")
"""Of the packages that others depend on, those that their programs cannot be started without."""
_ASK_TIMEOUT_S = 60
_FETCH_TIMEOUT_S = 600
_HELP = "`sudo apt-get update` may help; wanted is Debian's archive of amd64"


@dataclass(frozen=True)
class _Package:
    version: str
    depends: list[str]
    """Of alternatives the first."""


def versions() -> list[str]:
    """`name=version` of all packages that the machine is made of; raises MachineError."""
    kernels = [name for name in _shown([KERNEL])[KERNEL].depends if name.startswith("linux-image-")]
    return _with_libraries([*ROOTS, *kernels])


def fetch(wanted: list[str], folder: Path) -> None:
    """Fetch packages, and unpack them into a new folder."""
    archives = folder.with_name("archives")
    archives.mkdir(parents=True)
    folder.mkdir()
    _run(["apt-get", "download", *wanted], _FETCH_TIMEOUT_S, archives)
    for archive in sorted(archives.glob("*.deb")):
        _run(["dpkg-deb", "-x", archive.name, str(folder)], _FETCH_TIMEOUT_S, archives)
    shutil.rmtree(archives)


def _with_libraries(names: list[str]) -> list[str]:
    """`name=version` of these, and of every library that they are linked with."""
    found: dict[str, _Package] = {}
    left = names
    while left:
        new = _shown(left)
        found |= new
        needed = {each for package in new.values() for each in package.depends if _LIBRARY.fullmatch(each)}
        left = sorted(needed - set(found))
    return sorted(f"{name}={package.version}" for name, package in found.items())


def _shown(names: list[str]) -> dict[str, _Package]:
    asked = [f"{name}:amd64" for name in names]
    text = _run(["apt-cache", "show", "--no-all-versions", *asked], _ASK_TIMEOUT_S)
    found: dict[str, _Package] = {}
    for paragraph in text.split("\n\n"):
        fields = dict(re.findall(r"^([A-Za-z-]+): (.*)$", paragraph, re.M))
        if fields:
            depends = f"{fields.get('Pre-Depends', '')}, {fields.get('Depends', '')}"
            firsts = [each.split()[0].partition(":")[0] for each in depends.split(",") if each.strip()]
            found[fields["Package"]] = _Package(fields["Version"], firsts)
    if missing := set(names) - set(found):
        raise MachineError(f"apt tells no version of {', '.join(sorted(missing))}; {_HELP}")
    return found


def _run(command: list[str], timeout_s: float, folder: Path | None = None) -> str:
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=timeout_s, check=False
        )
    except FileNotFoundError as error:
        raise MachineError(f"wanted {command[0]}: packages are fetched on Debian only") from error
    except subprocess.TimeoutExpired as error:
        raise MachineError(f"{command[0]} {command[1]} took more than {timeout_s:g} s") from error
    if done.returncode:
        said = done.stderr.strip() or done.stdout.strip()
        raise MachineError(f"`{' '.join(command[:3])} ...` failed: {said}; {_HELP}")
    return done.stdout
