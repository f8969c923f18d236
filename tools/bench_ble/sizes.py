"""How much is measured: all of it, or a small part on a machine that has little time."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """`recorded_s` of vital signs and samples are fetched at each MTU; `minutes` on the air are counted."""

    recorded_s: float = 300.0
    mtus: tuple[int, ...] = (23, 185, 247, 517)
    minutes: int = 10


WHOLE = Sizes()
QUICK = Sizes(recorded_s=60.0, mtus=(23, 247), minutes=2)
