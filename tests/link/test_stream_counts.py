"""What the host counts of each stream is what became of its frames, one by one."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bandwire.frames import (
    HEADER_BYTES,
    KIND_COMPRESSED_BLOCK,
    KIND_EVENT,
    KIND_SAMPLE_BLOCK,
    unpack_header,
)
from bandwire.hostlink import stream_key
from link.pairs import BOOT_ID, Pair, up_pair

COUNT_PLACES = ("in turn", "later", "before")
OTHER_BITS = 0b11_000_111
"""Of the byte that the stream stands in."""

FATES = st.tuples(
    st.sampled_from([KIND_EVENT, KIND_SAMPLE_BLOCK, KIND_COMPRESSED_BLOCK]),
    st.integers(0, 7),
    st.integers(0, 255),
    st.sampled_from(["comes", "is lost", "is sent again"]),
)


def block(stream_id: int, noise: int) -> bytes:
    """A payload of a block whose head names the stream, among bits that say something else."""
    return bytes([noise, stream_id << 3 | noise & OTHER_BITS, noise])


def key_of(kind: int, stream_id: int) -> int:
    """As the statistics of a session name a stream."""
    return kind | stream_id << 8 if kind == KIND_COMPRESSED_BLOCK else kind


def fetch(pair: Pair, sequence: int) -> None:
    """The host is sent one frame of those that the band keeps."""
    assert pair.reader.begin(BOOT_ID, sequence, 1) == 1
    pair.run()


@given(st.lists(FATES, min_size=1, max_size=12))
def test_each_stream_counts_its_frames_as_in_turn_later_or_there_before(fates) -> None:
    pair = up_pair()
    expected: Counter[tuple[int, str]] = Counter()
    sent = list[tuple[int, int]]()
    for kind, stream_id, noise, fate in fates:
        frame = pair.append(block(stream_id, noise), kind)
        sequence, key = unpack_header(frame, 0)[3], key_of(kind, stream_id)
        assert stream_key(kind, frame, 0) == key
        assert stream_key(kind, b"\xff" + frame, 1) == key
        sent.append((sequence, key))
        record = pair.from_band()
        if fate != "is lost":
            pair.to_host(record)
            expected[key, "in turn"] += 1
    # A session frame names the next number: now the host knows what is missing.
    pair.post_reply()
    pair.run()
    lost = [sequence for (sequence, _), fate in zip(sent, fates, strict=True) if fate[3] == "is lost"]
    for (sequence, key), fate in zip(sent, fates, strict=True):
        if fate[3] == "comes":
            continue
        fetch(pair, sequence)
        expected[key, "later" if sequence in lost else "before"] += 1
    found = Counter(
        {
            (key, name): count
            for key, counts in pair.host.counts_of.items()
            for name, count in zip(COUNT_PLACES, counts, strict=True)
        }
    )
    assert +found == +expected
    assert pair.host.backfilled_frames == sum(fate[3] != "comes" for fate in fates)


def test_a_block_too_short_to_name_its_stream_counts_with_its_kind() -> None:
    for length in (HEADER_BYTES, HEADER_BYTES + 1):
        assert stream_key(KIND_COMPRESSED_BLOCK, bytes([0x38]) * length, 0) == KIND_COMPRESSED_BLOCK
    assert stream_key(KIND_COMPRESSED_BLOCK, bytes([0x38]) * (HEADER_BYTES + 2), 0) == key_of(
        KIND_COMPRESSED_BLOCK, 7
    )
