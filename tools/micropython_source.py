"""MicroPython's source, pinned: Debian's source package, fetched once by apt from its own mirror."""

import hashlib
import shutil
import subprocess
import tarfile
from pathlib import Path

VERSION = "1.25.0"
ARCHIVE_NAME = "micropython_1.25.0+ds.orig.tar.xz"
ARCHIVE_SHA256 = "7b25be99a502f070b2de81dafc08da7051d992325d6e67daa9045a918fffdbea"
RELEASE_EPOCH_S = 1744675200
"""2025-04-15T00:00:00Z, the day of release 1.25.0: the date that an image carries."""

_POOL_PATH = "pool/main/m/micropython"
_APT_HELPER = Path("/usr/lib/apt/apt-helper")
_FETCH_TIMEOUT_S = 120


class BuildError(Exception):
    """An image cannot be built: the message says what was wanted, what came and what to do."""


class SourceMissingError(BuildError):
    """MicroPython's source is not here and cannot be had now."""


def unpacked_source(cache_dir: Path) -> Path:
    """Give the folder of the source below `cache_dir`, fetched and unpacked when it is not there.

    Raises SourceMissingError when it cannot be had, BuildError when it is another one.
    """
    source_dir = cache_dir / f"micropython-{VERSION}-{ARCHIVE_SHA256[:8]}"
    if source_dir.is_dir():
        return source_dir
    archive = cache_dir / ARCHIVE_NAME
    if not archive.is_file():
        _fetch(archive)
    check_archive(archive)
    # Under another name until it is whole.
    partial_dir = cache_dir / "unpacking"
    shutil.rmtree(partial_dir, ignore_errors=True)
    with tarfile.open(archive) as content:
        content.extractall(partial_dir, filter="data")
    (top,) = partial_dir.iterdir()
    top.rename(source_dir)
    partial_dir.rmdir()
    return source_dir


def check_archive(archive: Path) -> None:
    """Raise BuildError when the archive is not the pinned one."""
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != ARCHIVE_SHA256:
        raise BuildError(f"{archive}: wanted SHA-256 {ARCHIVE_SHA256}, got {found}; remove the file")


def _fetch(archive: Path) -> None:
    by_hand = f"put {ARCHIVE_NAME} (SHA-256 {ARCHIVE_SHA256}) into {archive.parent} by hand"
    if not _APT_HELPER.is_file():
        raise SourceMissingError(f"apt fetches MicroPython's source, and is not here: {by_hand}")
    failures: list[str] = []
    for mirror in _mirrors():
        url = f"{mirror.rstrip('/')}/{_POOL_PATH}/{ARCHIVE_NAME}"
        fetched = archive.with_suffix(".partial")
        # As root, apt would fetch as a user who may not write here.
        command = [str(_APT_HELPER), "-o", "APT::Sandbox::User=root", "download-file", url, str(fetched)]
        done = _run([*command, f"SHA256:{ARCHIVE_SHA256}"])
        if done.returncode == 0:
            fetched.rename(archive)
            return
        failures.append(f"{url}: {(done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]}")
    reasons = "\n".join(failures) or "apt names no mirror"
    raise SourceMissingError(f"cannot fetch MicroPython's source: {by_hand}\n{reasons}")


def _mirrors() -> list[str]:
    """Give the package mirrors of apt's own configuration, each once."""
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"]
    return list(dict.fromkeys(_run(command).stdout.split()))


def _run(command: list[str]) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=_FETCH_TIMEOUT_S,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as error:
        raise BuildError(f"{command[0]}: no end within {_FETCH_TIMEOUT_S} s") from error
