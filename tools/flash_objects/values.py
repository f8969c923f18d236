"""What the byte code of a module's body makes: constants, functions, classes."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Constant:
    """A value that needs no object, or lies in the module's table of constants: `expression` is its C."""

    expression: str


@dataclass(frozen=True)
class TableConstant:
    """An object of the module's table of constants."""

    index: int


@dataclass(frozen=True)
class BuiltIn:
    """A name that the module does not define."""

    name: str


@dataclass(frozen=True)
class Function:
    """A function of a raw code; values of its defaults, and of those that are given by keyword only."""

    raw_code: Any
    defaults: tuple["Value", ...] = ()
    keyword_defaults: tuple[tuple[str, "Value"], ...] = ()


@dataclass(frozen=True)
class Property:
    """`property(getter)`."""

    getter: Function


@dataclass(frozen=True)
class Class:
    """A class; `members` by their names, `base` None or the one that it has."""

    name: str
    raw_code: Any = field(compare=False)
    members: tuple[tuple[str, "Value"], ...]
    base: "Class | BuiltIn | None"

    @property
    def has_special_accessors(self) -> bool:
        """As `mp_obj_new_type` finds it: then a look at an attribute of an instance asks the class first."""
        if isinstance(self.base, Class) and self.base.has_special_accessors:
            return True
        return any(
            name in ("__setattr__", "__delattr__") or isinstance(value, Property)
            for name, value in self.members
        )


@dataclass(frozen=True)
class Tuple:
    """A tuple of values, or those of a function's defaults; `place` tells it from any other."""

    values: tuple["Value", ...]
    place: str


@dataclass(frozen=True)
class Keywords:
    """A dictionary of values that were pushed as defaults."""

    values: tuple[tuple[str, "Value"], ...]


@dataclass(frozen=True)
class Mark:
    """What a stack holds beside values: `null`, or `build class`."""

    what: str


Value = Constant | TableConstant | BuiltIn | Function | Property | Class | Tuple | Keywords | Mark
"""None stands for what is not known before the program runs."""

InFlash = Function | Property | Class | Tuple
"""What becomes an object of its own in flash."""
