"""Boots the firmware on MicroPython's unix port:
boot.py DESCRIPTOR BOARD HEAP_BYTES FIRMWARE_DIR LIBRARY_DIR.
"""

import builtins
import gc
import sys
from io import StringIO

_LEAST_BALLAST_BYTES = 128
_IMPORT_THRESHOLD_BYTES = 8192
"""Collecting often while modules are compiled keeps their code together, and gaps few."""
SHIMS_DIR = __file__.rpartition("/")[0]


def _use_conductor_log(channel):
    original = builtins.print

    def log_print(*values, file=None, **options):
        if file is not None:
            return original(*values, file=file, **options)
        text = StringIO()
        original(*values, file=text, **options)
        return channel.log(text.getvalue().encode())

    builtins.print = log_print


def _leave_heap(channel, heap_bytes):
    """Fill the heap but for `heap_bytes`, in one piece: here the code is on it, on a board in flash."""
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


def _run(board, heap_bytes):
    import channel

    try:
        channel.open_channel(int(sys.argv[1]), board)
        _use_conductor_log(channel)
        gc.threshold(_IMPORT_THRESHOLD_BYTES)
        import main

        gc.threshold(-1)
        ballast = _leave_heap(channel, heap_bytes)
        main.run(board)
        del ballast
    except Exception as error:  # noqa: BLE001 - whatever it is, the conductor is told
        text = StringIO()
        sys.print_exception(error, text)
        channel.fatal(text.getvalue().encode())
    channel.leave(channel.RETURNED)


sys.path[:] = [SHIMS_DIR, sys.argv[4], sys.argv[5], ".frozen"]
_run(sys.argv[2], int(sys.argv[3]))
