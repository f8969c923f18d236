"""Runs byte code at build time as far as it only makes constants, functions and classes.

The machine is that of py/vm.c, with values that may be unknown (None). What a body computes from what is
known is known; whatever else an instruction does, what it gives is unknown, and so is what stands on it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from flash_objects.bytecode import instructions_of
from flash_objects.values import (
    BuiltIn,
    Class,
    Constant,
    Function,
    InFlash,
    Keywords,
    Mark,
    Property,
    TableConstant,
    Tuple,
    Value,
)

_BUILD_CLASS, _NULL = Mark("build class"), Mark("null")
_KEPT_IN_FLASH = (Constant, TableConstant, Function, Property, Class, Tuple)
"""What an object in flash can hold."""
_SMALL_INTEGER_BITS = 31


@dataclass(frozen=True)
class Pushed:
    """A value on the stack, and the first instruction that took part in making it."""

    value: Value | None
    first: int


@dataclass(frozen=True)
class Made:
    """An object that the instructions from `first` to `last` make."""

    value: InFlash
    first: int
    last: int


@dataclass(frozen=True)
class Stored:
    """A name that the instructions from `first` to `last` bind, and to what."""

    name: str
    value: Value | None
    first: int
    last: int


class Evaluation:
    """The body of a module, or of a class within it.

    `outer`: what the names of the module stand for where a class's body is run; None for the module's own.
    `kept`: names of classes that must stay on the heap, since code writes to them.
    """

    def __init__(
        self,
        tool: ModuleType,
        module: Any,
        raw_code: Any,
        *,
        kept: Collection[str],
        outer: Mapping[str, Value | None] | None = None,
    ) -> None:
        self.instructions = instructions_of(tool, raw_code)
        self.names: dict[str, Value | None] = {}
        self.made: list[Made] = []
        self.stored: list[Stored] = []
        self.classes_left: list[str] = []
        self.returned: Value | None = None
        self.is_known = True
        """Whether every instruction was."""
        self._tool = tool
        self._module = module
        self._raw_code = raw_code
        self._kept = kept
        self._outer = outer
        self._stack: list[Pushed] = []
        self._handlers = self._handlers_of(tool.Opcode)
        for index, instruction in enumerate(self.instructions):
            self._run(index, instruction)

    def _handlers_of(self, codes: Any) -> dict[int, Any]:
        constants = {
            codes.MP_BC_LOAD_CONST_NONE: Constant("MP_ROM_NONE"),
            codes.MP_BC_LOAD_CONST_TRUE: Constant("MP_ROM_TRUE"),
            codes.MP_BC_LOAD_CONST_FALSE: Constant("MP_ROM_FALSE"),
            codes.MP_BC_LOAD_NULL: _NULL,
            codes.MP_BC_LOAD_BUILD_CLASS: _BUILD_CLASS,
        }
        first_small = codes.MP_BC_LOAD_CONST_SMALL_INT_MULTI
        for number in range(codes.MP_BC_LOAD_CONST_SMALL_INT_MULTI_NUM):
            constants[first_small + number] = _integer(number - codes.MP_BC_LOAD_CONST_SMALL_INT_MULTI_EXCESS)
        handlers: dict[int, Any] = {
            code: lambda index, _, value=value: self._push(value, index) for code, value in constants.items()
        }
        return handlers | {
            codes.MP_BC_LOAD_CONST_SMALL_INT: lambda index, each: self._push(_integer(each.arg), index),
            codes.MP_BC_LOAD_CONST_STRING: lambda index, each: self._push(self._string(each.arg), index),
            codes.MP_BC_LOAD_CONST_OBJ: lambda index, each: self._push(TableConstant(each.arg), index),
            codes.MP_BC_LOAD_NAME: lambda index, each: self._push(self._look(self._text(each.arg)), index),
            codes.MP_BC_STORE_NAME: self._store,
            codes.MP_BC_DELETE_NAME: self._delete,
            codes.MP_BC_BUILD_TUPLE: self._build_tuple,
            codes.MP_BC_BUILD_MAP: lambda index, _: self._push(Keywords(()), index),
            codes.MP_BC_STORE_MAP: self._store_map,
            codes.MP_BC_MAKE_FUNCTION: self._make_function,
            codes.MP_BC_MAKE_FUNCTION_DEFARGS: self._make_function,
            codes.MP_BC_CALL_FUNCTION: self._call,
            codes.MP_BC_POP_TOP: lambda _, __: self._pop(),
            codes.MP_BC_RETURN_VALUE: self._return,
        }

    def _run(self, index: int, instruction: Any) -> None:
        handler = self._handlers.get(instruction.opcode_byte)
        if handler is None:
            # Whatever it takes and gives: nothing that is on the stack is known any more.
            self._stack.clear()
            self.is_known = False
        else:
            handler(index, instruction)

    def _push(self, value: Value | None, first: int) -> None:
        if value is None:
            self.is_known = False
        self._stack.append(Pushed(value, first))

    def _pop(self) -> Pushed:
        return self._stack.pop() if self._stack else Pushed(None, -1)

    def _text(self, index: int) -> str:
        return self._module.qstr_table[index].str

    def _string(self, index: int) -> Constant:
        return Constant(f"MP_ROM_QSTR({self._module.qstr_table[index].qstr_id})")

    def _look(self, name: str) -> Value | None:
        if name in self.names:
            return self.names[name]
        if self._outer is not None and name in self._outer:
            return self._outer[name]
        if name == "__name__":
            path = self._module.source_file.str.removesuffix(".py").replace("/", ".")
            found = self._tool.global_qstrs.find_by_str(path)
            return Constant(f"MP_ROM_QSTR({found.qstr_id})") if found else None
        return BuiltIn(name)

    def _store(self, index: int, instruction: Any) -> None:
        name, pushed = self._text(instruction.arg), self._pop()
        # What is bound twice may be either.
        self.names[name] = pushed.value if name not in self.names else None
        self.stored.append(Stored(name, pushed.value, pushed.first, index))

    def _delete(self, _: int, instruction: Any) -> None:
        self.names[self._text(instruction.arg)] = None

    def _take(self, count: int) -> list[Pushed]:
        taken = [self._pop() for _ in range(count)]
        return taken[::-1]

    def _build_tuple(self, index: int, instruction: Any) -> None:
        parts = self._take(instruction.arg)
        values = [part.value for part in parts]
        first = parts[0].first if parts else index
        is_known = all(isinstance(value, _KEPT_IN_FLASH) for value in values)
        place = f"{self._raw_code.escaped_name}_{index}"
        made = Tuple(tuple(value for value in values if value), place)
        self._give(made if is_known else None, first, index)

    def _store_map(self, _: int, __: Any) -> None:
        key, value, target = self._pop(), self._pop(), self._pop()
        known: Keywords | None = None
        if (
            isinstance(target.value, Keywords)
            and isinstance(key.value, Constant)
            and isinstance(value.value, _KEPT_IN_FLASH)
        ):
            known = Keywords((*target.value.values, (key.value.expression, value.value)))
        self._push(known, target.first)

    def _make_function(self, index: int, instruction: Any) -> None:
        raw_code = self._raw_code.children[instruction.arg]
        has_defaults = instruction.opcode_byte == self._tool.Opcode.MP_BC_MAKE_FUNCTION_DEFARGS
        if not has_defaults:
            self._give(Function(raw_code), index, index)
            return
        defaults, keywords = self._take(2)
        positional = defaults.value.values if isinstance(defaults.value, Tuple) else ()
        by_keyword = keywords.value.values if isinstance(keywords.value, Keywords) else ()
        is_known = (isinstance(defaults.value, Tuple) or defaults.value == _NULL) and (
            isinstance(keywords.value, Keywords) or keywords.value == _NULL
        )
        first = defaults.first
        self._give(Function(raw_code, positional, by_keyword) if is_known else None, first, index)

    def _give(self, value: InFlash | None, first: int, last: int) -> None:
        self._push(value, first)
        if value is not None and first >= 0:
            self.made = [made for made in self.made if made.first < first]
            self.made.append(Made(value, first, last))

    def _call(self, index: int, instruction: Any) -> None:
        count, keywords = instruction.arg & 0xFF, instruction.arg >> 8
        arguments = self._take(count + 2 * keywords)
        called = self._pop()
        values = [argument.value for argument in arguments]
        value: Value | None = None
        if keywords == 0 and called.value == _BUILD_CLASS:
            value = self._class(values)
            if value is None:
                self.classes_left.append(getattr(values[1], "expression", "?"))
        elif keywords == 0 and called.value == BuiltIn("property") and len(values) == 1:
            getter = values[0]
            value = Property(getter) if isinstance(getter, Function) else None
        if isinstance(value, Class | Property):
            self._give(value, called.first, index)
        else:
            self._push(None, called.first)

    def _class(self, values: Sequence[Value | None]) -> Class | None:
        body, name, *bases = values
        if not isinstance(body, Function) or not isinstance(name, Constant) or len(bases) > 1:
            return None
        base = bases[0] if bases else None
        is_base_known = not bases or isinstance(base, Class) or base == BuiltIn("Exception")
        outer = self.names if self._outer is None else self._outer
        within = Evaluation(self._tool, self._module, body.raw_code, kept=self._kept, outer=outer)
        text = body.raw_code.simple_name.str
        is_whole = (
            is_base_known
            and within.is_known
            and within.returned == Constant("MP_ROM_NONE")
            and text not in self._kept
            and all(isinstance(value, _KEPT_IN_FLASH) for value in within.names.values())
            and "__new__" not in within.names
        )
        if not is_whole:
            return None
        members = tuple((key, value) for key, value in within.names.items() if value is not None)
        assert base is None or isinstance(base, Class | BuiltIn)
        return Class(text, body.raw_code, members, base)

    def _return(self, _: int, __: Any) -> None:
        self.returned = self._pop().value


def _integer(number: int) -> Constant:
    assert -1 << _SMALL_INTEGER_BITS - 1 <= number < 1 << _SMALL_INTEGER_BITS - 1, number
    return Constant(f"MP_ROM_INT({number})")
