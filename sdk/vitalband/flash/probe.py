"""What a board has, asked at its prompt, and what of it a release cannot do without."""

import ast
from dataclasses import dataclass
from enum import Enum
from typing import Any

from bandwire.frames import VERSION
from vitalband.errors import TransportError
from vitalband.flash.board import Board
from vitalband.release import Release

NATIVE_ARCHITECTURES = (
    "none", "x86", "x64", "armv6", "armv6m", "armv7m", "armv7em", "armv7emsp", "armv7emdp", "xtensa",
    "xtensawin", "rv32imc",
)  # fmt: skip
"""By number, as in py/persistentcode.h of MicroPython 1.25.0; names as `mpy-cross -march` has them."""

NEEDED = (
    "array.array", "binascii.crc32", "binascii.hexlify", "errno.EINVAL", "errno.EIO", "errno.ENODEV",
    "errno.ENOENT", "errno.ENOMEM", "errno.ENOTCONN",
    "framebuf.FrameBuffer", "framebuf.MONO_VLSB", "gc.collect", "gc.mem_free", "gc.threshold",
    "hashlib.sha256", "machine.I2C", "machine.Pin", "machine.UART", "machine.reset",
    "machine.reset_cause", "machine.unique_id", "micropython.const", "micropython.kbd_intr",
    "micropython.opt_level", "os.ilistdir", "os.mkdir", "os.remove", "os.urandom",
    "select.POLLIN", "select.poll", "struct.calcsize", "struct.pack", "struct.pack_into", "struct.unpack",
    "struct.unpack_from", "sys.implementation", "sys.modules", "sys.platform", "time.sleep_ms",
    "time.ticks_add", "time.ticks_diff", "time.ticks_ms",
)  # fmt: skip
"""What the firmware takes from MicroPython's modules, as `module.name`; viper and native code apart."""

_CODE = """
import gc, os, sys
gc.collect()
implementation = sys.implementation
found = {
    "implementation": implementation.name,
    "version": tuple(implementation.version[:3]),
    "machine": getattr(implementation, "_machine", ""),
    "platform": sys.platform,
    "mpy": getattr(implementation, "_mpy", 0),
    "heap_bytes": gc.mem_free() + gc.mem_alloc(),
    "has_viper": True,
    "unique_id": b"",
    "root": "",
    "block_bytes": 0,
    "free_bytes": 0,
    "rom_bytes": 0,
    "frozen_digest": b"",
}
missing = []
for name in NEEDED:
    module, _, attribute = name.partition(".")
    try:
        getattr(__import__(module), attribute)
    except (ImportError, AttributeError):
        missing.append(name)
found["missing"] = tuple(missing)
try:
    exec("import micropython\\n@micropython.viper\\ndef f(x: int) -> int:\\n    return x + 1\\n")
except (SyntaxError, NotImplementedError, ImportError, AttributeError):
    found["has_viper"] = False
try:
    import machine
    found["unique_id"] = bytes(machine.unique_id())
except (ImportError, AttributeError):
    pass
try:
    entry = os.statvfs(os.getcwd())
    found["root"] = os.getcwd()
    found["block_bytes"] = entry[0]
    found["free_bytes"] = entry[0] * entry[3]
except (AttributeError, OSError):
    pass
try:
    import vfs
    device = vfs.rom_ioctl(1) > 0 and vfs.rom_ioctl(2, 0)
    if hasattr(device, "ioctl"):
        found["rom_bytes"] = device.ioctl(4, 0) * device.ioctl(5, 0)
    elif device:
        found["rom_bytes"] = len(device)
except (ImportError, AttributeError, TypeError, OSError):
    pass
path = sys.path[:]
sys.path[:] = [".frozen"]
try:
    from build_info import FIRMWARE_DIGEST
    found["frozen_digest"] = FIRMWARE_DIGEST
except ImportError:
    pass
sys.path[:] = path
print(repr(found))
"""


class Way(Enum):
    """How the firmware lies on a board: in its file system, or in a ROM file system and run in place."""

    FILES = "files"
    ROMFS = "romfs"


@dataclass(frozen=True)
class BoardFacts:
    """What a board is and has.

    `mpy` is `sys.implementation._mpy`; `missing` the names of `NEEDED` that are not there; `root` the folder
    that files go to, "" when there is no file system; `block_bytes` what a file takes at least;
    `rom_bytes` the room for an image of a ROM file system, 0 without one; `frozen_digest` that of a firmware
    which is part of the image itself, or empty.
    """

    implementation: str
    version: tuple[int, ...]
    machine: str
    platform: str
    mpy: int
    heap_bytes: int
    missing: tuple[str, ...]
    has_viper: bool
    unique_id: bytes
    root: str
    block_bytes: int
    free_bytes: int
    rom_bytes: int
    frozen_digest: bytes

    @property
    def mpy_version(self) -> tuple[int, int]:
        """Version and sub-version of the compiled files that it loads."""
        return self.mpy & 0xFF, self.mpy >> 8 & 3

    @property
    def architecture(self) -> str:
        """Of the native code that it loads."""
        number = self.mpy >> 10 & 0x0F
        return NATIVE_ARCHITECTURES[number] if number < len(NATIVE_ARCHITECTURES) else f"number {number}"


def probe(board: Board) -> BoardFacts:
    """Ask a board what it is and has; its prompt must be fresh, or the heap is taken."""
    said = board.run(f"NEEDED = {NEEDED!r}\n{_CODE}")
    try:
        found: dict[str, Any] = ast.literal_eval(said.strip().splitlines()[-1])
        return BoardFacts(**found)
    except (ValueError, SyntaxError, IndexError, TypeError) as error:
        raise TransportError(f"{board.port}: wanted what the board has, got {said!r}") from error


def way_of(facts: BoardFacts, release: Release) -> Way:
    """The ROM file system where there is one with room: what is run from files takes heap for its code."""
    has_room = release.romfs is not None and release.romfs.size_bytes <= facts.rom_bytes
    return Way.ROMFS if has_room else Way.FILES


def wanted_heap_bytes(way: Way, release: Release) -> int:
    """Heap that the firmware wants: what its release says, and its code where that is loaded from files."""
    code_bytes = sum(file.size_bytes for file in release.files) if way is Way.FILES else 0
    return release.heap_bytes + code_bytes


def is_in_image(facts: BoardFacts, release: Release) -> bool:
    """Whether this very firmware is part of the board's image: nothing is to be installed then."""
    return facts.frozen_digest.hex() == release.firmware_digest


def refusals(facts: BoardFacts, release: Release) -> list[str]:
    """What speaks against installing this release, each with what was wanted and what came."""
    wanted_mpy = (release.mpy.version, release.mpy.sub_version)
    is_the_board = facts.platform == release.platform and release.machine.lower() in facts.machine.lower()
    heap_bytes = wanted_heap_bytes(way_of(facts, release), release)
    # The collector's own tables take up to 1/32 of the heap.
    has_heap = facts.heap_bytes >= heap_bytes - heap_bytes // 32
    checks = (
        (release.protocol_version == VERSION,
         f"a release of protocol version {VERSION}, as this SDK speaks it, got {release.protocol_version}"),
        (facts.implementation == "micropython", f"MicroPython, got {facts.implementation}"),
        (is_the_board, f"the board {release.board} ({release.platform}, {release.machine}), "
                       f"got {facts.platform}, {facts.machine}"),
        (facts.mpy_version == wanted_mpy, f"a MicroPython that loads compiled files of version {wanted_mpy}, "
                                          f"got {facts.mpy_version}"),
        (facts.architecture == release.mpy.architecture,
         f"native code of {release.mpy.architecture}, got {facts.architecture}"),
        (facts.has_viper, "viper (@micropython.viper), got a MicroPython without it"),
        (not facts.missing, f"{', '.join(facts.missing)}, got a MicroPython without"),
        (has_heap, f"a heap of {heap_bytes} bytes, got {facts.heap_bytes}: "
                   "less is enough for an image that has the firmware in it"),
        (bool(facts.root), "a file system for what the band keeps, got none"),
        (not facts.frozen_digest, "an image without firmware in it, or with this, got one with firmware "
                                  f"{facts.frozen_digest.hex()[:16]}: replace it by --image"),
    )  # fmt: skip
    return [f"wanted {message}" for is_fit, message in checks if not is_fit]
