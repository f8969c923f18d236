"""Joins the firmware's modules into one before it is compiled: the same program with less on its heap.

MicroPython keeps a dictionary for each module, an entry for each name that a module imports, and one for
each of its numbers; none of them is in flash, frozen or not. Joined, there is one dictionary, a name is
there once, whole numbers that never change stand in the code, and what no code names is left out. What runs
is the same: a test compares the bytes that both send.

`link` takes the sources as they are and gives the sources to compile. Line numbers of a traceback are those
of the joined file; `LinkedFirmware.origin` tells where a line comes from.
"""

from linker.link import LinkedFirmware, link
from linker.scopes import LinkError

__all__ = ["LinkError", "LinkedFirmware", "link"]
