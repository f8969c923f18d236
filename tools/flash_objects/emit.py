"""The C of functions and classes that lie in flash: what MicroPython would have made of them on its heap."""

from collections.abc import Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any

from flash_objects.values import (
    BuiltIn,
    Class,
    Constant,
    Function,
    InFlash,
    Property,
    TableConstant,
    Tuple,
    Value,
)

HEAD = """
// Functions, classes and names of the frozen modules, made at build time.
#include "py/builtin.h"
#include "py/objfun.h"
#include "py/objtuple.h"
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

_TYPES = {
    Function: "mp_obj_fun_bc_t",
    Property: "flash_property_t",
    Class: "mp_obj_type_t",
    Tuple: "mp_rom_obj_tuple_t",
}

_NAMES = "flash_names_"

_MOST_ROOM = 2
"""A table has at most so many places for each name: beyond, hardly a name is found in fewer looks."""


def symbol(value: InFlash) -> str:
    """Give the C name of an object in flash."""
    if isinstance(value, Property):
        return f"flash_property_{value.getter.raw_code.escaped_name}"
    if isinstance(value, Tuple):
        return f"flash_tuple_{value.place}"
    kind = "type" if isinstance(value, Class) else "fun"
    return f"flash_{kind}_{value.raw_code.escaped_name}"


def reference(value: Value, built_ins: Mapping[str, str]) -> str:
    """Give the C that stands for a value."""
    if isinstance(value, Constant):
        return value.expression
    if isinstance(value, BuiltIn):
        return built_ins[value.name]
    assert isinstance(value, InFlash), value
    return f"MP_ROM_PTR(&{symbol(value)})"


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


def module_name(path: str) -> str:
    """Give the name by which a file is imported."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def module_table(tool: ModuleType, paths: Sequence[str], rooms: Sequence[int]) -> Iterator[str]:
    """Give the lines of the table of modules: name, names in flash, and room for names in RAM."""
    yield f"mp_module_context_t flash_contexts[{len(paths)}];"
    yield f"const size_t flash_module_count = {len(paths)};"
    yield "const flash_module_t flash_modules[] = {"
    for number, (path, room) in enumerate(zip(paths, rooms, strict=True)):
        name = tool.global_qstrs.find_by_str(module_name(path)).qstr_id
        yield f"    {{{name}, {room}, &{_NAMES}{number}}},"
    yield "};"


class Emitter:
    """Writes the objects of one module."""

    def __init__(
        self, tool: ModuleType, number: int, references: Sequence[str], built_ins: Mapping[str, str]
    ) -> None:
        """`number`: the module's among all; `references`: the C of each object of its table of constants;
        `built_ins`: that of each built-in name.
        """
        self._tool = tool
        self._number = number
        self._references = references
        self._built_ins = built_ins

    def declaration(self, value: InFlash) -> str:
        """Give the declaration, for what comes before the definition."""
        return f"extern const {_TYPES[type(value)]} {symbol(value)};"

    def names(self, names: Mapping[str, Value]) -> Iterator[str]:
        """Give the lines of the module's dictionary of names."""
        members = [(f"MP_ROM_QSTR({self._name(key)})", value) for key, value in names.items()]
        yield from self._dictionary(f"{_NAMES}{self._number}", members)

    def definition(self, value: InFlash) -> Iterator[str]:
        """Give the lines of the definition."""
        if isinstance(value, Function):
            yield from self._function(value)
        elif isinstance(value, Property):
            yield (
                f"const flash_property_t {symbol(value)} = {{{{&mp_type_property}}, "
                f"{{{self._expression(value.getter)}, MP_ROM_NONE, MP_ROM_NONE}}}};"
            )
        elif isinstance(value, Tuple):
            items = ", ".join(self._expression(each) for each in value.values)
            size = f"{{&mp_type_tuple}}, {len(value.values)}"
            yield f"const mp_rom_obj_tuple_t {symbol(value)} = {{{size}, {{{items}}}}};"
        else:
            yield from self._class(value)

    def _expression(self, value: Value) -> str:
        if isinstance(value, TableConstant):
            return self._references[value.index]
        return reference(value, self._built_ins)

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
        yield f"const mp_obj_fun_bc_t {symbol(function)} = {{{{&{self._type_of(raw_code)}}}, "
        yield f"    &flash_contexts[{self._number}],"
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
