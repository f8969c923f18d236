"""The names that native code takes from its module's table, put where its instructions reach them."""

import ast
from collections.abc import Iterable

from linker.scopes import LinkError

THUMB_NAMES_MAX = 2047
"""Names that an instruction of compiled Thumb code reaches in its module's table, half-words within 12 bits
(`asm_thumb_ldrh_reg_reg_i12` of py/asmthumb.c in MicroPython 1.25.0). Code that a band compiles itself has no
table: it holds a name's number in whole (`emit_native_mov_reg_qstr` of py/emitnative.c)."""

NAMES_MAX = 254
"""Names that native code of a module can take. Xtensa's reaches 256 (`asm_xtensa_op_l16ui` of py/asmxtensa.h
in MicroPython 1.25.0 cuts a higher number off and takes another name, without a word), Thumb's
`THUMB_NAMES_MAX`. Two come before: of the file and of its outermost code."""

_DECORATORS = ("micropython.native", "micropython.viper")


def first_names(statements: Iterable[ast.stmt]) -> list[str]:
    """Lines that are never run, for the very start of a module: they have native code's names numbered first.

    Attributes have their numbers in the order of the scopes, the module's own before those of its functions;
    names of the module only after all attributes. LinkError when there are more names than `NAMES_MAX`.
    """
    names = {name for function in native_functions(statements) for name in _names_of(function)}
    if len(names) > NAMES_MAX:
        raise LinkError(
            f"native code takes {len(names)} names, and Xtensa's reaches {NAMES_MAX}: attributes and names "
            "of the module count, each once, in functions that are @micropython.native or viper; take fewer "
            "(a local or an argument is none), or have one of the functions compiled to bytecode"
        )
    return ["if not __name__:", f"    __name__.{'.'.join(sorted(names))}"] if names else []


def native_functions(statements: Iterable[ast.stmt]) -> Iterable[ast.FunctionDef]:
    """Functions and methods that are compiled to native code."""
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
