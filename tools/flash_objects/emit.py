"""The C of functions and classes that lie in flash: what MicroPython would have made of them on its heap."""

from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

from flash_objects.values import Class, Constant, Function, Property, TableConstant, Value

HEAD = """
// Functions and classes of the joined module, made at build time.
#include "py/objfun.h"
#include "flash_objects.h"

// As in py/objproperty.c.
typedef struct _flash_property_t {
    mp_obj_base_t base;
    mp_rom_obj_t proxy[3];
} flash_property_t;
"""

_FLAGS = (
    "MP_TYPE_FLAG_EQ_NOT_REFLEXIVE | MP_TYPE_FLAG_EQ_CHECKS_OTHER_TYPE | MP_TYPE_FLAG_EQ_HAS_NEQ_TEST"
    " | MP_TYPE_FLAG_ITER_IS_GETITER | MP_TYPE_FLAG_INSTANCE_TYPE"
)
_ACCESSORS_FLAG = " | MP_TYPE_FLAG_HAS_SPECIAL_ACCESSORS"
_SLOTS = (
    "make_new, flash_instance_make_new, print, flash_instance_print, call, mp_obj_instance_call,"
    " unary_op, flash_instance_unary_op, binary_op, flash_instance_binary_op, attr, flash_instance_attr,"
    " subscr, flash_instance_subscr, iter, mp_obj_instance_getiter, buffer, flash_instance_get_buffer"
)
"""Flags and slots as `mp_obj_new_type` of py/objtype.c sets them."""

_TYPES = {Function: "mp_obj_fun_bc_t", Property: "flash_property_t", Class: "mp_obj_type_t"}

_MOST_ROOM = 2
"""A table has at most so many places for each name: beyond, hardly a name is found in fewer looks."""


def symbol(value: Function | Property | Class) -> str:
    """Give the C name of an object in flash."""
    if isinstance(value, Property):
        return f"flash_property_{value.getter.raw_code.escaped_name}"
    kind = "type" if isinstance(value, Class) else "fun"
    return f"flash_{kind}_{value.raw_code.escaped_name}"


def hash_table(names: Sequence[str], hashes: Sequence[int]) -> list[str | None]:
    """Place names as py/map.c looks for them, in a table of the size that takes the fewest looks."""
    best: list[str | None] = []
    fewest = -1
    for size in range(len(names) + 1, _MOST_ROOM * len(names) + 2):
        table: list[str | None] = [None] * size
        looks = 0
        for name, number in zip(names, hashes, strict=True):
            place = number % size
            while table[place] is not None:
                place, looks = (place + 1) % size, looks + 1
            table[place] = name
        if fewest < 0 or looks < fewest:
            best, fewest = table, looks
    return best


class Emitter:
    """Writes the objects of one module."""

    def __init__(self, tool: ModuleType, references: Sequence[str]) -> None:
        """`references`: the C of each object of the module's table of constants."""
        self._tool = tool
        self._references = references

    def declaration(self, value: Function | Property | Class) -> str:
        """Give the declaration, for what comes before the definition."""
        return f"extern const {_TYPES[type(value)]} {symbol(value)};"

    def definition(self, value: Function | Property | Class) -> Iterator[str]:
        """Give the lines of the definition."""
        if isinstance(value, Function):
            yield from self._function(value)
        elif isinstance(value, Property):
            yield (
                f"const flash_property_t {symbol(value)} = {{{{&mp_type_property}}, "
                f"{{{self._expression(value.getter)}, MP_ROM_NONE, MP_ROM_NONE}}}};"
            )
        else:
            yield from self._class(value)

    def _expression(self, value: Value) -> str:
        if isinstance(value, Constant):
            return value.expression
        if isinstance(value, TableConstant):
            return self._references[value.index]
        assert isinstance(value, Function | Property | Class), value
        return f"MP_ROM_PTR(&{symbol(value)})"

    def _function(self, function: Function) -> Iterator[str]:
        tool, raw_code = self._tool, function.raw_code
        name = raw_code.escaped_name
        children = "NULL"
        if raw_code.children:
            children = f"(void *)children_{name}"
        elif raw_code.code_kind == tool.MP_CODE_NATIVE_PY:
            children = f"(void *)fun_data_{name}_prelude_macro"
        extra = [f"(mp_obj_t){self._expression(value)}" for value in function.defaults]
        if function.keyword_defaults:
            table = f"{symbol(function)}_keywords"
            yield from self._dictionary(table, function.keyword_defaults)
            extra.append(f"MP_OBJ_FROM_PTR(&{table})")
        yield f"const mp_obj_fun_bc_t {symbol(function)} = {{{{&{self._type_of(raw_code)}}}, &flash_context,"
        defaults = f", {{{', '.join(extra)}}}" if extra else ""
        yield f"    {children}, (const byte *)fun_data_{name}{defaults}}};"

    def _type_of(self, raw_code: Any) -> str:
        tool = self._tool
        if raw_code.code_kind == tool.MP_CODE_NATIVE_VIPER:
            return "mp_type_fun_viper"
        is_generator = bool(raw_code.scope_flags & tool.MP_SCOPE_FLAG_GENERATOR)
        if raw_code.code_kind == tool.MP_CODE_NATIVE_PY:
            return "mp_type_native_gen_wrap" if is_generator else "mp_type_fun_native"
        return "mp_type_gen_wrap" if is_generator else "mp_type_fun_bc"

    def _class(self, made: Class) -> Iterator[str]:
        names = f"{symbol(made)}_names"
        members = [(f"MP_ROM_QSTR({self._name(key)})", value) for key, value in made.members]
        yield from self._dictionary(names, members)
        flags = _FLAGS + (_ACCESSORS_FLAG if made.has_special_accessors else "")
        parent = ""
        if isinstance(made.base, Class):
            parent = f", parent, &{symbol(made.base)}"
        elif made.base is not None:
            parent = f", parent, &mp_type_{made.base.name}"
        yield f"MP_DEFINE_CONST_OBJ_TYPE({symbol(made)}, {self._name(made.name)}, {flags},"
        yield f"    {_SLOTS},"
        yield f"    locals_dict, &{names}{parent});"

    def _name(self, text: str) -> str:
        return self._tool.global_qstrs.find_by_str(text).qstr_id

    def _dictionary(self, name: str, items: Sequence[tuple[str, Value]]) -> Iterator[str]:
        """A dictionary by the C of its keys, which are names."""
        qstrs = {f"MP_ROM_QSTR({each.qstr_id})": each.str for each in self._tool.global_qstrs.qstrs if each}
        width = self._tool.config.MICROPY_QSTR_BYTES_IN_HASH
        values = dict(items)
        hashes = [self._tool.qstrutil.compute_hash(qstrs[key].encode(), width) for key in values]
        table = hash_table(list(values), hashes)
        yield f"static const mp_rom_map_elem_t {name}_table[] = {{"
        for key in table:
            yield f"    {{{key}, {self._expression(values[key])}}}," if key else "    {NULL, NULL},"
        yield "};"
        yield f"static const mp_obj_dict_t {name} = {{{{&mp_type_dict}},"
        yield "    {.all_keys_are_qstrs = 1, .is_fixed = 1,"
        yield f"    .used = {len(values)}, .alloc = {len(table)}, .table = (mp_map_elem_t *){name}_table}}}};"
