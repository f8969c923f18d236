"""Writes the frozen content of an image anew, with functions, classes and names of its modules in flash.

    python -m flash_objects --micropython DIR --sources DIR [DIR...]
        --names genhdr/qstrdefs.preprocessed.h --frozen frozen_content.c --output flash_content.c

`--frozen` is what MicroPython's own build has written: it says which files, and in which order. `--sources`:
the Python files that were compiled, which tell what classes code writes to.
"""

import argparse
import contextlib
import importlib.util
import io
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from flash_objects.emit import module_name
from flash_objects.freezing import Freezer, summary, teach
from flash_objects.sources import written_to

_FROZEN_MARK = "// Content for MICROPY_MODULE_FROZEN_MPY\n//\n"
_BUILT_IN = re.compile(r"\{ MP_ROM_QSTR\(MP_QSTR_(\w+)\), (MP_ROM_PTR\(&\w+\)) \}")
_FROZEN_FILE = re.compile("^// - original source file: (.+)$", re.MULTILINE)


def mpy_tool(micropython_dir: Path) -> ModuleType:
    """Load `mpy-tool.py` of MicroPython's source."""
    path = micropython_dir / "tools" / "mpy-tool.py"
    sys.path.append(str(micropython_dir / "py"))
    spec = importlib.util.spec_from_file_location("mpy_tool", path)
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool


def built_ins_of(micropython_dir: Path) -> dict[str, str]:
    """Read the C of each built-in name from MicroPython's own table of them."""
    source = (micropython_dir / "py" / "modbuiltins.c").read_text(encoding="utf-8")
    return dict(_BUILT_IN.findall(source))


def frozen_content(
    tool: ModuleType,
    files: list[str],
    names_header: str,
    attributes: set[tuple[str, str]],
    built_ins: dict[str, str],
) -> tuple[str, str]:
    """Give what mpy-tool writes for these .mpy files, and a line on what of it went to flash."""
    said: list[str] = []
    freeze = tool.freeze_mpy

    def freeze_with_objects(known_names: Any, modules: list[Any]) -> None:
        for module in modules:
            name = module_name(module.source_file.str)
            if tool.global_qstrs.find_by_str(name) is None:
                tool.global_qstrs.add(name)
        found = [Freezer(tool, module, attributes, built_ins).objects for module in modules]
        teach(tool, modules, found, built_ins)
        said.append(summary(found))
        freeze(known_names, modules)

    tool.__dict__["freeze_mpy"] = freeze_with_objects
    with contextlib.redirect_stdout(io.StringIO()) as written:
        tool.main(["-f", "-q", names_header, *files])
    return written.getvalue(), said[0]


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m flash_objects", description=__doc__)
    parser.add_argument("--micropython", type=Path, required=True)
    parser.add_argument("--sources", type=Path, nargs="+", required=True)
    parser.add_argument("--names", required=True)
    parser.add_argument("--frozen", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    text = options.frozen.read_text(encoding="utf-8")
    before, mark, after = text.partition(_FROZEN_MARK)
    if not mark:
        sys.exit(f"{options.frozen}: wanted frozen byte code, found none")
    attributes = {name for folder in options.sources for name in written_to(folder)}
    written, said = frozen_content(
        mpy_tool(options.micropython),
        _FROZEN_FILE.findall(after),
        options.names,
        attributes,
        built_ins_of(options.micropython),
    )
    options.output.write_text(f"// {said}\n{before}{mark}{written}", encoding="utf-8")
    print(said)


if __name__ == "__main__":
    main()
