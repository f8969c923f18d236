"""Boots the firmware on MicroPython's unix port:
boot.py DESCRIPTOR BOARD HEAP_BYTES FIRMWARE_DIR LIBRARY_DIR SHIMS_DIR.
"""

import gc
import sys

_LEAST_BALLAST_BYTES = 128
_IMPORT_THRESHOLD_BYTES = 8192
"""Collecting often while modules are compiled keeps their code together, and gaps few."""


def _leave_heap():
    """Fill the heap but for HEAP_BYTES, in one piece: here the code is on it, on a board in flash."""
    import channel

    heap_bytes = int(sys.argv[3])
    gc.threshold(-1)
    gc.collect()
    channel.code_bytes = gc.mem_alloc()
    left_free = bytearray(heap_bytes)
    ballast = []
    part_bytes = gc.mem_free()
    while part_bytes >= _LEAST_BALLAST_BYTES:
        try:
            ballast.append(bytearray(part_bytes))
        except MemoryError:  # no gap is that long: fill shorter ones
            part_bytes //= 2
    gaps_bytes = gc.mem_free()
    del left_free
    gc.collect()
    ballast.append(bytearray(max(0, min(gaps_bytes, gc.mem_free() - heap_bytes))))
    channel.ballast_bytes = gc.mem_alloc() - channel.code_bytes
    return ballast


def _boot(descriptor, board):
    import channel
    import runner

    stream = open(descriptor, "r+b")  # noqa: SIM115 - open as long as the firmware lives
    channel.open_channel(stream, stream, board)
    gc.threshold(_IMPORT_THRESHOLD_BYTES)
    runner.run(board, _leave_heap)


sys.path[:] = [sys.argv[6], sys.argv[4], sys.argv[5], ".frozen"]
_boot(int(sys.argv[1]), sys.argv[2])
