"""Takes functions and classes out of a compiled module's code, and has mpy-tool write them as constants."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from flash_objects.bytecode import Replacement, instructions_of, makes_function, replace
from flash_objects.emit import HEAD, Emitter, symbol
from flash_objects.evaluate import Evaluation
from flash_objects.values import Class, Function, Property


@dataclass
class FlashObjects:
    """What of a module lies in flash, and what was left to the start of the band."""

    functions: list[Function] = field(default_factory=list[Function])
    properties: list[Property] = field(default_factory=list[Property])
    classes: list[Class] = field(default_factory=list[Class])
    names: int = 0
    """Names of the module."""
    classes_left: list[str] = field(default_factory=list[str])
    functions_left: int = 0

    def every(self) -> list[Function | Property | Class]:
        """Give all of them."""
        return [*self.functions, *self.properties, *self.classes]

    def summary(self) -> str:
        """Give a line for people."""
        left = f"{self.functions_left} functions and {len(self.classes_left)} classes are made at the start"
        return f"in flash: {len(self.functions)} functions, {len(self.classes)} classes; {left}"


class Freezer:
    """Works on one module that mpy-tool has read."""

    def __init__(self, tool: ModuleType, module: Any, kept: Collection[str]) -> None:
        """`kept`: names of classes that stay on the heap."""
        self.objects = FlashObjects()
        self._tool = tool
        self._module = module
        self._indices: dict[str, int] = {}
        body = module.raw_code
        evaluation = Evaluation(tool, module, body, kept=kept)
        self.objects.names = len(evaluation.names) + 1
        self.objects.classes_left = evaluation.classes_left
        replaced = {made.first: (made.last, made.value) for made in evaluation.made}
        self._rewrite(body, evaluation.instructions, replaced)

    def _rewrite(
        self, raw_code: Any, instructions: list[Any], made: dict[int, tuple[int, Function | Property | Class]]
    ) -> None:
        flash_children: list[Any] = []
        replacements: list[Replacement] = []
        for first, (last, value) in sorted(made.items()):
            replacements.append(Replacement(first, last, self._placed(value, flash_children)))
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
        """A function: those that it makes without defaults, and none of its variables, never differ."""
        if raw_code.code_kind != self._tool.MP_CODE_BYTECODE:
            for child in raw_code.children:
                self._visit(child)
            return
        instructions = instructions_of(self._tool, raw_code)
        made: dict[int, tuple[int, Function | Property | Class]] = {
            index: (index, Function(raw_code.children[instruction.arg]))
            for index, instruction in enumerate(instructions)
            if instruction.opcode_byte == self._tool.Opcode.MP_BC_MAKE_FUNCTION
        }
        self._rewrite(raw_code, instructions, made)

    def _placed(self, value: Function | Property | Class, raw_codes: list[Any]) -> int:
        """Put a value and all that it holds into flash; give its number in the table of constants."""
        name = symbol(value)
        if name not in self._indices:
            if isinstance(value, Function):
                self.objects.functions.append(value)
                raw_codes.append(value.raw_code)
                value.raw_code.is_in_flash = True
                self._visit(value.raw_code)
            elif isinstance(value, Property):
                self._placed(value.getter, raw_codes)
                self.objects.properties.append(value)
            else:
                for _, member in value.members:
                    if isinstance(member, Function | Property | Class):
                        self._placed(member, raw_codes)
                self.objects.classes.append(value)
            self._indices[name] = -1
        return self._index(name)

    def _index(self, name: str) -> int:
        if self._indices[name] < 0:
            self._indices[name] = len(self._module.obj_table)
            self._module.obj_table.append(FlashReference(name))
        return self._indices[name]


@dataclass(frozen=True)
class FlashReference:
    """Stands in a module's table of constants for an object in flash."""

    name: str


def teach(tool: ModuleType, module: Any, objects: FlashObjects) -> None:
    """Have mpy-tool write what it does not know: references to objects in flash, and their definitions."""
    references: list[str] = []
    _wrap(tool.CompiledModule, "freeze_constant_obj", lambda real: _constant_writer(real, module, references))
    _wrap(tool.RawCode, "freeze_children", _children_writer)
    _wrap(tool.RawCode, "freeze_raw_code", _raw_code_writer)

    def constants_writer(real: Callable[..., None]) -> Callable[..., None]:
        def freeze_constants(self: Any) -> None:
            if self is not module:
                real(self)
                return
            emitter = Emitter(tool, references)
            print(HEAD)
            print("\n".join(map(emitter.declaration, objects.every())))
            real(self)
            for value in objects.every():
                print("\n".join(emitter.definition(value)))
            name = module.source_file.str.removesuffix(".py")
            print(f"const qstr flash_module = {tool.global_qstrs.find_by_str(name).qstr_id};")
            print(f"const size_t flash_module_names = {objects.names};")

        return freeze_constants

    _wrap(tool.CompiledModule, "freeze_constants", constants_writer)


def _wrap(owner: Any, name: str, wrapper: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    setattr(owner, name, wrapper(getattr(owner, name)))


def _constant_writer(real: Callable[..., str], module: Any, references: list[str]) -> Callable[..., str]:
    def freeze_constant_obj(self: Any, name: str, value: Any) -> str:
        in_flash = isinstance(value, FlashReference)
        written = f"MP_ROM_PTR(&{value.name})" if in_flash else real(self, name, value)
        if self is module and name == f"const_obj_{module.escaped_name}_{len(references)}":
            references.append(written)
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
