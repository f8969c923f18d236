"""What the modules of the firmware take of an image's flash, by the names of its symbols."""

import ast
import re
import subprocess
from bisect import bisect_right
from collections import Counter
from pathlib import Path

NM = "arm-none-eabi-nm"
_TIMEOUT_S = 30
_FLASH_KINDS = frozenset("tTrR")
_C = "MicroPython and the port, in C"
_NAMES = "names of all frozen modules"
_NAME_SYMBOLS = ("mp_qstr_frozen", "mp_frozen", "flash_names_")
_CONSTANTS = "constants of the joined module"
_FROZEN = re.compile(
    "(?:fun_data|proto_fun|raw_code|children|const_obj_table_data|const_qstr_table_data|const_obj"
    "|frozen_module|flash_(?:fun|type|property|tuple))_(.+)"
)
_VIPER = re.compile("dot_py([0-9]*)$")
"""Viper functions have no name of their own there, but their number in the file, the first none."""


class FrozenModules:
    """Whose a symbol is: of modules frozen by themselves, and of those joined into one."""

    def __init__(self, build_dir: Path, joined_file: Path) -> None:
        frozen_dir = build_dir / "frozen_mpy"
        modules = [path.relative_to(frozen_dir).with_suffix("") for path in frozen_dir.rglob("*.mpy")]
        # The longest name first: `display_canvas_` begins as `display_` does.
        self._alone = sorted(((path.as_posix().replace("/", "_"), path.as_posix()) for path in modules),
                             key=lambda pair: -len(pair[0]))  # fmt: skip
        self._joined = joined_file.stem
        self._owners: dict[str, str] = {}
        self._vipers: list[str] = []
        self._read_joined(joined_file)

    def owner(self, symbol: str) -> str:
        """Give the module of a symbol, or what else it is of."""
        if symbol.startswith(_NAME_SYMBOLS):
            return _NAMES
        match = _FROZEN.fullmatch(symbol)
        if match is None:
            return _C
        for escaped, name in self._alone:
            if match[1] == escaped or match[1].startswith(escaped + "_"):
                return self._joined_owner(match[1]) if name == self._joined else name
        return _C

    def _joined_owner(self, name: str) -> str:
        viper = _VIPER.search(name)
        if viper is not None:
            return self._vipers[int(viper[1] or 1) - 1]
        rest = name.removeprefix(self._joined + "_")
        words = rest.split("_")
        for count in range(len(words), 0, -1):
            found = self._owners.get("_".join(words[:count]))
            if found is not None:
                return found
        return _CONSTANTS

    def _read_joined(self, file: Path) -> None:
        origins = [line.split() for line in file.with_suffix(".origins").read_text().splitlines()]
        first_lines = [int(words[0]) for words in origins]

        def module_of(line: int) -> str:
            place = origins[max(bisect_right(first_lines, line) - 1, 0)][1]
            return place.rpartition(":")[0].removesuffix(".py")

        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                self._owners[node.name] = module_of(node.lineno)
                if "micropython.viper" in map(ast.unparse, node.decorator_list):
                    self._vipers.append(module_of(node.lineno))


def flash_of_modules(image: Path) -> Counter[str]:
    """Give the bytes of flash of each module (`dsp/spectrum`) and of what is none."""
    frozen = FrozenModules(image.parent / "build", image.parent / "generated" / "linked" / "linked.py")
    sizes: Counter[str] = Counter()
    for words in _symbols(image, "--print-size"):
        if len(words) == 4 and words[2] in _FLASH_KINDS:
            sizes[frozen.owner(words[3])] += int(words[1], 16)
    return sizes


def stack_bytes(image: Path) -> int:
    """Give what the image reserves for the stack."""
    places = symbols_of(image)
    return places["image_stack_top"] - places["image_stack_limit"]


def symbols_of(image: Path) -> dict[str, int]:
    """Give the place of each symbol."""
    return {words[-1]: int(words[0], 16) for words in _symbols(image) if len(words) > 2}


def _symbols(image: Path, *options: str) -> list[list[str]]:
    done = subprocess.run(
        [NM, *options, str(image)], capture_output=True, text=True, timeout=_TIMEOUT_S, check=True
    )
    return [line.split() for line in done.stdout.splitlines()]
