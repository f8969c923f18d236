"""How much is measured: all of it, or a small part on a machine that has little time."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """Lives of `life_h` hours, one a seed; recordings of `recorded_s` seconds a link; hours that a host is
    away, and of a session with raw streams; a cut each so many bytes of a side; simulated clocks a case."""

    seeds: tuple[int, ...] = (1, 2, 3)
    life_h: float = 1.0
    recorded_s: float = 900.0
    losses: tuple[tuple[float, float], ...] = (
        (0.0, 0.0),
        (0.01, 0.0),
        (0.05, 0.0),
        (0.0, 40.0),
        (0.01, 40.0),
    )
    """Share of packets lost, either way, and cuts of the link in an hour."""
    offline_h: tuple[float, ...] = (1.0, 8.0)
    streamed_h: float = 0.5
    band_stride: int = 64
    host_stride: int = 16
    """`python -m soak.cuts` cuts after every byte."""
    clocks: int = 40


WHOLE = Sizes()
QUICK = Sizes(
    life_h=0.2,
    recorded_s=300.0,
    offline_h=(1.0,),
    streamed_h=0.1,
    band_stride=512,
    host_stride=64,
    clocks=10,
)
