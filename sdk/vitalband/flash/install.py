"""Brings the files of a release onto a board so that a cut at any moment leaves no half of it running.

The firmware lies in a folder of its own, named for the release, or in the board's ROM file system. What
starts it is `main.py`, a few lines that are written last, when all else has been read back; they take the
place of the old ones in one step of the file system. Before that step the board runs what it ran, or its
prompt alone.
"""

from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath

from mpremote.commands import CommandError, do_romfs
from mpremote.main import State

from vitalband.errors import InstallError, TransportError
from vitalband.flash.board import Board
from vitalband.flash.probe import BoardFacts, Way, way_of
from vitalband.release import Release

FOLDER_PREFIX = "firmware-"
ROM_FOLDER = "/rom"
STARTER = "main.py"
_NEW_STARTER = "main.new"

Progress = Callable[[str, int, int], None]
"""What is being done, how much of it is done, and of how much."""


@dataclass(frozen=True)
class Plan:
    """What an installation does.

    `wanted` are the digests of the files by their paths on the board, `unfit` those of them that are not
    there yet, `stale` what earlier ones left, in the order of removal. `keeps_old` when what runs now can
    stay until the new one is whole; `is_started` when `main.py` is already the one of this release, and
    `has_starter` when there is any.
    """

    release: Release
    way: Way
    root: str
    folder: str
    wanted: dict[str, str]
    unfit: tuple[str, ...]
    stale: tuple[str, ...]
    keeps_old: bool
    is_started: bool
    has_starter: bool

    @property
    def is_whole(self) -> bool:
        """Whether the board already is what the release says."""
        return self.is_started and not self.unfit


def make_plan(board: Board, facts: BoardFacts, release: Release) -> Plan:
    """Look at what is on a board, and say what is to be done; InstallError when there is no room."""
    root = facts.root.rstrip("/")
    way = way_of(facts, release)
    folder = ROM_FOLDER if way is Way.ROMFS else f"{root}/{FOLDER_PREFIX}{release_id(release)}"
    wanted = {f"{folder}/{file.path}": file.sha256 for file in release.files}
    starter_path = f"{root}/{STARTER}"
    found = board.digests([*wanted, starter_path])
    unfit = tuple(path for path, digest in wanted.items() if found[path] != digest)
    there = board.sizes(root)
    stale = _stale(there, root, wanted)
    needed = _room(unfit, {f"{folder}/{file.path}": file.size_bytes for file in release.files}, facts)
    if way is Way.ROMFS:
        needed = 0
    free_bytes = facts.free_bytes
    freed_bytes = sum(_rounded(there[path] or 0, facts) for path in stale)
    if needed > free_bytes + freed_bytes:
        raise InstallError(
            f"{board.port}: wanted {needed} bytes free on the board, got {free_bytes}, "
            f"and {freed_bytes} that old firmware takes"
        )
    return Plan(
        release, way, root, folder, wanted, unfit, stale,
        keeps_old=way is Way.FILES and needed <= free_bytes,
        is_started=found[starter_path] == sha256(starter(release, folder)).hexdigest(),
        has_starter=found[starter_path] is not None,
    )  # fmt: skip


def install(board: Board, plan: Plan, progress: Progress) -> None:
    """Carry a plan out; raises InstallError when what is read back is not what was written."""
    starter_path = f"{plan.root}/{STARTER}"
    if plan.unfit:
        if not plan.keeps_old:
            board.remove([starter_path])
            board.remove(plan.stale)
        (_write_files if plan.way is Way.FILES else _write_rom)(board, plan, progress)
    read_back(board, plan, progress)
    new_path = f"{plan.root}/{_NEW_STARTER}"
    content = starter(plan.release, plan.folder)
    board.write(new_path, content)
    if board.digests([new_path])[new_path] != sha256(content).hexdigest():
        raise InstallError(f"{board.port}: {new_path} is not what was written; flash again")
    board.rename(new_path, starter_path)
    board.remove(plan.stale)


def read_back(board: Board, plan: Plan, progress: Progress) -> None:
    """Read every file of the release on the board; raises InstallError with the first that differs."""
    progress("reading back", 0, 1)
    found = board.digests(plan.wanted)
    progress("reading back", 1, 1)
    differing = [path for path, digest in plan.wanted.items() if found[path] != digest]
    if differing:
        raise InstallError(
            f"{board.port}: {len(differing)} of {len(plan.wanted)} files are not what the release says, "
            f"{differing[0]} the first; flash again"
        )


def starter(release: Release, folder: str) -> bytes:
    """The `main.py` that starts this release."""
    lines = (
        "# Starts the firmware that vitalband flash installed; written when all of it had been read back.",
        "import sys",
        f'sys.path.insert(0, "{folder}")',
        "import main",
        f'main.run("{release.board}")',
    )
    return ("\n".join(lines) + "\n").encode()


def release_id(release: Release) -> str:
    """12 hex digits that tell the files of one release from those of another."""
    digest = sha256()
    for file in release.files:
        digest.update(f"{file.path}\0{file.sha256}\0".encode())
    return digest.hexdigest()[:12]


def _stale(there: dict[str, int | None], root: str, wanted: dict[str, str]) -> tuple[str, ...]:
    """What is there of other releases, and in this one's folder beside it, innermost first."""
    folders = {str(parent) for path in wanted for parent in PurePosixPath(path).parents}
    found = [
        path
        for path in there
        if path.startswith((f"{root}/{FOLDER_PREFIX}", f"{root}/{_NEW_STARTER}"))
        and not (path in wanted or path in folders)
    ]
    return tuple(sorted(found, key=lambda path: (-path.count("/"), path)))


def _room(paths: tuple[str, ...], sizes: dict[str, int], facts: BoardFacts) -> int:
    """Bytes that files take with their folders, by the manner of LittleFS: two blocks a folder."""
    folders = {PurePosixPath(path).parent for path in paths}
    return sum(_rounded(sizes[path], facts) for path in paths) + 2 * len(folders) * facts.block_bytes


def _rounded(size_bytes: int, facts: BoardFacts) -> int:
    blocks = -(-size_bytes // facts.block_bytes) if facts.block_bytes else 0
    return blocks * facts.block_bytes


def _write_files(board: Board, plan: Plan, progress: Progress) -> None:
    made: set[str] = set()
    by_path = {f"{plan.folder}/{file.path}": file for file in plan.release.files}
    for count, path in enumerate(plan.unfit):
        progress("copying", count, len(plan.unfit))
        content = plan.release.content(by_path[path])
        for parent in reversed(PurePosixPath(path).parents):
            if str(parent).startswith(plan.folder) and str(parent) not in made:
                board.make_folder(str(parent))
                made.add(str(parent))
        board.write(path, content)
    progress("copying", len(plan.unfit), len(plan.unfit))


def _write_rom(board: Board, plan: Plan, progress: Progress) -> None:
    image = plan.release.romfs
    if image is None:
        raise InstallError("the release has no image of a ROM file system; make the bundle anew")
    plan.release.content(image)
    state = State()
    state.transport = board.transport
    path = str(plan.release.folder / image.path)
    progress("writing the ROM file system", 0, 1)

    def deploy() -> None:
        try:
            do_romfs(state, Namespace(command=["deploy"], path=path, partition=0, mpy=False))
        except CommandError as error:
            raise TransportError(f"{board.port}: {error}") from error

    board.call("cannot write the ROM file system", deploy)
    progress("writing the ROM file system", 1, 1)
    board.restart_prompt()
