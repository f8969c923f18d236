"""The band's frames in flash: a log of its own over bare sectors, in which each frame is found by its number.

`layout` says what lies where, `seal` makes it unreadable, `sectors` writes it, `boot` reads it again, `room`
gives it up in the stated order, `confirmed` knows what a host has, `reader` and `extents` find it again;
`log` joins them. All of it asks only for a flash (`hal.flash`), chance, a cipher, and whoever tells losses.
"""
