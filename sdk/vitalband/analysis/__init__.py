"""What is done with recordings afterwards: readings and references as files."""

from vitalband.analysis.readings import (
    READING_COLUMNS,
    REFERENCE_COLUMNS,
    ReadingRow,
    ReferenceRow,
    read_beats,
    read_readings,
    read_reference,
    write_beats,
    write_readings,
    write_reference,
)

__all__ = [
    "READING_COLUMNS",
    "REFERENCE_COLUMNS",
    "ReadingRow",
    "ReferenceRow",
    "read_beats",
    "read_readings",
    "read_reference",
    "write_beats",
    "write_readings",
    "write_reference",
]
