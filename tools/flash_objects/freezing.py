"""Takes what never changes out of compiled modules' code, and has mpy-tool write it as constants."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from flash_objects.bytecode import Replacement, instructions_of, makes_function, replace
from flash_objects.emit import HEAD, Emitter, module_name, module_table, reference
from flash_objects.evaluate import Evaluation, Stored
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

_SPARE_NAMES = 3
"""Room for names beside those that a module binds, so that a look for another one ends at an empty place."""


@dataclass
class FlashObjects:
    """What of a module lies in flash, and what was left to the start of the band."""

    objects: list[InFlash] = field(default_factory=list[InFlash])
    names: dict[str, Value] = field(default_factory=dict[str, Value])
    """Names of the module that never change."""
    names_left: int = 0
    """Names that the module's code binds when it runs."""
    classes_left: list[str] = field(default_factory=list[str])
    functions_left: int = 0

    @property
    def room(self) -> int:
        """Names that the module gets room for in RAM: its own, and `__name__`."""
        return self.names_left + 1 + _SPARE_NAMES

    def count(self, kind: type) -> int:
        """Give how many objects of a kind lie in flash."""
        return sum(isinstance(value, kind) for value in self.objects)


def summary(every: Sequence[FlashObjects]) -> str:
    """Give a line for people."""
    functions, classes = (sum(each.count(kind) for each in every) for kind in (Function, Class))
    names = sum(len(each.names) for each in every)
    functions_left = sum(each.functions_left for each in every)
    classes_left = [name for each in every for name in each.classes_left]
    left = f"{functions_left} functions and {len(classes_left)} classes are made at the start"
    return f"in flash: {functions} functions, {classes} classes, {names} names; {left}"


class Freezer:
    """Works on one module that mpy-tool has read."""

    def __init__(
        self,
        tool: ModuleType,
        module: Any,
        written: Collection[tuple[str, str]],
        built_ins: Mapping[str, str],
    ) -> None:
        """`written`: classes and modules, and which of their attributes code writes to: such a class stays on
        the heap, and such a name of a module. `built_ins`: the C of each name that is built in.
        """
        self.objects = FlashObjects()
        self._tool = tool
        self._module = module
        self._built_ins = built_ins
        self._placed: set[InFlash] = set()
        self._waiting: list[Any] = []
        self._indices: dict[str, int] = {}
        body = module.raw_code
        if body.code_kind != tool.MP_CODE_BYTECODE:
            return
        evaluation = Evaluation(tool, module, body, kept={owner for owner, _ in written})
        self.objects.classes_left = evaluation.classes_left
        own = module_name(module.source_file.str).rpartition(".")[2]
        bound_elsewhere = {name for owner, name in written if owner == own}
        bound_elsewhere |= set(_names_bound_by(tool, module, body.children))
        removed = [
            stored
            for stored in _bound_for_good(tool, evaluation)
            if stored.name not in bound_elsewhere and _is_constant(stored.value, built_ins)
        ]
        names = {stored.name: stored.value for stored in removed if stored.value is not None}
        self.objects.names = names
        self.objects.names_left = len(bound_elsewhere | evaluation.names.keys()) - len(names)
        gone = {index for each in removed for index in range(each.first, each.last + 1)}
        made = {each.first: each for each in evaluation.made if each.first not in gone}
        in_flash: list[Any] = []
        for value in names.values():
            self._place(value, in_flash)
        replacements = [Replacement(each.first, each.last, None) for each in removed]
        for each in made.values():
            replacements.append(Replacement(each.first, each.last, self._index_of(each.value, in_flash)))
        self._rewrite(body, evaluation.instructions, replacements, in_flash)
        while self._waiting:
            self._visit(self._waiting.pop())

    def _rewrite(
        self,
        raw_code: Any,
        instructions: list[Any],
        replacements: Sequence[Replacement],
        flash_children: list[Any],
    ) -> None:
        inside = {index for each in replacements for index in range(each.first, each.last + 1)}
        staying = [
            instruction.arg
            for index, instruction in enumerate(instructions)
            if index not in inside and makes_function(self._tool, instruction)
        ]
        self.objects.functions_left += len(staying)
        numbers = {old: new for new, old in enumerate(sorted(set(staying)))}
        children = [raw_code.children[old] for old in numbers]
        if replacements:
            replace(self._tool, raw_code, instructions, replacements, numbers)
            raw_code.children = children
        raw_code.flash_children = flash_children
        for child in children:
            self._visit(child)

    def _visit(self, raw_code: Any) -> None:
        """A function: what it makes of nothing, and what it looks up that never changes, it loads instead."""
        if raw_code.code_kind != self._tool.MP_CODE_BYTECODE:
            for child in raw_code.children:
                self._visit(child)
            return
        instructions = instructions_of(self._tool, raw_code)
        in_flash: list[Any] = []
        replacements: list[Replacement] = []
        for index, instruction in enumerate(instructions):
            value: Value | None = None
            if instruction.opcode_byte == self._tool.Opcode.MP_BC_MAKE_FUNCTION:
                value = Function(raw_code.children[instruction.arg])
            elif instruction.opcode_byte == self._tool.Opcode.MP_BC_LOAD_GLOBAL:
                value = self.objects.names.get(self._module.qstr_table[instruction.arg].str)
            if value is not None:
                replacements.append(Replacement(index, index, self._index_of(value, in_flash)))
        self._rewrite(raw_code, instructions, replacements, in_flash)

    def _place(self, value: Value, raw_codes: list[Any]) -> None:
        """Put a value and all that it holds into flash, the code of functions among `raw_codes`."""
        if not isinstance(value, InFlash) or value in self._placed:
            return
        self._placed.add(value)
        if isinstance(value, Function):
            raw_codes.append(value.raw_code)
            value.raw_code.is_in_flash = True
            self._waiting.append(value.raw_code)
        for part in _parts_of(value):
            self._place(part, raw_codes)
        self.objects.objects.append(value)

    def _index_of(self, value: Value, raw_codes: list[Any]) -> int:
        """Put a value into flash; give its number in the table of constants."""
        if isinstance(value, TableConstant):
            return value.index
        self._place(value, raw_codes)
        written = reference(value, self._built_ins)
        if written not in self._indices:
            self._indices[written] = len(self._module.obj_table)
            self._module.obj_table.append(FlashReference(written))
        return self._indices[written]


def _parts_of(value: InFlash) -> list[Value]:
    if isinstance(value, Property):
        return [value.getter]
    if isinstance(value, Function):
        return [*value.defaults, *(default for _, default in value.keyword_defaults)]
    if isinstance(value, Tuple):
        return list(value.values)
    return [member for _, member in value.members]


def _is_constant(value: Value | None, built_ins: Mapping[str, str]) -> bool:
    if isinstance(value, BuiltIn):
        return value.name in built_ins
    return isinstance(value, InFlash | Constant | TableConstant)


def _bound_for_good(tool: ModuleType, evaluation: Evaluation) -> list[Stored]:
    """Names that the body of a module binds once, whatever way it takes."""
    counts = Counter(stored.name for stored in evaluation.stored)
    places = {id(instruction): index for index, instruction in enumerate(evaluation.instructions)}
    uncertain: set[int] = set()
    for index, instruction in enumerate(evaluation.instructions):
        if instruction.fmt == tool.MP_BC_FORMAT_OFFSET:
            target = places[id(instruction.target)]
            uncertain.update(range(min(index, target), max(index, target)))
    return [
        stored
        for stored in evaluation.stored
        if counts[stored.name] == 1
        and stored.first >= 0
        and evaluation.names[stored.name] is not None
        and uncertain.isdisjoint(range(stored.first, stored.last + 1))
    ]


def _names_bound_by(tool: ModuleType, module: Any, functions: Sequence[Any]) -> list[str]:
    """Names of the module that its functions bind or delete."""
    codes = (tool.Opcode.MP_BC_STORE_GLOBAL, tool.Opcode.MP_BC_DELETE_GLOBAL)
    found: list[str] = []
    for raw_code in functions:
        if raw_code.code_kind == tool.MP_CODE_BYTECODE:
            found += [
                module.qstr_table[instruction.arg].str
                for instruction in instructions_of(tool, raw_code)
                if instruction.opcode_byte in codes
            ]
        found += _names_bound_by(tool, module, raw_code.children)
    return found


@dataclass(frozen=True)
class FlashReference:
    """Stands in a module's table of constants for what `written` is the C of."""

    written: str


def teach(
    tool: ModuleType, modules: Sequence[Any], found: Sequence[FlashObjects], built_ins: Mapping[str, str]
) -> None:
    """Have mpy-tool write what it does not know: references to objects in flash, and their definitions."""
    references: dict[int, list[str]] = {id(module): [] for module in modules}
    numbers = {id(module): number for number, module in enumerate(modules)}
    _wrap(tool.CompiledModule, "freeze_constant_obj", lambda real: _constant_writer(real, references))
    _wrap(tool.RawCode, "freeze_children", _children_writer)
    _wrap(tool.RawCode, "freeze_raw_code", _raw_code_writer)

    def constants_writer(real: Callable[..., None]) -> Callable[..., None]:
        def freeze_constants(self: Any) -> None:
            number = numbers[id(self)]
            emitter = Emitter(tool, number, references[id(self)], built_ins)
            if number == 0:
                print(HEAD)
            print("\n".join(map(emitter.declaration, found[number].objects)))
            real(self)
            for value in found[number].objects:
                print("\n".join(emitter.definition(value)))
            print("\n".join(emitter.names(found[number].names)))
            if number == len(modules) - 1:
                rooms = [each.room for each in found]
                paths = [module.source_file.str for module in modules]
                print("\n".join(module_table(tool, paths, rooms)))

        return freeze_constants

    _wrap(tool.CompiledModule, "freeze_constants", constants_writer)


def _wrap(owner: Any, name: str, wrapper: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    setattr(owner, name, wrapper(getattr(owner, name)))


def _constant_writer(real: Callable[..., str], references: Mapping[int, list[str]]) -> Callable[..., str]:
    def freeze_constant_obj(self: Any, name: str, value: Any) -> str:
        in_flash = isinstance(value, FlashReference)
        written = value.written if in_flash else real(self, name, value)
        own = references[id(self)]
        if name == f"const_obj_{self.escaped_name}_{len(own)}":
            own.append(written)
        return written

    return freeze_constant_obj


def _children_writer(real: Callable[..., None]) -> Callable[..., None]:
    def freeze_children(self: Any, prelude_ptr: str | None = None) -> None:
        for child in getattr(self, "flash_children", ()):
            child.freeze()
        real(self, prelude_ptr)

    return freeze_children


def _raw_code_writer(real: Callable[..., None]) -> Callable[..., None]:
    def freeze_raw_code(self: Any, prelude_ptr: str | None = None, type_sig: int = 0) -> None:
        if not getattr(self, "is_in_flash", False):
            real(self, prelude_ptr, type_sig)

    return freeze_raw_code
