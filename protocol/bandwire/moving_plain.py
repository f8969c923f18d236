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
        stop = find_zero(source, read, limit)
        run = stop - read
        out[write] = run + 1
        copy_into(out, write + 1, source, read, run)
        write += run + 1
        read = stop
        if stop < limit:
            read += 1
        elif stop == length:
            return write


def cobs_decode_in_place(packet: "bytearray | memoryview", length: int) -> int:
    """Decode `length` bytes where they are; returns the decoded length, -1 when they break off."""
    read = 0
    write = 0
    while read < length:
        code = packet[read]
        if read + code > length:
            return -1
        copy_into(packet, write, packet, read + 1, code - 1)
        read += code
        write += code - 1
        if code != 255 and read < length:
            packet[write] = 0
            write += 1
    return write
