"""Writes a module's code anew in the names of the joined program."""

import ast
import copy
from collections.abc import Mapping

from linker.program import LINKED_NAME, Module, assigned
from linker.scopes import GlobalNames, LinkError


class _Reader:
    """What stands for a name that a module's code reads."""

    def __init__(self, module: Module, modules: Mapping[str, Module]) -> None:
        self._module = module
        self._modules = modules

    def read(self, name: str) -> ast.expr | None:
        """The number, or the name in the joined module; None: as it is."""
        module = self._module
        if name in module.constants and module.is_joined:
            return ast.Constant(module.constants[name])
        if name in module.imports:
            source, there = module.imports[name]
            if module.is_joined or self._modules[source].is_joined:
                return self.of(source, there)
            return None
        if name in module.own and module.is_joined:
            return ast.Name(module.names[name], ast.Load())
        return None

    def of(self, source: str, name: str) -> ast.expr | None:
        """What stands for a name of another module."""
        target = self._modules[source]
        if name in target.constants:
            return ast.Constant(target.constants[name])
        if target.is_joined and name in target.names:
            return ast.Name(target.names[name], ast.Load())
        if name in target.imports:
            return self.of(*target.imports[name])
        if target.is_joined:
            raise LinkError(f"{self._module.path}: {source} has no name {name}")
        return None

    def look(self, name: str, attribute: str) -> ast.expr | None:
        """What stands for a name of a joined module that is looked into; None: as it is."""
        target = self._module.objects.get(name)
        if target is None or not self._modules[target].is_joined:
            return None
        return self.of(target, attribute)

    def rename(self, name: str) -> str:
        """The new name of one that the module binds."""
        return self._module.names.get(name, name) if self._module.is_joined else name


def rewritten(module: Module, modules: Mapping[str, Module]) -> list[ast.stmt]:
    """The statements of a module without its imports and constants, in the names of the joined module."""
    names = GlobalNames(_Reader(module, modules))
    statements: list[ast.stmt] = []
    for statement in copy.deepcopy(module.tree.body):
        if isinstance(statement, (ast.Import, ast.ImportFrom)) or _is_dropped(statement, module):
            continue
        statements.append(names.visit(statement))
    return statements


def _is_dropped(statement: ast.stmt, module: Module) -> bool:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return True
    names = [name for name, _ in assigned(statement)]
    if "__all__" in names:
        return True
    return module.is_joined and bool(names) and all(name in module.constants for name in names)


def kept_sources(modules: Mapping[str, Module]) -> dict[str, str]:
    """The modules that stay: those with code, and the packages without that are asked for or hold one."""
    kept = [module for module in modules.values() if not module.is_joined]
    asked_for = {name for module in modules.values() for name in module.objects.values()}
    written: dict[str, str] = {}
    for module in kept:
        has_code = not all(_is_dropped(statement, module) for statement in module.tree.body)
        is_package = any(other.name.startswith(module.name + ".") for other in kept)
        if has_code or is_package or module.name in asked_for:
            written[module.path] = _kept(module, modules)
    return written


def all_names(text: str) -> set[str]:
    """Every name, attribute and imported name in a source."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.ImportFrom):
            found.update(alias.name for alias in node.names)
    return found


def _kept(module: Module, modules: Mapping[str, Module]) -> str:
    """Source of a module that stays: it imports from the joined one what went there."""
    reader = _Reader(module, modules)
    imports: list[ast.stmt] = list(module.outside.values())
    wanted: list[ast.alias] = []
    for own, (source, name) in module.imports.items():
        replaced = reader.of(source, name)
        if not modules[source].is_joined:
            imports.append(ast.ImportFrom(source, [ast.alias(name, None if own == name else own)], 0))
        elif isinstance(replaced, ast.Name):
            wanted.append(ast.alias(replaced.id, None))
    for own, name in module.objects.items():
        if not modules[name].is_joined:
            package, _, last = name.rpartition(".")
            alias = ast.alias(last, None if own == last else own)
            imports.append(ast.ImportFrom(package, [alias], 0) if package else ast.Import([alias]))
    looked = _names_looked_into(module, reader)
    wanted += [ast.alias(name, None) for name in sorted(looked - {alias.name for alias in wanted})]
    if wanted:
        imports.append(ast.ImportFrom(LINKED_NAME, wanted, 0))
    tree = ast.Module([*imports, *rewritten(module, modules)], [])
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def _names_looked_into(module: Module, reader: _Reader) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            replaced = reader.look(node.value.id, node.attr)
            if isinstance(replaced, ast.Name):
                found.add(replaced.id)
    return found
