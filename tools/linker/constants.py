"""Whole numbers that never change, worked out before the program runs."""

import ast
import operator
from collections.abc import Callable, Mapping

_BINARY: Mapping[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.BitXor: operator.xor,
}
_UNARY: Mapping[type[ast.unaryop], Callable[[int], int]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
}


def whole_number(node: ast.expr, known: Mapping[str, int]) -> int | None:
    """Value of an expression of whole numbers, bool included, and `known` names; None for any other."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, int) else None
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Call):
        is_const = isinstance(node.func, ast.Name) and node.func.id == "const"
        return whole_number(node.args[0], known) if is_const else None
    if isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY:
        value = whole_number(node.operand, known)
        return None if value is None else _UNARY[type(node.op)](value)
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        left, right = whole_number(node.left, known), whole_number(node.right, known)
        return None if left is None or right is None else _BINARY[type(node.op)](left, right)
    return None


class ForTheTarget(ast.NodeTransformer):
    """Takes the side of MicroPython where code asks who runs it; leaves out what only checkers read."""

    def _condition(self, test: ast.expr) -> bool | None:
        if isinstance(test, ast.Name) and test.id == "TYPE_CHECKING":
            return False
        if ast.unparse(test) == "sys.implementation.name == 'micropython'":
            return True
        return None

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt] | None:
        condition = self._condition(node.test)
        if condition is None:
            return self.generic_visit(node)
        kept = node.body if condition else node.orelse
        return [statement for below in kept for statement in self._visited(below)]

    def visit_Try(self, node: ast.Try) -> ast.AST | list[ast.stmt]:
        """An import that only CPython lacks: MicroPython takes the first."""
        is_import = all(isinstance(statement, ast.ImportFrom) for statement in node.body)
        caught = [ast.unparse(handler.type) for handler in node.handlers if handler.type]
        if is_import and caught == ["ImportError"] and not node.orelse and node.col_offset == 0:
            return node.body
        return self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        condition = self._condition(node)
        return (
            self.generic_visit(node)
            if condition is None
            else ast.copy_location(ast.Constant(condition), node)
        )

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        if not node.decorator_list:
            _drop_annotations(node)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        if node.value is None:
            return None
        return ast.copy_location(ast.Assign([node.target], node.value), node)

    def _visited(self, statement: ast.stmt) -> list[ast.stmt]:
        visited = self.visit(statement)
        if visited is None:
            return []
        return visited if isinstance(visited, list) else [visited]


def _drop_annotations(node: ast.FunctionDef) -> None:
    """The compiler reads those of native functions only."""
    node.returns = None
    for argument in ast.walk(node.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
