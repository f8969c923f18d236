"""The dependency rule, read from the imports, and how long files and functions may be.

bandschema -> bandwire (it generates parts of it)     vitalband -> bandschema, bandwire
firmware   -> bandwire and its own packages           bandsim   -> vitalband, bandschema, bandwire
drivers -> the bus object only   dsp -> nothing   vitals -> dsp, readings   tasks -> all below them
machine, select, time, os, bluetooth: hal only
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

_HOST = frozenset({"bandschema", "bandsim", "vitalband"})
_DEVICE_OUTSIDE = frozenset(
    {"array", "binascii", "errno", "framebuf", "gc", "hashlib", "micropython", "struct", "sys"}
)
_HAL_OUTSIDE = frozenset({"bluetooth", "esp32", "machine", "os", "select", "time", "zephyr"})
_BUILD_OUTSIDE = frozenset({"build_info"})
"""Written by the build of an image, beside main.py."""
_PORT_OUTSIDE = frozenset({"random", "umachine", "uos"})
"""What stands in for a built-in module that a port has not the whole of."""
_SCHEMA_OUTSIDE = frozenset(
    {"collections", "construct", "dataclasses", "enum", "fractions", "functools", "json", "keyword", "numpy",
     "random", "re", "typing"}
)  # fmt: skip
_SIDE_EFFECTS = frozenset({"input", "open", "print"})
_FIRMWARE_PACKAGES = frozenset(
    {"boards", "display", "drivers", "dsp", "hal", "journal", "standard_services", "tasks", "transports",
     "vitals"}
)  # fmt: skip


_LONGEST_FILE_LINES = 400
_LONGEST_FUNCTION_LINES = 60
_GENERATED = '"""GENERATED '
"""How the docstring of a file begins that nobody writes by hand."""


@dataclass(frozen=True)
class Layer:
    """What files below `folder` may import: project packages, and modules from elsewhere.

    `outside` None means any; `denied` are dotted beginnings that are refused all the same.
    """

    folder: str
    project: frozenset[str]
    outside: frozenset[str] | None = None
    denied: tuple[str, ...] = ()
    is_pure: bool = False


def _firmware_modules(files: Mapping[str, str]) -> frozenset[str]:
    """Modules that lie in firmware/ itself, those that join everything left out."""
    names = {Path(name).stem for name in files if Path(name).parent == Path("firmware")}
    return frozenset(names - {"main", "band"})


def _layers(state: frozenset[str]) -> list[Layer]:
    """Every layer, the closest folder first; `state` are the modules that lie in firmware/ itself."""
    below_tasks = {"bandwire", "display", "drivers", "hal", "journal", "standard_services", "tasks", "vitals"}
    everything = _FIRMWARE_PACKAGES | state | {"band", "bandwire"}
    carriers = ("vitalband.transport", "vitalband.client", "vitalband.session", "vitalband.cli")

    def device(folder: str, *project: str, outside: frozenset[str] = frozenset()) -> Layer:
        return Layer(folder, frozenset(project), _DEVICE_OUTSIDE | outside)

    return [
        device("firmware/dsp/", "dsp"),
        device("firmware/drivers/", "drivers"),
        device("firmware/hal/", "hal", outside=_HAL_OUTSIDE),
        device("firmware/boards/", "boards"),
        device("firmware/journal/", "journal", "bandwire"),
        device("firmware/vitals/", "vitals", "dsp", "readings", "bandwire"),
        device("firmware/standard_services/", "standard_services", "bandwire"),
        device("firmware/display/", "display", "bandwire", *state),
        device("firmware/transports/", "transports", "bandwire"),
        device("firmware/tasks/", *below_tasks, *state),
        device("firmware/main.py", *everything, outside=_BUILD_OUTSIDE),
        device("firmware/band.py", *everything),
        device("firmware/ports/cortex_m4/dev/", "main", outside=frozenset({"cortex_m4", "os", "vfs"})),
        device("firmware/ports/", outside=_PORT_OUTSIDE),
        device("firmware/", "bandwire", *state),
        Layer(
            "protocol/bandwire/",
            frozenset({"bandwire"}),
            frozenset({"array", "struct", "binascii", "hashlib", "micropython"}),
            is_pure=True,
        ),
        Layer(
            "protocol/bandschema/strategies.py",
            frozenset({"bandschema"}),
            _SCHEMA_OUTSIDE | {"hypothesis"},
            is_pure=True,
        ),
        Layer("protocol/bandschema/", frozenset({"bandschema", "bandwire"}), _SCHEMA_OUTSIDE, is_pure=True),
        Layer("sdk/vitalband/signal/", _HOST - {"bandsim"} | {"bandwire"}, denied=carriers),
        Layer("sdk/vitalband/alerts/", _HOST - {"bandsim"} | {"bandwire"}, denied=carriers),
        Layer("sdk/vitalband/export/", _HOST - {"bandsim"} | {"bandwire"}, denied=carriers),
        Layer("sdk/vitalband/", _HOST - {"bandsim"} | {"bandwire"}, denied=("hypothesis",)),
        Layer("tools/bandsim/unix_lane/", frozenset()),
        Layer("tools/bandsim/m4_lane/", frozenset({"tasks"})),
        Layer("tools/bandsim/estimate_lane/", frozenset({"bandwire", "dsp", "readings", "vitals"})),
        Layer("tools/bandsim/lane_shims/", frozenset({"main"})),
        Layer("tools/bench/on_band/", frozenset({"main", "bandwire"})),
        Layer("tools/fit/on_band/", frozenset({"dsp"})),
        Layer("tools/bandsim/", _HOST | {"bandwire"}, denied=("hypothesis",)),
        Layer("tools/", _HOST | {"bandwire"}),
    ]


def _is_type_checking(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node that can run; what only type checkers see is left out."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.stmt) and _is_type_checking(node):
            continue
        yield node
        yield from _nodes(node)


def _imports(tree: ast.AST, package: str) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of every import; `from a import b` counts as `a.b`."""
    for node in _nodes(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")
                base = ".".join([*parents[: len(parents) - node.level + 1], *([base] if base else [])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def _module_name(name: str) -> str:
    parts = Path(name).with_suffix("").parts
    start = 2 if name.startswith("tools/bandsim/lane_shims/") else 1
    return ".".join(part for part in parts[start:] if part != "__init__")


def _package_of(name: str) -> str:
    module = _module_name(name)
    return module if name.endswith("/__init__.py") else module.rpartition(".")[0]


def violations(files: Mapping[str, str]) -> list[str]:
    """Every import, and every side effect in a pure layer, that the rule does not allow."""
    state = _firmware_modules(files)
    project = _HOST | _FIRMWARE_PACKAGES | state | {"band", "bandwire", "main"}
    found: list[str] = []
    for name, text in files.items():
        layer = next((layer for layer in _layers(state) if name.startswith(layer.folder)), None)
        if layer is None:
            found.append(f"{name}: lies in no layer")
            continue
        tree = ast.parse(text, name)
        for line, imported in _imports(tree, _package_of(name)):
            top = imported.partition(".")[0]
            allowed = layer.project if top in project else layer.outside
            if (allowed is not None and top not in allowed) or imported.startswith(layer.denied or ("\0",)):
                found.append(f"{name}:{line}: {layer.folder} may not import {imported}")
        found += [f"{name}:{line}: {layer.folder} may not call {call}" for line, call in _calls(layer, tree)]
    return found


def _calls(layer: Layer, tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in _nodes(tree):
        called = node.func if layer.is_pure and isinstance(node, ast.Call) else None
        if isinstance(called, ast.Name) and called.id in _SIDE_EFFECTS:
            yield node.lineno, called.id


def _module_imports(files: Mapping[str, str]) -> dict[str, set[str]]:
    """Module -> modules of the project that it imports while it is being imported itself."""
    modules = {_module_name(name): name for name in files}
    graph: dict[str, set[str]] = {}
    for module, name in modules.items():
        tree = ast.parse(files[name], name)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                node.body = []
        found = {imported for _, imported in _imports(tree, _package_of(name))}
        known = {i if i in modules else i.rpartition(".")[0] for i in found}
        graph[module] = {other for other in known if other in modules and other != module}
    return graph


def cycles(files: Mapping[str, str]) -> list[list[str]]:
    """Circles of imports, each once, as lists of modules."""
    graph = _module_imports(files)
    found: dict[frozenset[str], list[str]] = {}
    done: set[str] = set()

    def visit(module: str, trail: list[str]) -> None:
        if module in trail:
            circle = trail[trail.index(module) :]
            found.setdefault(frozenset(circle), circle)
        elif module not in done:
            for other in sorted(graph[module]):
                visit(other, [*trail, module])
            done.add(module)

    for module in sorted(graph):
        visit(module, [])
    return list(found.values())


def too_long(files: Mapping[str, str]) -> list[str]:
    """Every file that is written by hand, and every function in it, with too many lines."""
    found: list[str] = []
    for name, text in files.items():
        if text.startswith(_GENERATED):
            continue
        if len(text.splitlines()) > _LONGEST_FILE_LINES:
            found.append(name)
        for node in ast.walk(ast.parse(text, name)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                found += [f"{name}: {node.name}"] if lines > _LONGEST_FUNCTION_LINES else []
    return found


def _tree(folders: tuple[str, ...] = ("protocol", "firmware", "sdk", "tools")) -> dict[str, str]:
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def test_every_import_follows_the_dependency_rule() -> None:
    assert violations(_tree()) == []


def test_no_module_imports_itself_by_a_detour() -> None:
    assert cycles(_tree()) == []


def test_every_part_of_the_tree_is_looked_at() -> None:
    seen = {name.split("/")[0] + "/" + name.split("/")[1] for name in _tree()}
    assert {"protocol/bandwire", "protocol/bandschema", "firmware/dsp", "firmware/tasks", "sdk/vitalband",
            "tools/bandsim", "tools/generate.py"} <= seen  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("firmware/tasks/link.py", "import machine"),
        ("firmware/tasks/link.py", "from time import sleep_ms"),
        ("firmware/main.py", "import os"),
        ("firmware/readings.py", "import select"),
        ("firmware/transports/ble.py", "import bluetooth"),
        ("firmware/standard_services/values.py", "from vitals import heart"),
        ("firmware/dsp/beats.py", "from bandwire.frames import NO_VALUE"),
        ("firmware/dsp/beats.py", "from vitals import heart"),
        ("firmware/drivers/tmp117.py", "from hal.bus import Bus"),
        ("firmware/drivers/tmp117.py", "from bandwire import frames"),
        ("firmware/vitals/heart.py", "from tasks import sampling"),
        ("firmware/vitals/heart.py", "def late():\n    from drivers import tmp117"),
        ("firmware/tasks/link.py", "from bandschema import frames"),
        ("firmware/hal/clock.py", "from tasks import link"),
        ("firmware/hal/clock.py", "import threading"),
        ("firmware/consent.py", "from tasks import link"),
        ("firmware/display/pages.py", "import dataclasses"),
        ("protocol/bandwire/link.py", "import time"),
        ("protocol/bandwire/link.py", "from collections.abc import Callable"),
        ("protocol/bandwire/link.py", "from bandschema.frames import FRAMES"),
        ("protocol/bandwire/link.py", "print('up')"),
        ("protocol/bandschema/codec.py", "import os"),
        ("protocol/bandschema/codec.py", "import socket"),
        ("protocol/bandschema/codec.py", "import hypothesis"),
        ("protocol/bandschema/codec.py", "import vitalband"),
        ("protocol/bandschema/codec.py", "text = open('frames.py').read()"),
        ("sdk/vitalband/client.py", "import bandsim"),
        ("sdk/vitalband/client.py", "from bandsim.transport import open_transport"),
        ("sdk/vitalband/client.py", "from hal import clock"),
        ("sdk/vitalband/client.py", "from hypothesis import given"),
        ("sdk/vitalband/alerts/news2.py", "from vitalband.transport import open_transport"),
        ("sdk/vitalband/alerts/news2.py", "from ..transport import open_transport"),
        ("sdk/vitalband/alerts/news2.py", "from vitalband import session"),
        ("tools/bandsim/chips/tmp117.py", "from drivers import tmp117"),
        ("tools/bandsim/lane_shims/machine.py", "import bandsim"),
        ("tools/bench/wire.py", "from dsp import fixed"),
        ("docs/example.py", "import vitalband"),
    ],
)
def test_an_import_against_the_rule_is_caught(name: str, text: str) -> None:
    state = {"firmware/readings.py": "", "firmware/consent.py": "", "firmware/main.py": ""}
    found = violations({**state, name: text})
    assert len(found) == 1
    assert found[0].startswith(name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("firmware/hal/bus.py", "from machine import I2C, Pin"),
        (
            "firmware/tasks/link.py",
            "from hal.clock import Clock\nimport bandwire.link\nimport consent",
        ),
        ("firmware/vitals/heart.py", "import readings\nfrom dsp import beats\nfrom array import array"),
        ("firmware/main.py", "from boards import virtual\nfrom tasks import link\nimport micropython"),
        ("protocol/bandwire/link.py", "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    from typing import Any"),
        ("protocol/bandschema/strategies.py", "from hypothesis import strategies"),
        (
            "sdk/vitalband/session.py",
            "from . import transport\nimport bandwire.link\nimport asyncio",
        ),
        ("tools/bandsim/bus.py", "from .chips import tmp117\nfrom vitalband.errors import LocalError"),
    ],
)
def test_an_import_that_follows_the_rule_is_allowed(name: str, text: str) -> None:
    state = {"firmware/readings.py": "", "firmware/consent.py": ""}
    assert violations({**state, name: text}) == []


def test_a_circle_of_imports_is_caught() -> None:
    files = {
        "sdk/vitalband/a.py": "from vitalband.b import x",
        "sdk/vitalband/b.py": "from vitalband import c",
        "sdk/vitalband/c.py": "import vitalband.a",
        "sdk/vitalband/d.py": "def late():\n    import vitalband.e",
        "sdk/vitalband/e.py": "import vitalband.d",
    }
    assert cycles(files) == [["vitalband.a", "vitalband.b", "vitalband.c"]]


def test_no_file_and_no_function_is_too_long() -> None:
    assert too_long(_tree() | _tree(("tests",))) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("x = 1\n" * 400, []),
        ("x = 1\n" * 401, ["sdk/a.py"]),
        ('"""GENERATED from a table: do not edit."""\n' + "x = 1\n" * 400, []),
        ("def f():\n" + "    x = 1\n" * 59, []),
        ("class A:\n    async def f(self):\n" + "        x = 1\n" * 60, ["sdk/a.py: f"]),
    ],
)
def test_what_is_too_long_is_caught_where_it_is_written_by_hand(text: str, found: list[str]) -> None:
    assert too_long({"sdk/a.py": text}) == found
