"""The firmware's own files, on a port that keeps them as files."""

import os

_FOLDER = 0x4000


def make_folder(folder):
    """Have a folder, whose name ends with a stroke; "" is there always."""
    if folder:
        try:
            os.mkdir(folder[:-1])
        except OSError:  # it is there; a medium that fails is told by the first write
            pass


def python_files(folder):
    """Paths of all `.py` files below `folder`, relative to it, sorted by path."""
    found = []
    _collect(folder, "", found)
    found.sort()
    return found


def _collect(root, below, found):
    for entry in os.ilistdir(root + "/" + below if below else root):
        name = entry[0]
        path = below + "/" + name if below else name
        if entry[1] == _FOLDER:
            _collect(root, path, found)
        elif name.endswith(".py"):
            found.append(path)


def read_chunks(path, buffer, take):
    """Call `take` with each part of the file at `path`, read through `buffer`."""
    view = memoryview(buffer)
    with open(path, "rb") as file:
        while True:
            count = file.readinto(buffer)
            if not count:
                return
            take(view[:count])
