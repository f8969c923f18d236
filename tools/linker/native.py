"""The names that native code takes from its module's table, put where its instructions reach them."""

import ast
from collections.abc import Iterable

_DECORATORS = ("micropython.native", "micropython.viper")
_FUNCTION = "_names_of_native_code"


def first_names(statements: Iterable[ast.stmt]) -> list[str]:
    """Lines of a function that nobody calls, for the start of a module: it has those names numbered first.

    The emitter for Thumb puts a name's number above 2047 into an instruction that has no room for it
    (`asm_thumb_ldrh_reg_reg_i12` of py/asmthumb.c in MicroPython 1.25.0), and another name is taken then.
    Attributes have their numbers in the order of the scopes, names of the module only after all of them.
    """
    names = {name for function in _native_functions(statements) for name in _names_of(function)}
    if not names:
        return []
    return [f"def {_FUNCTION}(module):", *(f"    module.{name}" for name in sorted(names))]


def _native_functions(statements: Iterable[ast.stmt]) -> Iterable[ast.FunctionDef]:
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.FunctionDef) and any(
                ast.unparse(decorator) in _DECORATORS for decorator in node.decorator_list
            ):
                yield node


def _names_of(function: ast.FunctionDef) -> Iterable[str]:
    nodes = [node for statement in function.body for node in ast.walk(statement)]
    own = {argument.arg for argument in function.args.args}
    own |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    for node in nodes:
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Name) and node.id not in own:
            yield node.id
