"""Writes the frozen content of an image anew, with the joined module's functions and classes in flash.

    python -m flash_objects --micropython DIR --joined linked.py --sources DIR
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

from flash_objects.freezing import FlashObjects, Freezer, teach
from flash_objects.sources import written_to

_FROZEN_MARK = "// Content for MICROPY_MODULE_FROZEN_MPY\n//\n"
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


def frozen_content(
    tool: ModuleType, files: list[str], names_header: str, joined: str, sources: Path
) -> tuple[str, FlashObjects]:
    """Give what mpy-tool writes for these .mpy files, and what of it went to flash."""
    found: list[FlashObjects] = []
    freeze = tool.freeze_mpy

    def freeze_with_objects(known_names: Any, modules: list[Any]) -> None:
        (module,) = (module for module in modules if module.source_file.str == joined)
        found.append(Freezer(tool, module, written_to(sources)).objects)
        teach(tool, module, found[0])
        freeze(known_names, modules)

    tool.__dict__["freeze_mpy"] = freeze_with_objects
    with contextlib.redirect_stdout(io.StringIO()) as written:
        tool.main(["-f", "-q", names_header, *files])
    return written.getvalue(), found[0]


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m flash_objects", description=__doc__)
    parser.add_argument("--micropython", type=Path, required=True)
    parser.add_argument("--joined", required=True)
    parser.add_argument("--sources", type=Path, required=True)
    parser.add_argument("--names", required=True)
    parser.add_argument("--frozen", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    text = options.frozen.read_text(encoding="utf-8")
    before, mark, after = text.partition(_FROZEN_MARK)
    if not mark:
        sys.exit(f"{options.frozen}: wanted frozen byte code, found none")
    tool = mpy_tool(options.micropython)
    written, objects = frozen_content(
        tool, _FROZEN_FILE.findall(after), options.names, options.joined, options.sources
    )
    summary = f"// {objects.summary()}\n"
    options.output.write_text(summary + before + mark + written, encoding="utf-8")
    print(objects.summary())


main()
