"""What a store holds about a person, by name: what limits are set for, and what the access log speaks of."""

from collections.abc import Collection
from enum import StrEnum

from bandschema.records import Alert, CompressedBlock, ConsentRecord, Event, SampleBlock, Vitals, VitalsRun


class Holding(StrEnum):
    """Data of a person in a store. What is in none of these says how to read the data: identity, manifest,
    descriptors."""

    READINGS = "readings"
    WAVEFORMS = "waveforms"
    EVENTS = "events"
    CONSENTS = "consents"
    CUFF_READINGS = "cuff_readings"


EVERYTHING = "everything"
"""What the access log calls all of it at once."""

KINDS: dict[Holding, tuple[int, ...]] = {
    Holding.READINGS: (Vitals.KIND, VitalsRun.KIND),
    Holding.WAVEFORMS: (SampleBlock.KIND, CompressedBlock.KIND),
    Holding.EVENTS: (Event.KIND, Alert.KIND),
    Holding.CONSENTS: (ConsentRecord.KIND,),
    Holding.CUFF_READINGS: (),
}
"""Kinds of frames that each is made of; cuff readings have a table of their own."""

LIMITED = (Holding.READINGS, Holding.WAVEFORMS, Holding.EVENTS, Holding.CUFF_READINGS)
"""What a limit can be set for: a consent stays as long as anything may rest on it."""


def holdings_of(kinds: Collection[int] | None) -> list[str]:
    """What frames of these kinds are called, None for all kinds; empty for kinds that tell of nobody."""
    if kinds is None:
        return [EVERYTHING]
    return [holding.value for holding, of in KINDS.items() if not set(of).isdisjoint(kinds)]
