"""Leaves out what no code of the joined program names: functions, classes, and methods."""

import ast
from collections.abc import Iterable


def without_unused(statements: list[ast.stmt], wanted: Iterable[str]) -> list[ast.stmt]:
    """The statements less every definition that neither they nor `wanted` name, and what only those named.

    A method is named by any attribute of its name. Names that begin with two underscores are called by the
    interpreter.
    """
    kept = statements
    while True:
        names = set(wanted) | _names(kept)
        left = [statement for statement in kept if not _is_unused(statement, names)]
        has_changed = len(left) != len(kept)
        for statement in left:
            if isinstance(statement, ast.ClassDef):
                body = [below for below in statement.body if not _is_unused(below, names)]
                has_changed = has_changed or len(body) != len(statement.body)
                statement.body = body or [ast.copy_location(ast.Pass(), statement)]
        kept = left
        if not has_changed:
            return kept


def _is_unused(statement: ast.stmt, names: set[str]) -> bool:
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return not statement.name.startswith("__") and statement.name not in names
    if isinstance(statement, ast.Assign) and isinstance(statement.value, (ast.Constant, ast.Tuple, ast.Name)):
        targets = statement.targets
        return all(isinstance(target, ast.Name) and target.id not in names for target in targets)
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _names(statements: Iterable[ast.stmt]) -> set[str]:
    """Names and attributes that the statements read; a function does not name itself by calling itself."""
    found: set[str] = set()
    for statement in statements:
        own = {statement.name} if isinstance(statement, ast.FunctionDef) else set[str]()
        found |= _read(statement) - own
    return found


def _read(statement: ast.stmt) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            found.add(node.attr)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found.add(node.id)
    return found
