"""Keeps the constant objects of the joined module few: its many pairs of texts lie in one tuple.

Native code takes MicroPython's table of functions from among them, where it comes after all that the
bytecode has, and Xtensa's instruction reaches 256 (`asm_xtensa_l32i_optimised` of py/asmxtensa.c in
MicroPython 1.25.0, which otherwise ends in "asm overflow").
"""

import ast

from linker.inline import is_literal
from linker.native import native_functions

OBJECTS_MAX = 256
"""Constant objects of a module with native code, its table of functions among them: tuples, bytes, numbers of
more than 30 bits, and texts of more than 10 characters that are no name, each once."""

_POOL = "_POOLED_TEXTS"


def pool_texts(statements: list[ast.stmt]) -> list[str]:
    """Replace each tuple of texts that a function of bytecode has by an item of one tuple; gives its line."""
    pooler = _Pooler({id(function) for function in native_functions(statements)})
    for statement in statements:
        pooler.visit(statement)
    return [f"{_POOL} = ({', '.join(pooler.texts)},)"] if pooler.texts else []


class _Pooler(ast.NodeTransformer):
    def __init__(self, native: set[int]) -> None:
        self.texts: dict[str, int] = {}
        self._native = native
        self._depth = 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        if id(node) not in self._native:
            self._depth += 1
            node.body = [self.visit(statement) for statement in node.body]
            self._depth -= 1
        return node

    def visit_Tuple(self, node: ast.Tuple) -> ast.AST:
        if not is_literal(node):
            return self.generic_visit(node)
        if self._depth == 0 or not _is_of_texts(node):
            return node
        number = self.texts.setdefault(ast.unparse(node), len(self.texts))
        return ast.copy_location(ast.parse(f"{_POOL}[{number}]", mode="eval").body, node)


def _is_of_texts(value: ast.expr) -> bool:
    if isinstance(value, ast.Tuple):
        return bool(value.elts) and all(_is_of_texts(part) for part in value.elts)
    return isinstance(value, ast.Constant) and isinstance(value.value, str)
