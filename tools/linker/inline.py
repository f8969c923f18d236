"""Keeps the joined module's dictionary small and sure to hit: what costs a look at each use.

A look that misses goes through the entries of a full dictionary one by one, and the built-in functions are
looked for in the module first. So literals that one place reads are put there (bytes, texts and tuples of
them lie in flash there), and built-in functions are names of the module.
"""

import ast
import builtins
from collections import Counter
from collections.abc import Collection

from linker.scopes import stored_names


def inline_literals(statements: list[ast.stmt], asked_for: Collection[str]) -> list[ast.stmt]:
    """The statements less each assignment of a literal that is read once and not `asked_for` by others.

    It must be read within a function: what is read there has been assigned. A literal read twice stays: it
    would lie in flash twice.
    """
    statements = [_BytesMaker().visit(statement) for statement in statements]
    literals = {name: value for statement in statements for name, value in _literal(statement)}
    reads = Counter(_names(statements, ast.Load))
    bound = Counter(_names(statements, ast.Store)) + Counter(_parameters(statements))
    single = {
        name: value
        for name, value in literals.items()
        if reads[name] == 1 and bound[name] == 1 and name not in asked_for
    }
    inliner = _Inliner(single)
    rewritten = [inliner.visit(statement) for statement in statements]
    return [
        statement
        for statement in rewritten
        if not any(name in inliner.done for name, _ in _literal(statement))
    ]


def built_in_names(statements: list[ast.stmt]) -> list[str]:
    """Built-in functions and types that the statements read; errors are read too seldom to matter."""
    bound = {*_names(statements, ast.Store), *_parameters(statements), *stored_names(statements)}
    read = set(_names(statements, ast.Load)) - bound
    return sorted(
        name
        for name in read
        if callable(getattr(builtins, name, None)) and name[0].islower() and name != "print"
    )


def _literal(statement: ast.stmt) -> list[tuple[str, ast.expr]]:
    """Name and value of an assignment of a constant or of a tuple of constants."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return []
    target = statement.targets[0]
    if isinstance(target, ast.Name) and is_literal(statement.value):
        return [(target.id, statement.value)]
    return []


def is_literal(value: ast.expr) -> bool:
    """Whether it is a constant or a tuple of constants."""
    if isinstance(value, ast.UnaryOp):
        return isinstance(value.op, ast.USub) and isinstance(value.operand, ast.Constant)
    if isinstance(value, ast.Tuple):
        return all(is_literal(part) for part in value.elts)
    return isinstance(value, ast.Constant)


def _names(statements: list[ast.stmt], context: type[ast.expr_context]) -> list[str]:
    return [
        node.id
        for statement in statements
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, context)
    ]


def _parameters(statements: list[ast.stmt]) -> list[str]:
    return [node.arg for statement in statements for node in ast.walk(statement) if isinstance(node, ast.arg)]


class _BytesMaker(ast.NodeTransformer):
    """Makes the object of `bytes((1, 2, 3))`, which lies in flash then."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if ast.unparse(node.func) == "bytes" and len(node.args) == 1 and isinstance(node.args[0], ast.Tuple):
            values = [part.value for part in node.args[0].elts if isinstance(part, ast.Constant)]
            numbers = [value for value in values if isinstance(value, int)]
            if len(numbers) == len(node.args[0].elts):
                return ast.copy_location(ast.Constant(bytes(numbers)), node)
        return node


class _Inliner(ast.NodeTransformer):
    def __init__(self, values: dict[str, ast.expr]) -> None:
        self.done: set[str] = set()
        self._values = values
        self._depth = 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self._depth += 1
        node.body = [self.visit(statement) for statement in node.body]
        self._depth -= 1
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if self._depth == 0 or node.id not in self._values or not isinstance(node.ctx, ast.Load):
            return node
        self.done.add(node.id)
        return ast.copy_location(self._values[node.id], node)
