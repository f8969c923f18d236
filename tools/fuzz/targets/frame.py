"""One frame by the generated code and by construct: same verdict, same values, also when written again."""

from collections.abc import Iterator

from bandschema.codec import FrameCodec, decode_header, encode_header
from bandschema.frames import FRAMES, MAX_FRAME_BYTES
from bandschema.layout import Layout
from bandwire.errors import LocalError
from fuzz import readers, vectors
from fuzz.tally import Tally

MAX_INPUT_BYTES = 256
_CODECS = {spec.kind: FrameCodec(spec) for spec in FRAMES}


def check(data: bytes, tally: Tally) -> None:
    """`data` is the frame."""
    layout = readers.layout_of(data)
    if layout is None:
        tally.add("refused")
        return
    reference = readers.by_construct(layout, data)
    assert readers.by_generated(layout, data, len(data) % 5) == reference
    if reference is None:
        tally.add("refused")
        return
    tally.add("accepted")
    _check_rewritten(layout, data, reference)


def _check_rewritten(layout: Layout, data: bytes, reference: readers.Reading) -> None:
    """Values within their ranges are written again, and read as the same."""
    codec = _CODECS[layout.kind]
    try:
        again = encode_header(decode_header(data)) + codec.encode(codec.decode(data))
    except LocalError:
        return
    if len(again) <= MAX_FRAME_BYTES:
        assert readers.by_generated(layout, again) == reference


def seeds() -> Iterator[bytes]:
    """The golden frames, and their beginnings."""
    for frame in vectors.frames():
        yield frame
        yield frame[:-1]
