"""Drives the generated code, frame by frame, alike under CPython and MicroPython.

Run by MicroPython it is a filter: one job a line of JSON in, one answer a line out. Integers
travel as they are, bytes as hex.
"""

import sys

LONGEST = 2048
"""Room for a frame, with what a later version may add to it."""


def decode(frames, name, tail, buffer, offset, length):
    """(header, values, rest) of one frame; rest is None, bytes, or a list of items."""
    header = frames.unpack_header(buffer, offset)
    # A frame that is nothing but its tail has no fields to unpack.
    unpack = getattr(frames, "unpack_" + name, None)
    values = () if unpack is None else unpack(buffer, offset, length)
    if tail is None:
        return header, values, None
    if hasattr(frames, name + "_item_count"):
        count = getattr(frames, name + "_item_count")(buffer, offset, length)
        unpack_item = getattr(frames, "unpack_" + name + "_item")
        return header, values, [unpack_item(buffer, offset, index) for index in range(count)]
    start, stop = getattr(frames, tail + "_span_of_" + name)(buffer, offset, length)
    return header, values, bytes(buffer[start:stop])


def encode(frames, name, header, values, rest, offset):
    """One frame from what `decode` gives, written `offset` bytes into a buffer."""
    buffer = bytearray(offset + LONGEST)
    version, kind, boot_id, sequence, ticks_ms, drops = header
    ticks = ticks_ms & 0xFFFF, ticks_ms >> 16
    frames.pack_header_into(buffer, offset, kind, boot_id, sequence, ticks[0], ticks[1], drops)
    # A header is packed with today's version; the frame may be one of before.
    buffer[offset] = version
    end = getattr(frames, "pack_" + name + "_into")(buffer, offset, *values)
    if isinstance(rest, list):
        pack_item = getattr(frames, "pack_" + name + "_item_into")
        for index, item in enumerate(rest):
            end = pack_item(buffer, offset, index, *item)
    elif rest is not None:
        buffer[end : end + len(rest)] = rest
        end += len(rest)
    return bytes(buffer[offset:end])


def plain(value):
    """Values as JSON holds them."""
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return value.hex() if isinstance(value, (bytes, bytearray)) else value


def typed(value):
    """Values from JSON: every text is hex of bytes."""
    if isinstance(value, list):
        return [typed(inner) for inner in value]
    return bytes.fromhex(value) if isinstance(value, str) else value


def answer(frames, job):
    """Answer of one job: `frame` is decoded and encoded again; `values` are encoded."""
    name, tail, offset = job["name"], job["tail"], job["offset"]
    if "frame" not in job:
        frame = encode(frames, name, job["header"], typed(job["values"]), typed(job["rest"]), offset)
        return {"frame": plain(frame)}
    frame = typed(job["frame"])
    buffer = bytes(offset) + frame
    try:
        header, values, rest = decode(frames, name, tail, memoryview(buffer), offset, len(frame))
    except frames.FrameError as error:
        return {"error": str(error)}
    again = encode(frames, name, header, values, rest, offset)
    return {"header": plain(header), "values": plain(values), "rest": plain(rest), "again": plain(again)}


def serve():
    # Here only: the image has no such module.
    import json

    frames = __import__(sys.argv[1]) if len(sys.argv) > 1 else None
    if frames is None:
        from bandwire import frames
    for line in sys.stdin:
        print(json.dumps(answer(frames, json.loads(line))))


if __name__ == "__main__":
    serve()
