"""Tables of readings in every state, valid or not."""

from datetime import UTC, datetime
from typing import NamedTuple

from hypothesis import strategies as st

from bandschema.enums import Cause, Contact, Reading, Validity
from bandschema.readings import READINGS
from readings import ReadingTable
from standard_services.utc import UtcTime

INDEX = {spec.reading: index for index, spec in enumerate(READINGS)}
FED = (
    Reading.HEART_RATE_BPM, Reading.PULSE_INTERVAL_MS, Reading.SPO2_PERCENT, Reading.SKIN_TEMPERATURE_C,
    Reading.SYSTOLIC_MMHG, Reading.DIASTOLIC_MMHG, Reading.CUFF_AGE_S, Reading.BATTERY_PERCENT,
)  # fmt: skip
"""What the services are made of."""


class State(NamedTuple):
    """A reading as the table has it."""

    validity: Validity
    raw: int
    cause: Cause

    @property
    def valid(self) -> int | None:
        """The raw value, None when it is not to be told."""
        return self.raw if self.validity == Validity.VALID else None


def put(table: ReadingTable, reading: Reading, state: State) -> None:
    index = INDEX[reading]
    if state.validity == Validity.VALID:
        table.set(index, state.raw, 80)
    elif state.validity == Validity.LOW_QUALITY:
        table.doubt(index, state.raw, 40, state.cause)
    else:
        table.withhold(index, state.cause, state.validity)


def table_of(states: dict[Reading, State], contact: Contact = Contact.ON_WRIST) -> ReadingTable:
    table = ReadingTable()
    table.set_contact(contact)
    for reading, state in states.items():
        put(table, reading, state)
    return table


def valid(**raw_values: int) -> dict[Reading, State]:
    """By the names of the readings in small letters."""
    return {Reading[name.upper()]: State(Validity.VALID, raw, Cause.NONE) for name, raw in raw_values.items()}


def states_of(reading: Reading) -> st.SearchStrategy[State]:
    spec = READINGS[INDEX[reading]]
    raw = st.integers(spec.minimum, spec.maximum)
    good = st.builds(State, st.just(Validity.VALID), raw, st.just(Cause.NONE))
    return good | st.builds(State, st.sampled_from(Validity), raw, st.sampled_from(Cause))


all_states = st.fixed_dictionaries({reading: states_of(reading) for reading in FED})
contacts = st.sampled_from(Contact)


def clock_at(moment: datetime, uptime_s: int) -> UtcTime:
    """A clock that a host set at an uptime."""
    time = UtcTime()
    time.set(int(moment.replace(tzinfo=UTC).timestamp()), uptime_s)
    return time
