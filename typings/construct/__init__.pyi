"""Types of the part of construct that the schema uses; the package carries none."""

from typing import Any

class ConstructError(Exception):
    def __init__(self, message: str = ..., path: str | None = ...) -> None: ...

class StringError(ConstructError): ...

class Construct:
    name: str | None
    def parse(self, data: bytes) -> Any: ...
    def build(self, obj: Any) -> bytes: ...

class Subconstruct(Construct):
    subcon: Construct
    def __init__(self, subcon: Construct) -> None: ...

class Renamed(Subconstruct):
    def __init__(self, subcon: Construct, newname: str | None = ..., newdocs: str | None = ...) -> None: ...

class Adapter(Subconstruct):
    def _decode(self, obj: Any, context: Any, path: str) -> Any: ...
    def _encode(self, obj: Any, context: Any, path: str) -> Any: ...

class FormatField(Construct):
    fmtstr: str

class BytesInteger(Construct):
    length: int
    signed: bool
    swapped: bool
    def __init__(self, length: int, signed: bool = ..., swapped: bool = ...) -> None: ...

class Bytes(Construct):
    length: Any
    def __init__(self, length: int) -> None: ...

class Struct(Construct):
    subcons: list[Construct]
    def __init__(self, *subcons: Construct) -> None: ...

class GreedyRange(Subconstruct): ...

class Array(Subconstruct):
    def __init__(self, count: int, subcon: Construct) -> None: ...

GreedyBytes: Construct
Int8ul: Construct
Int8sl: Construct
Int16ul: Construct
Int16sl: Construct
Int16ub: Construct
Int24ul: Construct
Int24sl: Construct
Int32ul: Construct
Int32sl: Construct
Int64ul: Construct
Float32l: Construct
