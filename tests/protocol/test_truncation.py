"""A frame cut short is refused by every reader, or is a shorter frame to every reader."""

from collections.abc import Callable

import pytest

from bandschema import codec
from bandschema.dtype import decode_many
from bandschema.layout import BY_NAME
from bandwire import frames
from bandwire.errors import FrameError
from protocol import flat
from protocol.lanes import corpus, job_of, run_micropython

FindTail = Callable[[bytes, int, int], object]
every_kind = pytest.mark.parametrize("name", sorted(BY_NAME))


def _shortened(name: str) -> list[bytes]:
    """Every beginning of the longest frame of the first examples."""
    longest = max((example.frame for example in corpus(name)[:100]), key=len)
    return [longest[:length] for length in range(len(longest))]


def _is_refused_by_construct(frame: bytes) -> bool:
    try:
        codec.decode(frame)
    except FrameError:
        return True
    return False


@every_kind
def test_every_reader_refuses_the_same_beginnings_of_a_frame(name: str) -> None:
    layout = BY_NAME[name]
    for frame in _shortened(name):
        is_refused = _is_refused_by_construct(frame)
        assert is_refused or layout.tail is not None or layout.least_bytes < layout.fixed_bytes
        assert is_refused or len(frame) >= layout.least_bytes
        answer = flat.answer(frames, job_of(layout, frame=frame.hex()))
        assert ("error" in answer) == is_refused, (len(frame), answer)
        if is_refused:
            with pytest.raises(FrameError, match=name):
                decode_many(name, frame, [0], [len(frame)])
        else:
            assert len(decode_many(name, frame, [0], [len(frame)]).fixed) == 1


@every_kind
def test_micropython_refuses_the_beginnings_that_cpython_refuses(name: str) -> None:
    layout, shortened = BY_NAME[name], _shortened(name)
    answers = run_micropython(job_of(layout, frame=frame.hex()) for frame in shortened)
    assert ["error" in answer for answer in answers] == [_is_refused_by_construct(f) for f in shortened]


@pytest.mark.parametrize(
    ("name", "at", "byte"),
    [
        ("vitals", 12, 14),  # tail within the fixed part
        ("vitals", 12, 255),  # tail beyond the end
        ("vitals", 13, 0),  # items without a byte
        ("vitals", 13, 7),  # items shorter than the first version's
        ("vitals", 13, 9),  # items that do not fill the frame
        ("sample_block", 12, 20),
        ("sample_block", 12, 255),
        ("log_line", 12, 0),
        ("log_line", 12, 255),
    ],
)
def test_every_reader_refuses_a_tail_that_does_not_fit(name: str, at: int, byte: int) -> None:
    layout = BY_NAME[name]
    frame = bytearray(next(example.frame for example in corpus(name) if len(example.frame) in range(23, 255)))
    frame[at] = byte
    assert _is_refused_by_construct(bytes(frame))
    job = job_of(layout, frame=frame.hex())
    assert "error" in flat.answer(frames, job)
    assert "error" in run_micropython([job])[0]
    with pytest.raises(FrameError, match=name):
        decode_many(name, frame, [0], [len(frame)])


def test_bulk_decoding_names_the_frame_that_is_wrong() -> None:
    frame = corpus("event")[0].frame
    with pytest.raises(FrameError, match="frame 1 is of another kind"):
        decode_many("event", frame + corpus("reply")[0].frame, [0, len(frame)], [len(frame), 19])
    with pytest.raises(FrameError, match="frame 1 does not lie within the buffer"):
        decode_many("event", frame, [0, 1], [len(frame), len(frame)])
    with pytest.raises(FrameError, match="frame 0 does not lie within the buffer"):
        decode_many("event", frame, [-1], [len(frame)])


def test_bulk_decoding_of_no_frames_gives_empty_columns() -> None:
    columns = decode_many("vitals", b"", [], [])
    assert len(columns.fixed) == len(columns.items) == 0


@pytest.mark.parametrize(
    ("find_tail", "name"),
    [
        (frames.vitals_item_count, "vitals"),
        (frames.samples_span_of_sample_block, "sample_block"),
        (frames.text_span_of_log_line, "log_line"),
        (frames.block_span_of_compressed_block, "compressed_block"),
        (frames.updates_span_of_vitals_run, "vitals_run"),
        (frames.message_span_of_handshake, "handshake"),
    ],
)
def test_a_tail_is_not_looked_for_in_a_frame_that_is_too_short(find_tail: FindTail, name: str) -> None:
    frame = corpus(name)[0].frame
    for length in range(BY_NAME[name].fixed_bytes):
        with pytest.raises(FrameError, match=f"{name}: wanted at least"):
            find_tail(frame, 0, length)
