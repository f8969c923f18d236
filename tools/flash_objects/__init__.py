"""Puts the functions and classes of the image's joined module into flash, ready made.

MicroPython freezes code, but not the objects that stand for it: running a module's body makes a function
object for each `def`, and a class with its dictionary for each `class`, on the heap, though none of them
ever changes. This package runs the joined module's byte code at build time as far as it only makes such
things (`evaluate`), writes them as constants in C (`emit`), and has the body load them (`bytecode`). What
it does not understand stays as it is, and is made when the band starts. What runs is the same: the tests of
the whole band compare what it sends with what the unix port sends.

It stands on the classes of MicroPython's own `mpy-tool.py`, and takes its place in a build (`__main__`).
"""
