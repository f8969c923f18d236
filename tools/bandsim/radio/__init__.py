"""A virtual radio: real ATT, GATT and SMP of `bumble` over a link layer that is simulated.

`air` carries packets between controllers and can be slow, lossy and cut; `adapter` is what a host has plugged
in; `scanner` and `client` are backends by which `bleak` uses such an adapter. There is no radio in it: no
range, no power, no timing of the link layer, and what goes through the air is not encrypted.
"""
