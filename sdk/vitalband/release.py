"""What a release of the firmware is: its versions, its files and their digests, as one JSON file says.

`make bundle` writes such a file beside the files it lists; `vitalband flash` installs them, and
`vitalband info --verify` compares a band with it. Who made it is what `vitalband.signing` tells.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any, cast

from bandschema.enums import ImageProfile
from bandschema.records import Identity
from vitalband.errors import LocalError
from vitalband.values import label

FORMAT = 2
"""Version of the file's own layout; another one is refused."""

PROFILES = ("dev", "product")
"""With a prompt on a port of its own, and without one."""

_PROFILE_STATED = {"dev": ImageProfile.DEVELOPMENT, "product": ImageProfile.PRODUCT}
"""What a band of each profile states."""

_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class ReleaseFile:
    """A file of a release: `path` with slashes, relative to the band's folder of the firmware."""

    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class MpyFormat:
    """Format of compiled files: a band loads native code of its own architecture and this very version."""

    version: int
    sub_version: int
    architecture: str


@dataclass(frozen=True)
class Release:
    """All that a release file says; `folder` is where it lies.

    `firmware_digest` is what a band that runs it states (64 hex digits), `heap_bytes` what its heap must
    have: with files, where they are run from a ROM file system, else as part of an image. On its board
    `sys.platform` is `platform`, and `sys.implementation._machine` has `machine` in it.
    A product has no `files`: it is an image as a whole. `images` are those that were built of the release:
    whole ones, as the boot loader takes them.
    """

    folder: Path
    board: str
    model: str
    hardware: str
    profile: str
    platform: str
    machine: str
    firmware: str
    firmware_digest: str
    protocol_version: int
    micropython: str
    mpy: MpyFormat
    heap_bytes: int
    files: tuple[ReleaseFile, ...] = ()
    romfs: ReleaseFile | None = None
    images: tuple[ReleaseFile, ...] = ()

    def document(self) -> dict[str, Any]:
        """As it stands in the file."""
        return {
            "format": FORMAT,
            "board": self.board,
            "model": self.model,
            "hardware": self.hardware,
            "profile": self.profile,
            "platform": self.platform,
            "machine": self.machine,
            "firmware": self.firmware,
            "firmware_digest": self.firmware_digest,
            "protocol_version": self.protocol_version,
            "micropython": self.micropython,
            "mpy": vars(self.mpy),
            "heap_bytes": self.heap_bytes,
            "romfs": None if self.romfs is None else vars(self.romfs),
            "images": [vars(image) for image in self.images],
            "files": [vars(file) for file in self.files],
        }

    def content(self, file: ReleaseFile) -> bytes:
        """A file of this release, read and checked; LocalError when it is missing or another."""
        path = self.folder / (f"files/{file.path}" if file in self.files else file.path)
        content = path.read_bytes()
        found = sha256(content).hexdigest()
        if found != file.sha256:
            raise LocalError(f"{path}: wanted SHA-256 {file.sha256}, got {found}; make the bundle anew")
        return content


@dataclass(frozen=True)
class Comparison:
    """One fact of a band beside what its release says of it."""

    name: str
    wanted: str
    got: str

    @property
    def matches(self) -> bool:
        """Whether they are the same."""
        return self.wanted == self.got


def compare_identity(release: Release, identity: Identity) -> tuple[Comparison, ...]:
    """What a band states of itself beside its release: its own word, so no proof of what it runs."""
    version = (identity.firmware_major, identity.firmware_minor, identity.firmware_patch)
    return (
        Comparison("model", release.model, identity.model),
        Comparison("hardware", release.hardware, identity.hardware),
        Comparison("firmware", release.firmware, ".".join(str(number) for number in version)),
        Comparison("digest (self-report)", release.firmware_digest, identity.firmware_digest.hex()),
        Comparison("image profile", label(_PROFILE_STATED[release.profile]), label(identity.image_profile)),
        Comparison("protocol version", str(release.protocol_version), str(identity.protocol_version)),
    )


def trusted_comment(release: Release) -> str:
    """What the signature of a release says beside, so that `minisign -V` shows what was signed.

    It names board, profile and versions: a signature put beside the file of another release is told by it.
    """
    return (
        f"vitalband board={release.board} profile={release.profile} firmware={release.firmware} "
        f"digest={release.firmware_digest} protocol={release.protocol_version}"
    )


def write_release(release: Release, path: Path) -> None:
    """Write the file of a release; the same release gives the same bytes."""
    path.write_text(json.dumps(release.document(), indent=2) + "\n", encoding="utf-8")


def read_release(path: Path) -> Release:
    """The release that a file tells of, whoever made it; LocalError when it does not tell of one."""
    return parse_release(path, path.read_bytes())


def parse_release(path: Path, content: bytes) -> Release:
    """The release that this content of a file tells of, as `read_release`."""
    try:
        document = json.loads(content)
    except ValueError as error:
        raise LocalError(f"{path}: wanted a release as JSON, got {error}") from error
    return _Reader(path).release(document)


class _Reader:
    """Takes a document apart; says of what does not fit where it stands and what was wanted."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def release(self, document: object) -> Release:
        top = self._mapping(document, "the file")
        found = self._number(top, "format")
        if found != FORMAT:
            raise LocalError(f"{self._path}: wanted a release of format {FORMAT}, got format {found}")
        mpy = self._mapping(top.get("mpy"), "mpy")
        romfs = top.get("romfs")
        texts = ("board", "model", "hardware", "platform", "machine", "firmware", "micropython")
        return Release(
            folder=self._path.parent,
            **{name: self._text(top, name) for name in texts},
            profile=self._profile(top),
            firmware_digest=self._digest(top, "firmware_digest"),
            protocol_version=self._number(top, "protocol_version"),
            mpy=MpyFormat(
                self._number(mpy, "version"),
                self._number(mpy, "sub_version"),
                self._text(mpy, "architecture"),
            ),
            heap_bytes=self._number(top, "heap_bytes"),
            files=tuple(self._file(entry) for entry in self._list(top, "files")),
            romfs=None if romfs is None else self._file(romfs),
            images=tuple(self._file(entry) for entry in self._list(top, "images")),
        )

    def _file(self, entry: object) -> ReleaseFile:
        mapping = self._mapping(entry, "a file")
        path = self._text(mapping, "path")
        parts = PurePosixPath(path).parts
        if not parts or ".." in parts or path != "/".join(parts) or path.startswith("/"):
            raise self._unfit("path", "a relative path without '..'", path)
        return ReleaseFile(path, self._number(mapping, "size_bytes"), self._digest(mapping, "sha256"))

    def _profile(self, mapping: Mapping[str, Any]) -> str:
        profile = self._text(mapping, "profile")
        if profile not in PROFILES:
            raise self._unfit("profile", " or ".join(PROFILES), profile)
        return profile

    def _digest(self, mapping: Mapping[str, Any], name: str) -> str:
        text = self._text(mapping, name)
        if not _SHA256.fullmatch(text):
            raise self._unfit(name, "64 hex digits", text)
        return text

    def _text(self, mapping: Mapping[str, Any], name: str) -> str:
        value = mapping.get(name)
        if not isinstance(value, str):
            raise self._unfit(name, "a text", value)
        return value

    def _number(self, mapping: Mapping[str, Any], name: str) -> int:
        value = mapping.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self._unfit(name, "a whole number", value)
        return value

    def _list(self, mapping: Mapping[str, Any], name: str) -> list[object]:
        value = mapping.get(name)
        if not isinstance(value, list):
            raise self._unfit(name, "a list", value)
        return cast("list[object]", value)

    def _mapping(self, value: object, name: str) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            raise self._unfit(name, "an object", value)
        return cast("Mapping[str, Any]", value)

    def _unfit(self, name: str, wanted: str, got: object) -> LocalError:
        return LocalError(f"{self._path}: {name}: wanted {wanted}, got {got!r}")
