"""Several frames of one kind by NumPy and one by one: refused when one of them is, else the same values."""

from collections.abc import Iterator

from bandschema.layout import LAYOUTS
from fuzz import readers, vectors
from fuzz.source import Source
from fuzz.tally import Tally

MAX_INPUT_BYTES = 400
_MOST_FRAMES = 8


def check(data: bytes, tally: Tally) -> None:
    """First byte: the kind; then frames without their first two bytes, each with its length before it."""
    source = Source(data)
    layout = LAYOUTS[source.below(len(LAYOUTS))]
    buffer, offsets, lengths = b"\xa5", list[int](), list[int]()
    expected = list[readers.Reading | None]()
    while not source.is_empty and len(offsets) < _MOST_FRAMES:
        frame = bytes([2, layout.kind]) + source.some(source.byte())
        expected.append(readers.by_generated(layout, frame))
        offsets.append(len(buffer))
        lengths.append(len(frame))
        buffer += frame
    columns = readers.by_dtype(layout, buffer, offsets, lengths)
    assert columns == (None if None in expected else expected), (columns, expected)
    tally.add("accepted", 0 if columns is None else len(columns))
    tally.add("refused", len(offsets) if columns is None else 0)


def seeds() -> Iterator[bytes]:
    """The golden frames of each kind, together and cut."""
    for index, layout in enumerate(LAYOUTS):
        bodies = [frame[2:] for frame in vectors.frames() if frame[1] == layout.kind and len(frame) < 250]
        parts = [bytes([len(body)]) + body for body in bodies]
        yield bytes([index]) + b"".join(parts)
        yield bytes([index]) + b"".join(parts)[:-1]
