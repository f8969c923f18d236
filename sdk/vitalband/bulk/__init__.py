"""Many frames at once, of mixed kinds, into NumPy columns; what cannot be read is told frame by frame."""

from vitalband.bulk.damage import DamageReport, FrameDamage
from vitalband.bulk.frames import FrameBatch, KindColumns, decode_frames

__all__ = [
    "DamageReport",
    "FrameBatch",
    "FrameDamage",
    "KindColumns",
    "decode_frames",
]
