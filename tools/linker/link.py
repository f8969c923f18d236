"""Joins the modules of a program and says where the joined lines come from."""

import ast
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from linker.inline import built_in_names, inline_literals
from linker.native import first_names
from linker.pool import pool_texts
from linker.program import LINKED_NAME, Module, read_program
from linker.rewriting import all_names, kept_sources, rewritten
from linker.unused import without_unused


@dataclass(frozen=True)
class LinkedFirmware:
    """Sources by their path (`linked.py`, `main.py`, `boards/nrf52840.py`); `origin` of the joined lines."""

    sources: dict[str, str]
    origins: list[tuple[int, str]]

    def origin(self, line: int) -> str:
        """Module and line from which a definition around `line` of the joined module comes."""
        return next((place for first, place in reversed(self.origins) if first <= line), "?")


def link(sources: Mapping[str, str], roots: Collection[str]) -> LinkedFirmware:
    """Join what `roots` (names of modules) come to import of `sources` (path such as `dsp/rings.py` -> text).

    Kept as they are: the roots, packages, modules that only a function imports with all that they alone
    need, and modules whose object is used for more than a name in it. LinkError when they cannot be joined.
    """
    modules = read_program(sources, roots)
    written = kept_sources(modules)
    joined = [module for module in modules.values() if module.is_joined]
    pieces = [rewritten(module, modules) for module in joined]
    asked_for = {name for text in written.values() for name in all_names(text)}
    used = without_unused([statement for piece in pieces for statement in piece], asked_for)
    used = inline_literals(used, asked_for)
    kept = {id(statement) for statement in used}
    writer = _Writer()
    writer.add_lines(first_names(used))
    writer.add_outside(joined, modules)
    writer.add_lines(pool_texts(used))
    writer.add_lines([f"{name} = {name}" for name in built_in_names(used)])
    for module, piece in zip(joined, pieces, strict=True):
        writer.add(module, [statement for statement in piece if id(statement) in kept])
    written[f"{LINKED_NAME}.py"] = writer.text()
    return LinkedFirmware(written, writer.origins)


class _Writer:
    """Collects the joined module's text and where each piece of it comes from."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self.origins: list[tuple[int, str]] = []

    def add_outside(self, joined: list[Module], modules: Mapping[str, Module]) -> None:
        """The imports from elsewhere and of modules that stay, each once."""
        lines: dict[str, None] = {}
        for module in joined:
            for statement in module.outside.values():
                if "import const" not in ast.unparse(statement):
                    lines[ast.unparse(statement)] = None
            for own, target in module.objects.items():
                if not modules[target].is_joined:
                    package, _, last = target.rpartition(".")
                    alias = "" if own == last else f" as {own}"
                    lines[f"from {package} import {last}{alias}" if package else f"import {last}{alias}"] = (
                        None
                    )
            for own, (source, there) in module.imports.items():
                if not modules[source].is_joined and there not in modules[source].constants:
                    lines[f"from {source} import {there}" + ("" if own == there else f" as {own}")] = None
        self._lines += lines

    def add_lines(self, lines: list[str]) -> None:
        """Lines that come from no module."""
        self._lines += lines

    def add(self, module: Module, statements: list[ast.stmt]) -> None:
        """The statements of one module."""
        for statement in statements:
            self.origins.append((len(self._lines) + 1, f"{module.path}:{statement.lineno}"))
            self._lines += ast.unparse(ast.fix_missing_locations(statement)).splitlines()

    def text(self) -> str:
        """The joined source."""
        return "\n".join(self._lines) + "\n"
