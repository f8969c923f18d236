"""Puts what an image's modules make and never change into flash, ready made: functions, classes, names.

MicroPython freezes code, but not the objects that stand for it: running a module's body makes a function
object for each `def`, a class with its dictionary for each `class`, and an entry in the module's dictionary
for each name, on the heap, though hardly one of them ever changes. This package runs the byte code of each
module's body at build time as far as it only makes such things (`evaluate`), writes them as constants in C
(`emit`), and has the code load them, where it looked names up (`bytecode`). What it does not understand
stays as it is, and is made when the band starts. What runs is the same: the tests of the whole band compare
what it sends with what the unix port sends. A name in flash cannot be bound anew.

It stands on the classes of MicroPython's own `mpy-tool.py`, and takes its place in a build (`__main__`).
"""
