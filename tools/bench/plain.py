"""Vitals frames as plain values, from which every format starts."""

import random
from typing import NamedTuple

from bandschema.enums import Cause, Contact, Validity
from bandschema.readings import READINGS, ReadingSpec
from bandwire.frames import HEADER_BYTES, KIND_VITALS, VERSION

HEADER_FIELDS = ("version", "kind", "boot_id", "sequence", "ticks_ms", "drops")
READING_FIELDS = ("reading_id", "validity", "quality", "cause", "raw_value")

SEED = 1
_BOOT_ID = 7
_FIRST_SEQUENCE = 1000
_PERIOD_MS = 2000
"""Between two vitals frames, as in the manifest."""


PlainReading = tuple[int, int, int, int, int | None]
"""Numbers in the order of `READING_FIELDS`; a raw value that is not there is None."""


class PlainVitals(NamedTuple):
    """One vitals frame; the header's numbers are in the order of `HEADER_FIELDS`."""

    header: tuple[int, ...]
    contact: int
    readings: tuple[PlainReading, ...]


def header_of(kind: int, number: int, period_ms: int) -> tuple[int, ...]:
    """Give the header of the frame of this number, from 0, of those that come once a period."""
    return (VERSION, kind, _BOOT_ID, _FIRST_SEQUENCE + number, period_ms * number, 0)


def vitals_of_any_value(count: int) -> list[PlainVitals]:
    """Frames with every reading, drawn evenly from its range; of the cuff there is no reading."""
    noise = random.Random(SEED)
    return [
        PlainVitals(
            header_of(KIND_VITALS, number, _PERIOD_MS),
            int(Contact.ON_WRIST),
            tuple(_reading(spec, noise) for spec in READINGS),
        )
        for number in range(count)
    ]


def _reading(spec: ReadingSpec, noise: random.Random) -> PlainReading:
    if spec.name.endswith("_mmhg"):
        return (int(spec.reading), int(Validity.UNKNOWN), 0, int(Cause.NO_CUFF_READING), None)
    quality = noise.randrange(60, 100)
    raw_value = noise.randrange(spec.minimum, spec.maximum + 1)
    return (int(spec.reading), int(Validity.VALID), quality, int(Cause.NONE), raw_value)


def least_bytes() -> int:
    """Bytes of the same fields in fixed places, each as wide as its range needs: nothing could grow."""
    state_bytes = 1 + 1 + 1
    values_bytes = sum((spec.maximum - spec.minimum + 1).bit_length() + 7 >> 3 for spec in READINGS)
    return HEADER_BYTES + 1 + state_bytes * len(READINGS) + values_bytes
