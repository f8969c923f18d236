"""Byte code of a function as a list of instructions, and the function with some of them replaced."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

_LARGEST_LINE_STEP = 0x7FF
_LONG_BYTES, _SHORT_BYTES, _SHORT_LINES, _SHORT_FORM_LINES = 0xF, 0x1F, 0x3, 6


@dataclass(frozen=True)
class Replacement:
    """The instructions from `first` to `last` become a load of an object of the module, or nothing."""

    first: int
    last: int
    object_index: int | None


def instructions_of(tool: ModuleType, raw_code: Any) -> list[Any]:
    """Give the instructions (`Opcode` of mpy-tool), jumps with their `target`."""
    code, start = raw_code.fun_data, raw_code.offset_opcodes
    found: list[Any] = []
    place = start
    while place < len(code):
        kind, size, argument, extra = tool.mp_opcode_decode(code, place)
        found.append(tool.Opcode(place - start, kind, code[place], argument, extra))
        place += size
        if kind == tool.MP_BC_FORMAT_OFFSET:
            found[-1].arg += place - start
    at = {instruction.offset: instruction for instruction in found}
    for instruction in found:
        if instruction.fmt == tool.MP_BC_FORMAT_OFFSET:
            instruction.target = at[instruction.arg]
    return found


def replace(
    tool: ModuleType,
    raw_code: Any,
    instructions: Sequence[Any],
    replacements: Sequence[Replacement],
    children: Mapping[int, int],
) -> None:
    """Write a function's code anew: with the replacements, and with its children under their new numbers.

    The lines of a traceback stay right. ValueError when a jump leads into what is replaced.
    """
    old_offsets = [instruction.offset for instruction in instructions]
    starts = {replacement.first: replacement for replacement in replacements}
    written: list[Any] = []
    new_of: dict[int, Any] = {}
    left_out: list[Any] = []
    index = 0
    while index < len(instructions):
        instruction = instructions[index]
        replacement = starts.get(index)
        left_out.append(instructions[index])
        if replacement is not None:
            load = tool.Opcode.MP_BC_LOAD_CONST_OBJ
            instruction = tool.Opcode(0, tool.MP_BC_FORMAT_VAR_UINT, load, replacement.object_index, None)
        elif makes_function(tool, instruction):
            instruction.arg = children[instruction.arg]
        if replacement is None or replacement.object_index is not None:
            # A jump to what is left out goes to what comes next.
            new_of |= {id(each): instruction for each in left_out}
            left_out.clear()
            written.append((old_offsets[index], instruction))
        index = index + 1 if replacement is None else replacement.last + 1
    for _, instruction in written:
        if instruction.fmt == tool.MP_BC_FORMAT_OFFSET:
            if id(instruction.target) not in new_of:
                raise ValueError(f"{raw_code.escaped_name}: a jump leads into what goes to flash")
            instruction.target = new_of[id(instruction.target)]
    code = _encoded(tool, [instruction for _, instruction in written])
    places = [(old, instruction.offset) for old, instruction in written]
    places.append((len(raw_code.fun_data) - raw_code.offset_opcodes, len(code)))
    _put(tool, raw_code, _moved_lines(raw_code, places), code)


def makes_function(tool: ModuleType, instruction: Any) -> bool:
    """Whether an instruction makes a function of one of the code's children."""
    return instruction.opcode_byte in (
        tool.Opcode.MP_BC_MAKE_FUNCTION,
        tool.Opcode.MP_BC_MAKE_FUNCTION_DEFARGS,
        tool.Opcode.MP_BC_MAKE_CLOSURE,
        tool.Opcode.MP_BC_MAKE_CLOSURE_DEFARGS,
    )


def _encoded(tool: ModuleType, instructions: Sequence[Any]) -> bytes:
    """Bytes of the instructions, whose offsets it sets; a jump may grow as others do."""
    while True:
        has_moved = overflows = False
        code = bytearray()
        for instruction in instructions:
            has_moved = has_moved or instruction.offset != len(code)
            instruction.offset = len(code)
            has_overflow, encoded = tool.mp_opcode_encode(instruction)
            overflows = overflows or has_overflow
            code += encoded
        if not has_moved:
            if overflows:
                raise ValueError("a jump is too long")
            return bytes(code)


def _put(tool: ModuleType, raw_code: Any, lines: bytes, code: bytes) -> None:
    """Give a raw code other lines and instructions."""
    old = raw_code.fun_data
    names = old[raw_code.offset_source_info : raw_code.offset_line_info]
    cells = old[raw_code.offset_closure_info : raw_code.offset_opcodes]
    size = tool.encode_prelude_size(len(names) + len(lines), len(cells))
    raw_code.fun_data = bytes(old[: raw_code.offset_prelude_size]) + size + names + lines + cells + code
    (
        raw_code.offset_prelude_size,
        raw_code.offset_source_info,
        raw_code.offset_line_info,
        raw_code.offset_closure_info,
        raw_code.offset_opcodes,
        raw_code.prelude_signature,
        raw_code.prelude_size,
        raw_code.names,
    ) = tool.extract_prelude(raw_code.fun_data, 0)


def line_steps(info: bytes) -> list[tuple[int, int]]:
    """Decode line information: steps of (bytes, lines), as py/bc.h reads it."""
    steps: list[tuple[int, int]] = []
    place = 0
    while place < len(info):
        first = info[place]
        if first & 0x80:
            steps.append((first & 0xF, (first << 4) & 0x700 | info[place + 1]))
            place += 2
        else:
            steps.append((first & 0x1F, first >> 5))
            place += 1
    return steps


def _moved_lines(raw_code: Any, places: Sequence[tuple[int, int]]) -> bytes:
    """Line information for code whose instructions went from old to new `places`."""
    info = raw_code.fun_data[raw_code.offset_line_info : raw_code.offset_closure_info]
    moved = bytearray()
    old_offset = new_offset = lines_waiting = 0
    remaining = list(places)
    for count, lines in line_steps(info):
        old_offset += count
        while len(remaining) > 1 and remaining[0][0] < old_offset:
            remaining.pop(0)
        ahead = remaining[0][1] - new_offset
        if ahead:
            moved += _line_step(0, lines_waiting)
            # The lines of a step come after its bytes.
            moved += _line_step(ahead, lines)
            new_offset, lines_waiting = remaining[0][1], 0
        else:
            lines_waiting += lines
    return bytes(moved + _line_step(0, lines_waiting))


def _line_step(count: int, lines: int) -> bytes:
    """As `emit_write_code_info_bytes_lines` of py/emitbc.c writes it."""
    written = bytearray()
    while count or lines:
        if lines <= _SHORT_FORM_LINES or count > _LONG_BYTES:
            step = min(count, _SHORT_BYTES)
            line_step = 0 if step < count else min(lines, _SHORT_LINES)
            written.append(step | line_step << 5)
        else:
            step, line_step = min(count, _LONG_BYTES), min(lines, _LARGEST_LINE_STEP)
            written += bytes((0x80 | step | line_step >> 4 & 0x70, line_step & 0xFF))
        count -= step
        lines -= line_step
    return bytes(written)
