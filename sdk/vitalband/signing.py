"""Whether a release is signed by a key that is trusted here: minisign's format, by py-minisign.

The signature lies beside the release's file and covers it to the byte, and so, by the digests in it, every
file and image of the release. It says who made a release, not that the release is the newest: an older one
that was signed once is as valid. Format: https://jedisct1.github.io/minisign/ ("Signature format").
"""

from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from minisign import ParseError, PublicKey, Signature, VerifyError

from vitalband.errors import LocalError
from vitalband.release import Release, parse_release, trusted_comment

SIGNATURE_SUFFIX = ".minisig"
"""What minisign adds to the name of the file that is signed."""

KEY_SUFFIX = ".pub"
_FOLDER_NAME = "trusted_keys"
_ID_AT = slice(2, 10)
"""Where the key's number lies in a key and in a signature, behind two bytes that name the algorithm."""


@dataclass(frozen=True)
class ReleaseSignature:
    """Who has signed a release: the key's number as minisign prints it, its file, and the trusted comment."""

    key_id: str
    key_file: Path
    trusted_comment: str


@dataclass(frozen=True)
class CheckedRelease:
    """A release and who signed it; without a signature, `distrust` says what is wrong with it."""

    release: Release
    signature: ReleaseSignature | None
    distrust: str = ""

    @property
    def words(self) -> str:
        """One line for a person, loud when nobody vouches for the release."""
        if self.signature is None:
            return f"UNSIGNED: nobody vouches for this release: {self.distrust}"
        return f"signed with key {self.signature.key_id} ({self.signature.key_file})"

    def document(self) -> dict[str, object]:
        """The same for a program."""
        if self.signature is None:
            return {"is_signed": False, "distrust": self.distrust}
        return {
            "is_signed": True,
            "key_id": self.signature.key_id,
            "key_file": str(self.signature.key_file),
            "trusted_comment": self.signature.trusted_comment,
        }


def user_key_folder() -> Path:
    """Where a user puts keys that they trust beside those of the package."""
    return Path(platformdirs.user_config_dir("vitalband", appauthor=False)) / _FOLDER_NAME


def trusted_key_files() -> tuple[Path, ...]:
    """Keys that are trusted without being named: those of the package, then the user's."""
    folders = (Path(__file__).parent / _FOLDER_NAME, user_key_folder())
    return tuple(path for folder in folders for path in sorted(folder.glob(f"*{KEY_SUFFIX}")))


def read_checked_release(
    path: Path, keys: Sequence[Path] = (), *, is_unsigned_allowed: bool = False
) -> CheckedRelease:
    """The release of a file whose signature is by a trusted key, `keys` among them.

    LocalError when there is no such signature, unless that is allowed: then `distrust` says why there is
    none. A file that tells of no release, or a key that cannot be read, is refused in any case.
    """
    content = path.read_bytes()
    release = parse_release(path, content)
    try:
        return CheckedRelease(release, _signature(path, content, release, (*keys, *trusted_key_files())))
    except _DistrustError as error:
        if is_unsigned_allowed:
            return CheckedRelease(release, None, str(error))
        raise LocalError(f"{error}; --unsigned takes it all the same, when you know who made it") from error


def key_number(text: bytes) -> str:
    """The number of a key, of its own line or that of a signature: 16 hex digits, as minisign prints it."""
    return b64decode(text)[_ID_AT][::-1].hex().upper()


class _DistrustError(Exception):
    """Why nobody vouches for a release."""


def _signature(path: Path, content: bytes, release: Release, keys: Sequence[Path]) -> ReleaseSignature:
    file = path.with_name(path.name + SIGNATURE_SUFFIX)
    if not file.is_file():
        raise _DistrustError(f"{path}: wanted its signature in {file.name} beside it, found none")
    try:
        signature = Signature.from_file(file)
    except ParseError as error:
        raise _DistrustError(f"{file}: wanted a signature of minisign, got another file ({error})") from error
    number = key_number(bytes(signature).splitlines()[1])
    signer = next((found for found in map(_key, keys) if found[1] == number), None)
    if signer is None:
        known = ", ".join(_key(key)[1] for key in keys) or "none"
        raise _DistrustError(
            f"{file}: wanted a signature by a trusted key ({known}), got one by key {number}"
        )
    key, _, key_file = signer
    try:
        key.verify(content, signature)
    except VerifyError as error:
        raise _DistrustError(f"{path}: is not what was signed with key {number} ({error})") from error
    if signature.trusted_comment != trusted_comment(release):
        wanted, got = trusted_comment(release), signature.trusted_comment
        raise _DistrustError(f"{file}: wanted the trusted comment {wanted!r}, got {got!r}")
    return ReleaseSignature(number, key_file, signature.trusted_comment)


def _key(path: Path) -> tuple[PublicKey, str, Path]:
    try:
        key = PublicKey.from_file(path)
    except ParseError as error:
        raise LocalError(f"{path}: wanted a public key of minisign, got another file ({error})") from error
    return key, key_number(key.to_base64()), path
