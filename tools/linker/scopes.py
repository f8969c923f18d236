"""Which names of a module's code are the module's own, and replacing them: scopes as Python defines them."""

import ast
from collections.abc import Iterable
from typing import Protocol


class LinkError(Exception):
    """The modules cannot be joined; the message says which and why."""


class Names(Protocol):
    """What becomes of a module's global names."""

    def read(self, name: str) -> ast.expr | None:
        """What takes the place of a name that is read; None leaves it."""
        ...

    def look(self, name: str, attribute: str) -> ast.expr | None:
        """What takes the place of `name.attribute`; None leaves it."""
        ...

    def rename(self, name: str) -> str:
        """The new name of one that is bound: a definition, a target, a `global` declaration."""
        ...


_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)


def stored_names(nodes: Iterable[ast.AST]) -> set[str]:
    """Names that these statements bind in their own scope, those below their functions left out."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
            continue
        if isinstance(node, (ast.Lambda, *_COMPREHENSIONS)):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
            found.add(node.id)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found.update(alias.asname or alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
        found |= stored_names(ast.iter_child_nodes(node))
    return found


def _declared_global(node: ast.AST) -> set[str]:
    return {name for below in ast.walk(node) if isinstance(below, ast.Global) for name in below.names}


class GlobalNames(ast.NodeTransformer):
    """Replaces the global names of a module's statements; LinkError where a local name is in the way."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._locals: list[set[str]] = []
        self._class_names: set[str] | None = None

    def _is_local(self, name: str) -> bool:
        if self._class_names is not None and name in self._class_names:
            return True
        return any(name in names for names in self._locals)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if self._is_local(node.id):
            return node
        if isinstance(node.ctx, ast.Load):
            return self._put(node, self._names.read(node.id))
        return ast.copy_location(ast.Name(self._names.rename(node.id), node.ctx), node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and not self._is_local(node.value.id):
            replaced = self._names.look(node.value.id, node.attr)
            if replaced is not None:
                return self._put(node, replaced)
        return self.generic_visit(node)

    def _put(self, node: ast.expr, replaced: ast.expr | None) -> ast.expr:
        if replaced is None:
            return node
        if isinstance(replaced, ast.Name) and self._is_local(replaced.id):
            raise LinkError(
                f"line {node.lineno}: {ast.unparse(node)} becomes {replaced.id} in the joined module, "
                "and a local name is called so: give one of them another name"
            )
        return ast.copy_location(replaced, node)

    def visit_Global(self, node: ast.Global) -> ast.AST:
        return ast.copy_location(ast.Global([self._names.rename(name) for name in node.names]), node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        if not self._locals and self._class_names is None:
            node.name = self._names.rename(node.name)
        node.decorator_list = [self.visit(decorator) for decorator in node.decorator_list]
        self._visit_defaults(node.args)
        own = {argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}
        declared = {name for statement in node.body for name in _declared_global(statement)}
        own |= stored_names(node.body) - declared
        with_class, self._class_names = self._class_names, None
        self._locals.append(own)
        node.body = [self.visit(statement) for statement in node.body]
        self._locals.pop()
        self._class_names = with_class
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        self._visit_defaults(node.args)
        self._locals.append(
            {argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}
        )
        node.body = self.visit(node.body)
        self._locals.pop()
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        if not self._locals and self._class_names is None:
            node.name = self._names.rename(node.name)
        node.bases = [self.visit(base) for base in node.bases]
        node.decorator_list = [self.visit(decorator) for decorator in node.decorator_list]
        before, self._class_names = self._class_names, stored_names(node.body)
        node.body = [self.visit(statement) for statement in node.body]
        self._class_names = before
        return node

    def _visit_comprehension(self, node: ast.AST) -> ast.AST:
        names = {
            below.id
            for below in ast.walk(node)
            if isinstance(below, ast.Name) and isinstance(below.ctx, ast.Store)
        }
        self._locals.append(names)
        node = self.generic_visit(node)
        self._locals.pop()
        return node

    visit_ListComp = visit_SetComp = visit_GeneratorExp = visit_DictComp = _visit_comprehension

    def _visit_defaults(self, arguments: ast.arguments) -> None:
        arguments.defaults = [self.visit(default) for default in arguments.defaults]
        arguments.kw_defaults = [
            default if default is None else self.visit(default) for default in arguments.kw_defaults
        ]
