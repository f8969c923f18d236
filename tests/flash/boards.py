"""Small releases for the emulated board, which starts in a moment and says what it ran."""

from dataclasses import replace
from pathlib import Path

from bandwire.frames import VERSION
from firmware_bundle import RELEASE_NAME, TARGETS, compile_file, romfs_image
from flash.releases import a_release, listed
from m4.tool_chain import need_mpy_cross
from vitalband.release import MpyFormat, Release, write_release

MAIN = "from tasks.part import TEXT\n\n\ndef run(board):\n    print('firmware', TEXT, 'runs on', board)\n"
PART = """import micropython


@micropython.viper
def twice(x: int) -> int:
    return x * 2


TEXT = "{text}"
"""


def small_release(
    folder: Path, text: str = "one", *, has_rom: bool = False, padding_bytes: int = 0
) -> Release:
    """A release of three files for the emulated board, whose firmware says `text`."""
    folder.mkdir(parents=True, exist_ok=True)
    compiler, _ = need_mpy_cross()
    target = TARGETS["virtual"]
    sources = {"main.py": MAIN, "tasks/__init__.py": "", "tasks/part.py": PART.replace("{text}", text)}
    contents: dict[str, bytes] = {}
    for name, source in sources.items():
        (folder / "source.py").write_text(source)
        contents[name.replace(".py", ".mpy")] = compile_file(
            compiler, target.architecture, folder / "source.py", name
        )
    if padding_bytes:
        contents["padding.mpy"] = bytes(padding_bytes)
    for path, content in contents.items():
        (folder / "files" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "files" / path).write_bytes(content)
    image = romfs_image(contents)
    (folder / "firmware.romfs").write_bytes(image)
    release = replace(
        a_release(folder),
        board="virtual", platform=target.platform, machine=target.machine, protocol_version=VERSION,
        mpy=MpyFormat(6, 3, target.architecture), heap_bytes=64 * 1024,
        files=tuple(listed(path, content) for path, content in sorted(contents.items())),
        romfs=listed("firmware.romfs", image) if has_rom else None,
    )  # fmt: skip
    write_release(release, folder / RELEASE_NAME)
    return release
