"""The machine's kernel and its file system in memory, put together from packages.

There are BlueZ, D-Bus and what joins them to the host in it, and nothing of this project: that stays outside.
"""

import gzip
import lzma
import re
import shutil
import subprocess
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from bluez_vm.errors import MachineError
from bluez_vm.packages import fetch, versions

PROGRAMS = (
    "usr/libexec/bluetooth/bluetoothd",
    "usr/bin/btattach",
    "usr/bin/btmon",
    "usr/bin/dbus-daemon",
    "usr/bin/socat",
)
FOLDERS = ("etc/bluetooth", "etc/dbus-1", "usr/share/dbus-1")
MODULES = (
    *("virtio_pci", "virtio_net", "virtio_console"),
    # Bluetooth's pairing checks its own cryptography when it starts, and does without if that fails.
    *("drbg", "hmac", "sha256_generic", "cmac", "ccm", "ecb", "ctr", "aes_generic", "ecdh_generic"),
    *("bluetooth", "hci_uart"),
)
USERS = "root:x:0:0:root:/root:/bin/sh\nmessagebus:x:100:100::/:/bin/false\n"
GROUPS = "root:x:0:\nmessagebus:x:100:\nbluetooth:x:101:\n"

_BUSYBOX = "bin/busybox"
_LOADER = "lib64/ld-linux-x86-64.so.2"
_LIBRARIES = "lib/x86_64-linux-gnu"
_INIT = Path(__file__).with_name("guest_init")
_TIMEOUT_S = 120


@dataclass(frozen=True)
class GuestImage:
    """What qemu starts; `packages.txt` beside it tells what it was made of, `name=version` a line."""

    kernel: Path
    file_system: Path


def guest_image(cache: Path) -> GuestImage:
    """The image, made once of the packages that apt would install then, in a folder below `cache`.

    Another recipe than before gives another one; raises MachineError.
    """
    sources = (Path(__file__), Path(__file__).with_name("packages.py"), _INIT)
    recipe = "".join(path.read_text() for path in sources)
    folder = cache.resolve() / sha256(recipe.encode()).hexdigest()[:16]
    if not folder.exists():
        partial = folder.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        wanted = versions()
        fetch(wanted, partial / "packages")
        _make(partial / "packages", partial)
        shutil.rmtree(partial / "packages")
        (partial / "packages.txt").write_text("\n".join(wanted) + "\n")
        partial.rename(folder)
    return GuestImage(folder / "vmlinuz", folder / "file_system.gz")


def _make(packages: Path, folder: Path) -> None:
    tree = folder / "tree"
    for name in ("proc", "sys", "dev", "run", "root", "tmp", "var", "modules", "bin", _LIBRARIES):
        (tree / name).mkdir(parents=True)
    _copy_programs(packages, tree)
    for name in FOLDERS:
        if (packages / name).exists():
            shutil.copytree(packages / name, tree / name)
    (tree / "etc/passwd").write_text(USERS)
    (tree / "etc/group").write_text(GROUPS)
    (tree / "etc/machine-id").write_text("0" * 31 + "1\n")
    shutil.copy(_INIT, tree / "init")
    (tree / "init").chmod(0o755)
    kernels = list((packages / "boot").glob("vmlinuz-*"))
    if len(kernels) != 1:
        raise MachineError(f"wanted one kernel in the packages, found {len(kernels)}")
    _copy_modules(packages, kernels[0].name.removeprefix("vmlinuz-"), tree / "modules")
    _pack(packages / _BUSYBOX, tree, folder / "file_system.gz")
    shutil.rmtree(tree)
    shutil.copy(kernels[0], folder / "vmlinuz")


def _copy_programs(packages: Path, tree: Path) -> None:
    shutil.copy(packages / _BUSYBOX, tree / _BUSYBOX)
    search = f"{packages / _LIBRARIES}:{packages / 'usr' / _LIBRARIES}"
    needed: set[str] = set()
    for name in PROGRAMS:
        if not (packages / name).exists():
            raise MachineError(f"wanted /{name} in Debian's packages, it is not there")
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(packages / name, tree / name)
        command = [packages / _LOADER, "--library-path", search, "--list", packages / name]
        needed |= set(re.findall(r"=> (\S+)", _output(command)))
    for library in needed:
        shutil.copy(library, tree / _LIBRARIES)
    (tree / _LOADER).parent.mkdir(exist_ok=True)
    shutil.copy(packages / _LOADER, tree / _LOADER)


def _copy_modules(packages: Path, release: str, folder: Path) -> None:
    """The modules and those that they need, in an order in which they can be loaded."""
    root = packages / "lib/modules" / release
    _output([packages / _BUSYBOX, "depmod", "-b", packages, release])
    depends = dict(line.split(":", 1) for line in (root / "modules.dep").read_text().splitlines())
    paths = {_module_name(path): path for path in depends}
    built_in = {_module_name(path) for path in (root / "modules.builtin").read_text().splitlines()}
    order: list[str] = []

    def add(path: str) -> None:
        for needed in reversed(depends[path].split()):
            add(needed)
        if path not in order:
            order.append(path)

    for name in MODULES:
        if name in paths:
            add(paths[name])
        elif name not in built_in:
            raise MachineError(f"wanted the module {name} in the kernel {release}, it is not there")
    for path in order:
        data = (root / path).read_bytes()
        (folder / f"{_module_name(path)}.ko").write_bytes(
            lzma.decompress(data) if path.endswith(".xz") else data
        )
    (folder / "order").write_text("".join(f"{_module_name(path)}.ko\n" for path in order))


def _module_name(path: str) -> str:
    return Path(path).name.partition(".ko")[0].replace("-", "_")


def _pack(busybox: Path, tree: Path, target: Path) -> None:
    names = "\n".join(sorted(str(path.relative_to(tree)) for path in tree.rglob("*")))
    command = [busybox, "cpio", "-o", "-H", "newc"]
    done = subprocess.run(
        command, cwd=tree, input=names.encode(), capture_output=True, timeout=_TIMEOUT_S, check=False
    )
    if done.returncode:
        raise MachineError(f"cannot pack the machine's files: {done.stderr.decode(errors='replace').strip()}")
    target.write_bytes(gzip.compress(done.stdout, 6))


def _output(command: list[str | Path]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    except OSError as error:
        raise MachineError(f"cannot run {command[0]}, which is a program of amd64: {error}") from error
    if done.returncode:
        raise MachineError(f"{command[0]} failed: {done.stderr.strip()}")
    return done.stdout
