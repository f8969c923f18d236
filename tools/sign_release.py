"""Signs a release with a key of minisign: `make sign RELEASE=dist/esp32s3-dev/release.json KEY=PATH`.

With `--image` a whole image that was built of the release is listed first, with its digest, and copied beside
it: what a boot loader writes is then signed too. The key is given by path and never lies in the repository;
its password is asked for. The same release and key give the same signature.
"""

import argparse
import getpass
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from minisign import Error, SecretKey

from vitalband.errors import LocalError
from vitalband.release import Release, ReleaseFile, read_release, trusted_comment, write_release
from vitalband.signing import SIGNATURE_SUFFIX, key_number

ROOT = Path(__file__).resolve().parents[1]


def sign_release(path: Path, key_file: Path, images: Sequence[Path] = ()) -> str:
    """List images, write the release anew and sign it; gives the key's number. Raises LocalError."""
    key = _read_key(key_file)
    release = _with_images(read_release(path), images)
    for file in (*release.files, *([release.romfs] if release.romfs else []), *release.images):
        release.content(file)
    write_release(release, path)
    signature = key.sign(path.read_bytes(), trusted_comment=trusted_comment(release))
    path.with_name(path.name + SIGNATURE_SUFFIX).write_bytes(bytes(signature) + b"\n")
    return key_number(bytes(signature).splitlines()[1])


def _read_key(path: Path) -> SecretKey:
    if path.resolve().is_relative_to(ROOT):
        raise LocalError(f"{path}: wanted a key outside the repository, got one that may be committed")
    try:
        key = SecretKey.from_file(path)
        if key.is_encrypted():
            key.decrypt(getpass.getpass(f"Password of {path}: "))
    except Error as error:
        raise LocalError(f"{path}: wanted a secret key of minisign and its password: {error}") from error
    return key


def _with_images(release: Release, images: Sequence[Path]) -> Release:
    if not images:
        return release
    listed: list[ReleaseFile] = []
    for image in images:
        content = image.read_bytes()
        listed.append(ReleaseFile(image.name, len(content), sha256(content).hexdigest()))
        copy = release.folder / image.name
        if image.resolve() != copy.resolve():
            shutil.copyfile(image, copy)
    return replace(release, images=tuple(listed))


def main() -> int:
    """Sign the release that is named, and say by which key."""
    parser = argparse.ArgumentParser(description="Sign a release of the firmware.")
    parser.add_argument("release", type=Path)
    parser.add_argument("--key", type=Path, required=True, help="secret key, as `minisign -G` makes it")
    parser.add_argument(
        "--image", type=Path, action="append", default=[], help="an image built of the release"
    )
    options = parser.parse_args()
    try:
        number = sign_release(options.release, options.key, options.image)
    except (LocalError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{options.release}: signed with key {number}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
