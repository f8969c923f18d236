"""Golden bodies of `vitals_run` frames: the lines of `vectors/vitals_run_bodies.jsonl`, appended to only.

A line holds the case, the updates (reading id -> validity, quality, cause, raw value) and the body as hex,
and must decode to the same updates for ever. The bodies are opaque to the vectors of the frame itself.
"""

import json
import random
from collections.abc import Iterable, Sequence
from typing import Any

from bandschema.enums import Cause, Contact, Validity
from bandschema.readings import NO_VALUE, ReadingSpec
from bandschema.vitals_run import BY_ID, FULL_QUALITY, MOST_UPDATES, RunReading, RunUpdate
from bandschema.vitals_run_writer import encode_updates

Readings = dict[int, RunReading]

_FIRST_TICKS_MS = 600_000
_STEP_MS = 2000
_LAST_TICK = (1 << 32) - 1


def withheld(cause: Cause, validity: Validity = Validity.UNKNOWN) -> RunReading:
    """A reading without a value."""
    return RunReading(validity, 0, cause, NO_VALUE)


def _all(specs: Sequence[ReadingSpec], told: RunReading) -> Readings:
    return {int(spec.reading): told for spec in specs}


def _at(name: str, *, quality: int = FULL_QUALITY) -> Readings:
    return {
        int(spec.reading): RunReading(Validity.VALID, quality, Cause.NONE, getattr(spec, name))
        for spec in BY_ID
    }


def _updates(states: Iterable[Readings], contact: int = Contact.ON_WRIST) -> list[RunUpdate]:
    return [
        RunUpdate(_FIRST_TICKS_MS + _STEP_MS * index, contact, state) for index, state in enumerate(states)
    ]


def _drawn(chance: random.Random, spec: ReadingSpec, before: RunReading | None) -> RunReading:
    if before is not None and before.raw_value != NO_VALUE and chance.random() < 0.9:
        raw_value = before.raw_value + chance.choice((0, 0, 0, 1, -1, 2, -3, 5, -20, 300))
        quality = min(before.quality + chance.choice((0, 0, 0, 1, -1, -9)), FULL_QUALITY)
        raw_value = min(max(raw_value, spec.minimum), spec.maximum)
        return RunReading(before.validity, max(quality, 0), before.cause, raw_value)
    validity = chance.choice(
        (Validity.VALID, Validity.VALID, Validity.LOW_QUALITY, Validity.UNKNOWN, Validity.STALE)
    )
    cause = Cause.NONE if validity is Validity.VALID else chance.choice(list(Cause))
    if validity in (Validity.UNKNOWN, Validity.STALE):
        return withheld(cause, validity)
    return RunReading(validity, chance.randint(0, 100), cause, chance.randint(spec.minimum, spec.maximum))


def drawn_updates(seed: str, count: int, specs: Sequence[ReadingSpec] = BY_ID) -> list[RunUpdate]:
    """Updates by chance, the same for a seed: most readings go on from where they were."""
    chance = random.Random(seed)
    updates: list[RunUpdate] = []
    ticks_ms, readings = chance.randint(0, _LAST_TICK), dict[int, RunReading]()
    contact = int(Contact.ON_WRIST)
    for _ in range(count):
        readings = {
            int(spec.reading): _drawn(chance, spec, readings.get(int(spec.reading))) for spec in specs
        }
        contact = chance.choice((contact, contact, contact, int(chance.choice(list(Contact)))))
        updates.append(RunUpdate(ticks_ms, contact, readings))
        ticks_ms = (ticks_ms + chance.choice((_STEP_MS, _STEP_MS, _STEP_MS, 2013, 1987, 61_000))) & _LAST_TICK
    return updates


def _cases() -> dict[str, tuple[list[RunUpdate], int]]:
    pulse = [spec for spec in BY_ID if spec.name in ("heart_rate_bpm", "rmssd_ms")]
    wrap = [RunUpdate(ticks_ms, 0, _at("minimum")) for ticks_ms in (_LAST_TICK - 999, 1000, 3000)]
    count = len(BY_ID)
    return {
        "starting": (_updates([_all(BY_ID, withheld(Cause.STARTING))], Contact.UNKNOWN), count),
        "lowest": (_updates([_at("minimum", quality=0)]), count),
        "highest": (_updates([_at("maximum")]), count),
        "from end to end": (_updates([_at("minimum", quality=0), _at("maximum"), _at("minimum")]), count),
        "longest still run": (_updates([_all(BY_ID, withheld(Cause.OFF_WRIST))] * MOST_UPDATES), count),
        "ticks wrap": (wrap, count),
        "some readings": (drawn_updates("some readings", 9, pulse), count),
        "older catalogue": (drawn_updates("older catalogue", 5, BY_ID[:12]), 12),
        "one update": (drawn_updates("one update", 1), count),
        "a minute": (drawn_updates("a minute", 30), count),
    }


def plain(updates: Sequence[RunUpdate]) -> list[dict[str, Any]]:
    """Updates as JSON holds them."""
    return [
        {
            "ticks_ms": update.ticks_ms,
            "contact": int(update.contact),
            "readings": {
                str(reading_id): [int(told.validity), told.quality, int(told.cause), told.raw_value]
                for reading_id, told in update.readings.items()
            },
        }
        for update in updates
    ]


def typed(lines: Sequence[dict[str, Any]]) -> tuple[RunUpdate, ...]:
    """Updates back from JSON."""
    return tuple(
        RunUpdate(
            line["ticks_ms"],
            line["contact"],
            {int(key): RunReading(*codes) for key, codes in line["readings"].items()},
        )
        for line in lines
    )


def new_lines(lines: Iterable[str]) -> list[str]:
    """Lines to append: cases that no line has for a catalogue of so many readings."""
    have = {(line["case"], line["catalogue"]) for line in map(json.loads, lines)}
    wanted = [
        {
            "case": case,
            "catalogue": len(BY_ID),
            "updates": plain(updates),
            "body": encode_updates(updates, reading_count).hex(),
        }
        for case, (updates, reading_count) in _cases().items()
    ]
    return [json.dumps(line) for line in wanted if (line["case"], line["catalogue"]) not in have]
