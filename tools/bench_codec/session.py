"""A made session of readings, as the display would show them: most go slowly, some come and go."""

import random
from collections.abc import Sequence

from bandschema.codec import encode
from bandschema.enums import Cause, Contact, Validity
from bandschema.readings import NO_VALUE, ReadingSpec
from bandschema.records import Header, Vitals, VitalsReading, VitalsRun
from bandschema.vitals_run import BY_ID, RunReading, RunUpdate
from bandschema.vitals_run_writer import encode_updates
from bench.plain import PlainVitals, header_of

PERIOD_MS = 2000
_BOOT_ID = 1
_SEED = 5
_MOVES = 0.3
"""Part of the updates in which a reading changes."""
_TURNS = 0.01
"""Part of the updates in which a reading becomes valid or unknown."""


def session_updates(count: int) -> list[RunUpdate]:
    """Updates once in `PERIOD_MS`: walks within the ranges of the catalogue, by a fixed seed."""
    noise = random.Random(_SEED)
    now = {int(spec.reading): _begun(spec, noise) for spec in BY_ID}
    updates: list[RunUpdate] = []
    for number in range(count):
        for spec in BY_ID:
            now[int(spec.reading)] = _next(spec, now[int(spec.reading)], noise)
        updates.append(RunUpdate(PERIOD_MS * (number + 1), int(Contact.ON_WRIST), dict(now)))
    return updates


def _begun(spec: ReadingSpec, noise: random.Random) -> RunReading:
    raw_value = noise.randrange(spec.minimum, spec.maximum + 1)
    return RunReading(int(Validity.VALID), noise.randrange(80, 101), int(Cause.NONE), raw_value)


def _next(spec: ReadingSpec, last: RunReading, noise: random.Random) -> RunReading:
    if noise.random() < _TURNS:
        if last.raw_value == NO_VALUE:
            return _begun(spec, noise)
        return RunReading(int(Validity.UNKNOWN), 0, int(Cause.MOTION), NO_VALUE)
    if last.raw_value == NO_VALUE or noise.random() > _MOVES:
        return last
    reach = max(1, (spec.maximum - spec.minimum) // 200)
    moved = last.raw_value + noise.randint(-reach, reach)
    quality = min(100, max(60, last.quality + noise.randint(-2, 2)))
    return RunReading(last.validity, quality, last.cause, min(spec.maximum, max(spec.minimum, moved)))


def vitals_frame(update: RunUpdate, sequence: int) -> bytes:
    """One update in a frame of its own, every reading in full."""
    readings = tuple(
        VitalsReading(
            reading_id=reading_id,
            validity=told.validity,
            quality=told.quality,
            cause=told.cause,
            raw_value=told.raw_value,
        )
        for reading_id, told in update.readings.items()
    )
    header = Header(kind=Vitals.KIND, boot_id=_BOOT_ID, sequence=sequence, ticks_ms=update.ticks_ms)
    return encode(header, Vitals(contact=update.contact, readings=readings))


def run_frame(updates: Sequence[RunUpdate], sequence: int) -> bytes:
    """Successive updates in one frame."""
    ticks_ms = updates[-1].ticks_ms
    header = Header(kind=VitalsRun.KIND, boot_id=_BOOT_ID, sequence=sequence, ticks_ms=ticks_ms)
    return encode(header, VitalsRun(updates=encode_updates(updates)))


def plain_vitals(update: RunUpdate, number: int) -> PlainVitals:
    """One update as the other formats take it."""
    readings = tuple(
        (key, told.validity, told.quality, told.cause, None if told.raw_value == NO_VALUE else told.raw_value)
        for key, told in update.readings.items()
    )
    return PlainVitals(header_of(Vitals.KIND, number, PERIOD_MS), update.contact, readings)
