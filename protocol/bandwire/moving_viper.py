"""Moving bytes on the band: `bandwire.moving_plain` again, compiled, allocating nothing.

Offsets and bytes are small and unsigned, so neither the signed-load nor the 30-bit rule bites.
"""
# ptr8 is a word of the viper compiler, unknown to CPython's tools.
# pyright: basic, reportUndefinedVariable=false, reportAttributeAccessIssue=false

import micropython
from micropython import opt_level  # noqa: F401 - CPython has no such thing, so this import fails there, as it must


@micropython.viper
def copy_into(target, target_start: int, source, source_start: int, count: int):  # pragma: no cover
    """Copy `count` bytes; within one buffer only towards its start."""
    write = ptr8(target)
    read = ptr8(source)
    for index in range(count):
        write[target_start + index] = read[source_start + index]


@micropython.viper
def find_zero(source, start: int, stop: int) -> int:  # pragma: no cover
    """Index of the first zero byte in `start..stop`, or `stop`."""
    read = ptr8(source)
    while start < stop and read[start] != 0:
        start += 1
    return start


@micropython.viper
def cobs_encode_into(source, length: int, out) -> int:  # pragma: no cover
    """Write `length` bytes of `source` without zeros; returns the length."""
    read = ptr8(source)
    write = ptr8(out)
    code_at = 0
    code = 1
    for index in range(length):
        byte = read[index]
        if byte != 0:
            write[code_at + code] = byte
            code += 1
        if byte == 0 or (code == 255 and index + 1 < length):
            write[code_at] = code
            code_at += code
            code = 1
    write[code_at] = code
    return code_at + code


@micropython.viper
def cobs_decode_in_place(packet, length: int) -> int:  # pragma: no cover
    """Decode `length` bytes where they are; returns the decoded length, -1 when they break off."""
    data = ptr8(packet)
    read = 0
    write = 0
    while read < length:
        code = data[read]
        if read + code > length:
            return -1
        for index in range(1, code):
            data[write] = data[read + index]
            write += 1
        read += code
        if code != 255 and read < length:
            data[write] = 0
            write += 1
    return write
