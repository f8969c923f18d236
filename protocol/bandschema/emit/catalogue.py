"""Text of `bandwire/catalogue.py`: the list of readings, for the band."""

from collections.abc import Iterable

from bandschema.emit import MARK
from bandschema.readings import CUFF_RETENTION_H, JOURNAL_RETENTION_H, READINGS, ReadingSpec
from bandschema.vitals_run import BY_ID, value_bits

_HEAD = f'''"""{MARK}

The readings that the band measures, shows and sends, in the order of its tables. A row holds
`(reading_id, unit, scale_numerator, scale_denominator, minimum, maximum, group, page,
interval_ms, retention_h, recipients, name_en, name_zh, agreement_milli)`: value = raw * numerator /
denominator in `unit`, raw values of valid readings within `minimum..maximum`, names as UTF-8 bytes,
published limits of agreement in thousandths of `unit`, 0 for none. The journal
keeps what it is given for `JOURNAL_RETENTION_H` hours at most; a cuff reading is shown for
`CUFF_RETENTION_H`. `INDEX_OF_ID` gives the index of the
reading with id 1 and of those that follow, `BITS_OF_ID` how many bits a value of it takes in a run.
"""

try:
    from micropython import const
except ImportError:

    def const(value: int) -> int:
        return value
'''


def _row(spec: ReadingSpec) -> str:
    identity = (spec.reading, spec.unit, spec.scale.numerator, spec.scale.denominator)
    meaning = (spec.minimum, spec.maximum, spec.group, spec.page)
    keeping = (spec.interval_ms, spec.retention_h, spec.recipients)
    numbers = ", ".join(str(int(number)) for number in identity + meaning + keeping)
    english, chinese = spec.name_en.encode(), spec.name_zh.encode()
    names = f"{english!r},\n     {chinese!r}, {spec.agreement_milli}"
    return f"    # {spec.name}: {spec.name_zh}\n    ({numbers}, {names}),"


def _bytes(numbers: Iterable[int]) -> str:
    return 'b"' + "".join(f"\\x{number:02x}" for number in numbers) + '"'


def text() -> str:
    """The whole module."""
    indices = [f"INDEX_{spec.reading.name} = const({index})" for index, spec in enumerate(READINGS)]
    lines = [
        f"READING_COUNT = const({len(READINGS)})",
        f"JOURNAL_RETENTION_H = const({JOURNAL_RETENTION_H})",
        f"CUFF_RETENTION_H = const({CUFF_RETENTION_H})",
        "",
        *indices,
        "",
        "READINGS = (",
    ]
    lines += [*(_row(spec) for spec in READINGS), ")", ""]
    lines.append(f"INDEX_OF_ID = {_bytes(READINGS.index(spec) for spec in BY_ID)}")
    lines.append(f"BITS_OF_ID = {_bytes(value_bits(spec) for spec in BY_ID)}")
    return f"{_HEAD}\n\n" + "\n".join(lines) + "\n"
