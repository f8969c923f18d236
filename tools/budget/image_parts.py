"""What the modules of the firmware take of an image's flash, by the names of its symbols."""

import subprocess
from collections import Counter
from pathlib import Path

NM = "arm-none-eabi-nm"
_TIMEOUT_S = 30
_FLASH_KINDS = frozenset("tTrR")
_C = "MicroPython and the port, in C"
_SHARED = "names of all frozen modules"
_SHARED_SYMBOLS = ("mp_qstr_frozen", "mp_frozen")
_KINDS_OF_SYMBOL = (
    "fun_data_", "proto_fun_", "raw_code_", "children_", "const_obj_table_data_", "const_qstr_table_data_",
    "const_obj_", "frozen_module_",
)  # fmt: skip


def flash_of_modules(image: Path, modules: list[str]) -> Counter[str]:
    """Give the bytes of flash of each module (`dsp/spectrum`) and of what is none."""
    done = subprocess.run(
        [NM, "--print-size", str(image)], capture_output=True, text=True, timeout=_TIMEOUT_S, check=True
    )
    # The longest name first: `display_canvas_` begins as `display_` does.
    names = sorted(((name.replace("/", "_"), name) for name in modules), key=lambda pair: -len(pair[0]))
    sizes: Counter[str] = Counter()
    for line in done.stdout.splitlines():
        words = line.split()
        if len(words) == 4 and words[2] in _FLASH_KINDS:
            sizes[_owner(words[3], names)] += int(words[1], 16)
    return sizes


def stack_bytes(image: Path) -> int:
    """Give what the image reserves for the stack."""
    done = subprocess.run([NM, str(image)], capture_output=True, text=True, timeout=_TIMEOUT_S, check=True)
    places = {line.split()[-1]: line.split()[0] for line in done.stdout.splitlines()}
    return int(places["image_stack_top"], 16) - int(places["image_stack_limit"], 16)


def _owner(symbol: str, names: list[tuple[str, str]]) -> str:
    if symbol.startswith(_SHARED_SYMBOLS):
        return _SHARED
    for kind in _KINDS_OF_SYMBOL:
        if symbol.startswith(kind):
            rest = symbol[len(kind) :]
            for escaped, name in names:
                if rest == escaped or rest.startswith(escaped + "_"):
                    return name
    return _C
