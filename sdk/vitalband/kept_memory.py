"""Memory of large arrays, kept from one batch to the next."""

import numpy as np

KEPT_BYTES = 1 << 24
"""Arrays up to this size stay in the heap; twice as much of it may lie free. Half of what glibc allows."""


def keep_freed_memory() -> None:
    """Let the C library keep what large arrays give back, for those of the next batch.

    The glibc gives memory back to the system at once if it is a block larger than any freed before, or if
    more than twice as much lies free; each page of the next batch then costs a page fault, all of them up to
    a quarter of the time of decoding. Freeing one large block raises both, as mallopt(3) tells of
    M_MMAP_THRESHOLD; nothing is written to it, so that it takes no memory. Elsewhere this does nothing.
    """
    np.empty(KEPT_BYTES, np.uint8)
