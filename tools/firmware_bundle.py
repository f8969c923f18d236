"""Compiles the firmware into a release of a board: `make bundle BOARD=esp32s3 PROFILE=dev`.

Below `dist/` it makes a folder with `release.json` (read by `vitalband flash` and `vitalband info --verify`),
the compiled files that a prompt can install (`files/`, and the same as an image of a ROM file system), and
`frozen/`, the manifest and the sources that the build of a whole image freezes in. A product has no prompt
to install files by: its release has digests and versions only. Same files in, same bytes out. With a key the
release is signed (`sign_release`).
"""

import argparse
import os
import runpy
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from mpremote.romfs import VfsRomWriter

import firmware_image
import micropython_source
from bandwire.frames import VERSION
from linker.firmware import link_firmware, write_linked
from linker.pool import OBJECTS_MAX
from micropython_source import BuildError
from sign_release import sign_release
from vitalband.errors import LocalError
from vitalband.release import PROFILES, MpyFormat, Release, ReleaseFile, write_release

RELEASE_NAME = "release.json"
ROMFS_NAME = "firmware.romfs"
FROZEN_MANIFEST = """# Made by `make bundle`, for MicroPython's `FROZEN_MANIFEST`: what an image has.
freeze("modules")
"""

_COMPILE_TIMEOUT_S = 60


@dataclass(frozen=True)
class Target:
    """What a board runs: the architecture of its native code, and what MicroPython calls port and chip."""

    architecture: str
    platform: str
    machine: str
    boards: tuple[str, ...] = ()
    """Profiles beside that of its own name."""


TARGETS = {
    "esp32s3": Target("xtensawin", "esp32", "ESP32S3"),
    "nrf52840": Target("armv7emsp", "zephyr", "nrf52840"),
    "virtual": Target("armv7emsp", "cortex_m4", "Cortex-M4F", ("virtual_phone_rgb",)),
}
"""By board profile. Architectures as `mpy-cross -march` names them; the Cortex-M4F has single floats only."""


_ROOM = ("-X", "heapsize=8M")
"""Above the 2 MB that the compiler has by itself, which the joined module takes more than."""

_OVERFLOW = (
    f" (more than {OBJECTS_MAX} constant objects, if it is the joined module: native code does not reach its "
    "table of functions behind them; tools/linker/pool.py says what counts)"
)


def compile_file(compiler: Path, architecture: str, source: Path, name: str) -> bytes:
    """The compiled file of one source file; `name` is how tracebacks call it."""
    with tempfile.TemporaryDirectory() as folder:
        compiled = Path(folder) / "compiled.mpy"
        command = [str(compiler), *_ROOM, f"-march={architecture}", "-s", name, "-o", str(compiled)]
        command.append(str(source))
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=_COMPILE_TIMEOUT_S,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        # It says on the output alone that a branch does not reach, and ends as if it did.
        if done.returncode or done.stdout:
            said = done.stderr.strip() or done.stdout.strip()
            raise BuildError(f"{name} for {architecture}: {said}{_OVERFLOW * ('asm overflow' in said)}")
        return compiled.read_bytes()


def romfs_image(files: dict[str, bytes]) -> bytes:
    """The files as an image of MicroPython's ROM file system."""
    writer = VfsRomWriter()
    _write_folder(writer, files)
    return bytes(writer.finalise())


def build_bundle(
    board: str, profile: str, output: Path, *, root: Path = firmware_image.ROOT, cache_dir: Path | None = None
) -> Release:
    """Make the release of a board in the folder `output`, made anew; raises BuildError."""
    target = TARGETS[board]
    shutil.rmtree(output, ignore_errors=True)
    sources = _write_frozen(output / "frozen", root, (board, *target.boards), profile)
    compiler, _ = firmware_image.build_mpy_cross(cache_dir or root / ".cache" / "micropython")
    compiled = _compile_all(compiler, target.architecture, sources)
    romfs = romfs_image(compiled)
    release = _release(board, profile, output, root, compiled, romfs)
    if release.files:
        for path, content in compiled.items():
            file = output / "files" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        (output / ROMFS_NAME).write_bytes(romfs)
    write_release(release, output / RELEASE_NAME)
    return release


def _write_frozen(folder: Path, root: Path, boards: tuple[str, ...], profile: str) -> dict[str, Path]:
    """Write what is compiled, and its manifest; gives path on the band -> file."""
    modules = folder / "modules"
    linked = link_firmware(root, boards)
    write_linked(linked, modules)
    (modules / "build_info.py").write_text(firmware_image.build_info(root, profile), encoding="utf-8")
    (folder / "manifest.py").write_text(FROZEN_MANIFEST, encoding="utf-8")
    return {path: modules / path for path in (*linked.sources, "build_info.py")}


def _release(
    board: str, profile: str, folder: Path, root: Path, compiled: dict[str, bytes], romfs: bytes
) -> Release:
    facts = runpy.run_path(str(root / "firmware" / "boards" / f"{board}.py"))
    version = runpy.run_path(str(root / "firmware" / "version.py"))["FIRMWARE_VERSION"]
    has_files = profile != "product"
    return Release(
        folder=folder,
        board=board,
        model=facts["MODEL"].decode(),
        hardware=facts["HARDWARE"].decode(),
        profile=profile,
        platform=TARGETS[board].platform,
        machine=TARGETS[board].machine,
        firmware=".".join(str(number) for number in version),
        firmware_digest=firmware_image.checkout_digest(root).hex(),
        protocol_version=VERSION,
        micropython=micropython_source.VERSION,
        mpy=_mpy_format(compiled.values(), TARGETS[board].architecture),
        heap_bytes=facts["INSTALLED_HEAP_BYTES" if has_files else "PORT_HEAP_BYTES"],
        files=tuple(_listed(path, content) for path, content in compiled.items()) if has_files else (),
        romfs=_listed(ROMFS_NAME, romfs) if has_files else None,
    )


def _listed(path: str, content: bytes) -> ReleaseFile:
    return ReleaseFile(path, len(content), sha256(content).hexdigest())


def _mpy_format(contents: Iterable[bytes], architecture: str) -> MpyFormat:
    # The second and third byte of a file, as py/persistentcode.h of MicroPython has them: one without native
    # code names no sub-version.
    heads = [content[1:3] for content in contents]
    return MpyFormat(heads[0][0], max(head[1] & 3 for head in heads), architecture)


def _compile_all(compiler: Path, architecture: str, sources: dict[str, Path]) -> dict[str, bytes]:
    """Path on the band -> compiled content, in the order of the paths."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        contents = pool.map(lambda name: compile_file(compiler, architecture, sources[name], name), sources)
        names = (name.removesuffix(".py") + ".mpy" for name in sources)
        return dict(sorted(zip(names, contents, strict=True)))


def _write_folder(writer: VfsRomWriter, files: dict[str, bytes]) -> None:
    inner: dict[str, dict[str, bytes]] = {}
    for path, content in files.items():
        top, _, rest = path.partition("/")
        if rest:
            inner.setdefault(top, {})[rest] = content
        else:
            writer.mkfile(top, content)
    for name, content in inner.items():
        writer.opendir(name)
        _write_folder(writer, content)
        writer.closedir()


def main() -> int:
    """Make the releases that are asked for, and say what they are."""
    parser = argparse.ArgumentParser(description="Compile the firmware into a release of a board.")
    parser.add_argument("--board", choices=sorted(TARGETS), action="append", help="default: every board")
    parser.add_argument("--profile", choices=PROFILES, default="dev")
    parser.add_argument("--output", type=Path, default=firmware_image.ROOT / "dist")
    parser.add_argument("--key", type=Path, help="sign with this secret key of minisign; default: unsigned")
    options = parser.parse_args()
    try:
        for board in options.board or sorted(TARGETS):
            folder = options.output / f"{board}-{options.profile}"
            release = build_bundle(board, options.profile, folder)
            total = sum(file.size_bytes for file in release.files)
            print(f"{folder / RELEASE_NAME}: firmware {release.firmware}, {len(release.files)} files, "
                  f"{total} bytes, digest {release.firmware_digest[:16]}")  # fmt: skip
            signed = (
                "UNSIGNED"
                if options.key is None
                else (f"signed with key {sign_release(folder / RELEASE_NAME, options.key)}")
            )
            print(f"  {signed}")
    except (BuildError, LocalError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
