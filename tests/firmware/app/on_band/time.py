"""Virtual ticks for scripts that run on the band's interpreter; `now_ms` is set by the script."""

_MASK = (1 << 30) - 1
_now = [0]


def pass_ms(duration_ms):
    """Let time pass."""
    _now[0] = _now[0] + duration_ms & _MASK


def ticks_ms():
    return _now[0]


def ticks_diff(end, start):
    return ((end - start + (1 << 29)) & _MASK) - (1 << 29)


def ticks_add(ticks, delta):
    return ticks + delta & _MASK
