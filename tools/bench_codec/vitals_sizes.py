"""Bytes on the air of an update of the readings: runs beside other formats and the standard services."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.table import Table

from bandschema.enums import Contact, Validity
from bandschema.readings import NO_VALUE, READINGS
from bandschema.vitals_run import BY_ID, MOST_UPDATES, RunReading, RunUpdate
from bandschema.vitals_run_writer import encode_updates
from bandsim.estimate.npz_form import recording_of
from bandsim.estimate.runner import tables_of
from bandsim.lane import LaneSettings
from bandsim.recordings import list_recordings, load_recording
from bandsim.recordings.input_form import arrays_of
from bandwire.frames import HEADER_BYTES, KIND_VITALS, VITALS_BYTES, VITALS_ITEM_BYTES
from bandwire.record import RECORD_HEADER_BYTES
from bench.output import table_of
from bench.peers import PEERS
from bench.plain import PlainVitals, header_of

CARRIER_BYTES = 4 + 3
"""Of L2CAP and of ATT around what a notification carries."""
FRAME_LIMIT = 241
"""As `firmware/tasks/vitals_frame.py`: a packet of 244 bytes with the record's header."""

SETS = (("bami1", 3), ("troika", 4), ("emotibit_spo2", 1), ("hoffman", 2), ("bidmc", 1), ("usc_ppg_bp", 2))
"""Data sets, and how many of their recordings are worn: rest, walking, running, low oxygen."""

SEVEN = 7
"""The first readings by id: heart rate, breathing, oxygen, skin, core estimate, systolic, diastolic."""

_SERVICES_BYTES = (1 + 1, 1 + 4, 1 + 2 + 2)
"""Flags and value of a Heart Rate, a Temperature and a continuous PLX measurement, nothing optional in them.
The first is as the characteristic is defined; those of the others are unconfirmed."""

_STEP_MS = 2000

Updates = Sequence[RunUpdate]


def worn_updates(data: Path) -> dict[str, list[RunUpdate]]:
    """What the firmware tells of recordings of `SETS`, every 2 s, by the recording's name."""
    found: dict[str, list[RunUpdate]] = {}
    for dataset, count in SETS:
        names = [name for name in list_recordings(data) if name.partition("/")[0] == dataset]
        for name in names[:count]:
            recording = recording_of(dict(arrays_of(load_recording(name, data))), name)
            found[name] = [
                RunUpdate(
                    _STEP_MS * (step + 1),
                    report.contact,
                    {
                        int(spec.reading): RunReading(told.validity, told.quality, told.cause, told.raw)
                        for spec, told in zip(READINGS, report.readings, strict=True)
                    },
                )
                for step, report in enumerate(tables_of(recording, LaneSettings()))
            ]
    return found


def valid_updates(count: int, readings: int) -> list[RunUpdate]:
    """Updates whose readings, the first ones, are valid and walk by steps of up to 1 % of their ranges."""
    chance = random.Random(1)
    values = {int(spec.reading): (spec.minimum + spec.maximum) // 2 for spec in BY_ID[:readings]}
    qualities = dict.fromkeys(values, 80)
    updates: list[RunUpdate] = []
    for number in range(count):
        for spec in BY_ID[:readings]:
            reading, step = int(spec.reading), (spec.maximum - spec.minimum) // 100
            moved = values[reading] + chance.randint(-step, step)
            values[reading] = min(max(moved, spec.minimum), spec.maximum)
            qualities[reading] = min(max(qualities[reading] + chance.choice((0, 0, 0, -2, 2)), 0), 100)
        told = {
            reading: RunReading(Validity.VALID, qualities[reading], 0, value)
            for reading, value in values.items()
        }
        updates.append(RunUpdate(_STEP_MS * number, Contact.ON_WRIST, told))
    return updates


def bytes_in_runs(updates: Updates, most: int, readings: int) -> float:
    """Bytes an update in runs of up to `most`, with frame, record and carrier."""
    at = total = 0
    while at < len(updates):
        count = min(most, len(updates) - at)
        body = encode_updates(updates[at : at + count], readings)
        while len(body) > FRAME_LIMIT - HEADER_BYTES:
            count -= 1
            body = encode_updates(updates[at : at + count], readings)
        total += len(body) + HEADER_BYTES + RECORD_HEADER_BYTES + CARRIER_BYTES
        at += count
    return total / len(updates)


def bytes_of_vitals(readings: int) -> int:
    """Bytes of a `vitals` frame, with record and carrier: what bands sent before version 3."""
    return VITALS_BYTES + VITALS_ITEM_BYTES * readings + RECORD_HEADER_BYTES + CARRIER_BYTES


def bytes_of_services() -> int:
    """Bytes of the three services' notifications, with their carrier; they carry three readings."""
    return sum(size + CARRIER_BYTES for size in _SERVICES_BYTES)


def _bytes_of_peer(encode: Callable[[PlainVitals], bytes], updates: Updates) -> float:
    total = 0
    for number, update in enumerate(updates):
        readings = tuple(
            (
                reading,
                told.validity,
                told.quality,
                told.cause,
                _or_none(told.raw_value),
            )
            for reading, told in update.readings.items()
        )
        plain = PlainVitals(header_of(KIND_VITALS, number, _STEP_MS), update.contact, readings)
        total += len(encode(plain)) + CARRIER_BYTES
    return total / len(updates)


def _or_none(raw_value: int) -> int | None:
    return None if raw_value == NO_VALUE else raw_value


def run(data: Path) -> list[Table]:
    """The table of sizes."""
    worn = worn_updates(data)
    every = [update for updates in worn.values() for update in updates]
    all_valid, seven = valid_updates(900, len(BY_ID)), valid_updates(900, SEVEN)

    def row(name: str, size_of: Callable[[Updates, int], float]) -> list[str]:
        sizes = size_of(every, len(BY_ID)), size_of(all_valid, len(BY_ID)), size_of(seven, SEVEN)
        return [name, *(f"{size:.1f}" for size in sizes)]

    def runs_of(most: int) -> Callable[[Updates, int], float]:
        def size_of(updates: Updates, readings: int) -> float:
            if updates is not every:
                return bytes_in_runs(updates, most, readings)
            sizes = [bytes_in_runs(part, most, readings) * len(part) for part in worn.values()]
            return sum(sizes) / len(every)

        return size_of

    rows = [row(f"run of {most}" if most > 1 else "run of one", runs_of(most)) for most in (1, 2, 5, 15, 30)]
    rows.append(row(f"run that fills its frame, {MOST_UPDATES} at most", runs_of(MOST_UPDATES)))
    rows.append(row("vitals, of before version 3", lambda _, readings: bytes_of_vitals(readings)))
    for peer in PEERS:
        rows.append(row(peer.name, lambda updates, _, peer=peer: _bytes_of_peer(peer.encode, updates)))
    rows.append(["Heart Rate + Thermometer + PLX, three readings", *3 * [f"{bytes_of_services():.1f}"]])
    count = len(BY_ID)
    headings = ("format", f"worn, {count} readings", f"all {count} valid", f"the first {SEVEN}, valid")
    return [table_of("Bytes on the air of an update, carrier, record and frame counted", headings, rows)]
