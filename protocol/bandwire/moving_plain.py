"""Moving bytes in plain Python: what runs on CPython, and what the band's version is tested by."""


def copy_into(
    target: "bytearray | memoryview",
    target_start: int,
    source: "bytes | bytearray | memoryview",
    source_start: int,
    count: int,
) -> None:
    """Copy `count` bytes; within one buffer only towards its start."""
    target[target_start : target_start + count] = source[source_start : source_start + count]


def find_zero(source: "bytes | bytearray", start: int, stop: int) -> int:
    """Index of the first zero byte in `start..stop`, or `stop`."""
    index = source.find(b"\0", start, stop)
    return stop if index < 0 else index


def cobs_encode_into(source: "bytes | bytearray", length: int, out: "bytearray | memoryview") -> int:
    """Write `length` bytes of `source` without zeros (COBS, Cheshire and Baker 1999); returns the length."""
    read = 0
    write = 0
    while True:
        limit = min(length, read + 254)
        stop = source.find(b"\0", read, limit)
        has_zero = stop >= 0
        if not has_zero:
            stop = limit
        end = write + 1 + stop - read
        out[write] = end - write
        if end > write + 1:
            out[write + 1 : end] = source[read:stop]
        write = end
        read = stop + 1 if has_zero else stop
        if not has_zero and stop == length:
            return write


def cobs_decode_in_place(packet: "bytearray | memoryview", length: int) -> int:
    """Decode `length` bytes where they are; returns the decoded length, -1 when they break off."""
    read = 0
    write = 0
    while read < length:
        code = packet[read]
        stop = read + code
        if stop > length:
            return -1
        if code > 1:
            packet[write : write + code - 1] = packet[read + 1 : stop]
            write += code - 1
        if code != 255 and stop < length:
            packet[write] = 0
            write += 1
        read = stop
    return write
