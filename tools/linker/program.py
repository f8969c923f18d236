"""Reads a program's modules: what each imports and defines, which are joined, and under what names."""

import ast
import builtins
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from linker.constants import ForTheTarget, whole_number
from linker.scopes import LinkError, stored_names

LINKED_NAME = "linked"
"""Name of the joined module."""


@dataclass
class Module:
    name: str
    path: str
    tree: ast.Module
    is_joined: bool = True
    imports: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    """Own name -> module and name there, of the program's modules."""
    objects: dict[str, str] = field(default_factory=dict[str, str])
    """Own name -> module of the program that it stands for."""
    outside: dict[str, ast.stmt] = field(default_factory=dict[str, ast.stmt])
    """Own name -> the import from elsewhere."""
    constants: dict[str, int] = field(default_factory=dict[str, int])
    own: set[str] = field(default_factory=set[str])
    names: dict[str, str] = field(default_factory=dict[str, str])
    """Own name -> name in the joined module."""


def read_program(sources: Mapping[str, str], roots: Collection[str]) -> dict[str, Module]:
    """The modules of `sources` (path -> text) that `roots` come to import, each after those that it imports.

    Which are joined is settled, their constants found, and a name chosen for all else that they define.
    """
    parsed = [Module(_module_name(path), path, _parse(path, text)) for path, text in sources.items()]
    modules = _reached({module.name: module for module in parsed}, roots)
    for module in modules.values():
        _read_imports(module, modules)
    _choose(modules, roots)
    modules = {name: modules[name] for name in _order(modules)}
    for module in modules.values():
        _find_constants(module, modules)
    _choose_names([module for module in modules.values() if module.is_joined])
    return modules


def _module_name(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _parse(path: str, text: str) -> ast.Module:
    tree = ForTheTarget().visit(ast.parse(text, path))
    assert isinstance(tree, ast.Module)
    return tree


def _reached(modules: Mapping[str, Module], roots: Collection[str]) -> dict[str, Module]:
    """The modules that the roots come to import, and the packages that those lie in."""
    missing = [name for name in roots if name not in modules]
    if missing:
        raise LinkError(f"wanted the modules {', '.join(missing)} among the sources, found none")
    reached: dict[str, Module] = {}
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name in reached or name not in modules:
            continue
        reached[name] = modules[name]
        waiting.append(name.rpartition(".")[0])
        for node in ast.walk(modules[name].tree):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                waiting += _named(node)
    return reached


def _read_imports(module: Module, modules: Mapping[str, Module]) -> None:
    for statement in module.tree.body:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                own = alias.asname or alias.name
                if alias.name in modules:
                    module.objects[own] = alias.name
                else:
                    module.outside[own] = ast.Import([alias])
        elif isinstance(statement, ast.ImportFrom):
            _read_names(module, statement, modules)
        else:
            module.own |= stored_names([statement])


def _read_names(module: Module, statement: ast.ImportFrom, modules: Mapping[str, Module]) -> None:
    source = statement.module or ""
    for alias in statement.names:
        own = alias.asname or alias.name
        if f"{source}.{alias.name}" in modules:
            module.objects[own] = f"{source}.{alias.name}"
        elif source in modules:
            module.imports[own] = (source, alias.name)
        else:
            module.outside[own] = ast.ImportFrom(source, [alias], 0)


def _choose(modules: Mapping[str, Module], roots: Collection[str]) -> None:
    """Settle which modules are joined: what is imported late comes late, with all that only it needs."""
    early = _imported_at_start(modules, roots)
    for module in modules.values():
        if module.path.endswith("__init__.py") or module.name in roots or module.name not in early:
            module.is_joined = False
        for node in ast.walk(module.tree):
            if isinstance(node, (ast.Import, ast.ImportFrom)) and node not in module.tree.body:
                for name in _named(node):
                    if name in modules:
                        modules[name].is_joined = False
        for own, target in module.objects.items():
            if not _is_only_looked_into(module, own):
                modules[target].is_joined = False
    for module in modules.values():
        if not module.is_joined:
            _keep_what_it_stands_on(module, modules)


def _imported_at_start(modules: Mapping[str, Module], roots: Collection[str]) -> set[str]:
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            module = modules[name]
            waiting += [source for source, _ in module.imports.values()] + list(module.objects.values())
    return found


def _named(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]


def _is_only_looked_into(module: Module, own: str) -> bool:
    looked = sum(
        isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == own
        for node in ast.walk(module.tree)
    )
    used = sum(isinstance(node, ast.Name) and node.id == own for node in ast.walk(module.tree))
    return looked == used


def _keep_what_it_stands_on(module: Module, modules: Mapping[str, Module]) -> None:
    """A board that takes its pins from another board imports from a module that is kept too."""
    for source in {source for source, _ in module.imports.values()}:
        if source.startswith("boards.") and modules[source].is_joined:
            modules[source].is_joined = False
            _keep_what_it_stands_on(modules[source], modules)


def _order(modules: Mapping[str, Module]) -> list[str]:
    """Every module after those that it imports."""
    done: list[str] = []
    open_names: list[str] = []

    def visit(name: str) -> None:
        if name in done:
            return
        if name in open_names:
            raise LinkError(f"modules import each other in a circle: {' -> '.join([*open_names, name])}")
        open_names.append(name)
        module = modules[name]
        for target in [*(source for source, _ in module.imports.values()), *module.objects.values()]:
            visit(target)
        open_names.pop()
        done.append(name)

    for name in sorted(modules):
        visit(name)
    return done


def _find_constants(module: Module, modules: Mapping[str, Module]) -> None:
    known = {own: modules[source].constants[name] for own, (source, name) in module.imports.items()
             if name in modules[source].constants}  # fmt: skip
    bindings = Counter(
        node.id for node in ast.walk(module.tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del))
    )  # fmt: skip
    written = {name for node in ast.walk(module.tree) if isinstance(node, ast.Global) for name in node.names}
    for statement in module.tree.body:
        for name, value in assigned(statement):
            number = whole_number(value, known)
            # A name bound once in all the module's code, whatever the scope: that is surely a constant.
            if number is not None and bindings[name] == 1 and name not in written:
                known[name] = module.constants[name] = number


def assigned(statement: ast.stmt) -> list[tuple[str, ast.expr]]:
    """Name and value of an assignment to one name; nothing for any other statement."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        if isinstance(target, ast.Name):
            return [(target.id, statement.value)]
    return []


def _outside_names(joined: list[Module]) -> dict[str, str]:
    """Names that come from elsewhere, and how; LinkError when one name stands for two things."""
    found: dict[str, str] = {}
    for module in joined:
        for own, statement in module.outside.items():
            said = ast.unparse(statement)
            if found.setdefault(own, said) != said:
                raise LinkError(f"{module.path}: {own} is {said!r}, and {found[own]!r} in another module")
    return found


def _choose_names(joined: list[Module]) -> None:
    """Give each name of the joined modules one that no other has, and that hides no built-in from another."""
    taken = {*_outside_names(joined), *dir(builtins)}
    for module in joined:
        for own in sorted(module.own - module.constants.keys()):
            chosen = own
            if chosen in taken:
                chosen = f"{own}_{module.name.replace('.', '_')}"
            if chosen in taken:
                raise LinkError(f"{module.path}: the name {chosen} is taken in the joined module")
            taken.add(chosen)
            module.names[own] = chosen
