"""A run of vitals taken apart bit by bit."""

from bandschema.enums import Cause, Contact, Reading, Validity
from bandschema.readings import NO_VALUE
from bandschema.vitals_run import BY_ID, COUNT_BITS, RunReading, RunUpdate
from bandschema.vitals_run_writer import encode_updates

_PRESENT = (Reading.HEART_RATE_BPM, Reading.SPO2_PERCENT, Reading.CUFF_AGE_S)
_TICKS_MS = 600_000


def _valid(raw_value: int, quality: int = 100) -> RunReading:
    return RunReading(Validity.VALID, quality, Cause.NONE, raw_value)


_NOTHING = RunReading(Validity.UNKNOWN, 0, Cause.WEAK_SIGNAL, NO_VALUE)
_READINGS = (
    (0, _valid(642), _NOTHING, _valid(60)),
    (2000, _valid(645), _NOTHING, _valid(62)),
    (4010, _valid(644, 97), _NOTHING, _valid(64)),
    (6020, _valid(644, 97), _valid(970, 96), _valid(66)),
)
Part = tuple[str, str]
"""Bits and what they say; no bits for a heading."""


def _key() -> list[Part]:
    present = "".join("1" if spec.reading in _PRESENT else "0" for spec in BY_ID)
    return [
        ("", "the key, the first update"),
        (f"{len(BY_ID):0{COUNT_BITS}b}", f"reading_count = {len(BY_ID)}"),
        ("0", "is_whole = 0: which readings are present follows"),
        (present, "present: readings 1, 3 and 8"),
        (f"{Contact.ON_WRIST:03b}", "contact = 2 ON_WRIST"),
        ("0", "reading 1 is VALID"),
        ("1", "quality = 100 %"),
        (f"{642 - 250:012b}", "value = 250 + 392 = 642; 2400 - 250 = 2150 takes 12 bits"),
        ("10", "reading 3 is UNKNOWN"),
        ("0", "its cause is not the last one told (NONE)"),
        (f"{Cause.WEAK_SIGNAL:05b}", "cause = 3 WEAK_SIGNAL"),
        ("0", "reading 8 is VALID"),
        ("1", "quality = 100 %"),
        (f"{60:025b}", "value = 0 + 60 = 60; 31536000 takes 25 bits"),
    ]


def _changes() -> list[Part]:
    return [
        ("", "second update"),
        ("1", "interval (2000 ms before the second update) and contact are those before"),
        ("1", "all are idle after the key: some of the idle ones changed"),
        ("1", "reading 1 did"),
        ("0", "reading 3 did not"),
        ("0", "reading 8 did not: it is as expected, 60 + 2"),
        ("00", "reading 1: another value"),
        ("00110", "code with k = 0: two zeros, v = 6, u = 5; 5 + 1 is zigzag of +3: 645. k is 3 from now on"),
        ("", "third update"),
        ("01", "another interval, or another contact"),
        ("000010101", "code with k = 0: four zeros, v = 21, u = 20, zigzag of +10: 2010 ms"),
        ("0", "contact as before"),
        ("1", "of those awake, reading 1 changed"),
        ("0", "none of the idle ones, 3 and 8, did; 8 is expected at 62 + 2"),
        ("01", "reading 1: another quality"),
        ("01000", "code with k = 2: one zero, v = 2, low bits 00: u = 4; 4 + 1 is zigzag of -3: 97 %"),
        ("1", "and another value"),
        ("1000", "code with k = 3: v = 1, low bits 000: u = 0; 0 + 1 is zigzag of -1: 644"),
        ("", "fourth update"),
        ("1", "interval (2010 ms) and contact are those before"),
        ("0", "of those awake, reading 1 did not change"),
        ("1", "some of the idle ones did"),
        ("1", "reading 3 did"),
        ("0", "reading 8 did not: 64 + 2"),
        ("1", "reading 3: in full, as in the key"),
        ("0", "it is VALID"),
        ("0", "its quality follows"),
        (f"{96:07b}", "quality = 96 %"),
        (f"{970 - 500:09b}", "value = 500 + 470 = 970"),
        ("", "end"),
    ]


def run_example() -> str:
    """Markdown: the bits of a run, in order, and what each says."""
    updates = [
        RunUpdate(_TICKS_MS + at_ms, Contact.ON_WRIST, dict(zip(map(int, _PRESENT), readings, strict=True)))
        for at_ms, *readings in _READINGS
    ]
    body = encode_updates(updates)
    parts = _key() + _changes()
    told = "".join(bits for bits, _ in parts)
    text = "".join(f"{byte:08b}" for byte in body)
    assert text.startswith(told)
    rest = text[len(told) :]
    assert len(rest) < 8
    parts.append((rest, "zeros to the next whole byte"))
    lines = "\n".join(f"{bits:<26} {what}" if bits else f"-- {what}" for bits, what in parts)
    ticks = ", ".join(str(update.ticks_ms) for update in updates)
    return f"""A body of {len(body)} bytes with four updates of three readings, in a frame whose `ticks_ms` is
{updates[-1].ticks_ms}: `{body[:16].hex(" ").upper()}`
`{body[16:].hex(" ").upper()}`. Bit by bit:

```text
{lines}
```

The ticks of the updates are {ticks}: backwards from the frame's.
"""
