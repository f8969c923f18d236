"""The frames that stand in for a band's journal: the newest are kept, and given again by number."""

from hypothesis import given
from hypothesis import strategies as st

from bandwire.frames import HEADER_BYTES
from fuzz.kept_frames import FrameMemory, MemoryReader, number_of

steps = st.lists(st.integers(0, 60) | st.just("send") | st.just("boot"), max_size=80)


def frame_of(boot_id: int, sequence: int, payload_bytes: int) -> bytes:
    head = bytes([3, 6]) + boot_id.to_bytes(2, "little") + sequence.to_bytes(3, "little")
    return head + bytes(HEADER_BYTES - len(head) + payload_bytes)


def taken(source: FrameMemory | MemoryReader) -> list[bytes]:
    found = []
    while length := source.peek():
        found.append(bytes(source.buffer[source.start : source.start + length]))
        source.advance()
    return found


def fill(memory: FrameMemory, plan: list) -> tuple[list[bytes], list[bytes]]:
    """Frames that were appended, and those that were sent."""
    appended, sent = [], []
    boot_id = sequence = 0
    for step in plan:
        if step == "boot":
            boot_id, sequence = boot_id + 1, 0
        elif step == "send":
            sent += taken(memory)
        else:
            appended.append(frame_of(boot_id, sequence, step))
            memory.append(appended[-1], len(appended[-1]))
            sequence += 1
    return appended, sent


@given(st.integers(80, 400), steps)
def test_it_keeps_the_newest_and_counts_what_went_unsent(capacity_bytes, plan):
    memory = FrameMemory(capacity_bytes)
    appended, sent = fill(memory, plan)
    kept = list(memory.frames)
    assert kept == appended[len(appended) - len(kept) :]
    assert sum(len(frame) + 2 for frame in kept) <= capacity_bytes
    assert len(sent) + memory.drops + memory.unsent_count == len(appended)
    memory.forget()
    assert (memory.peek(), list(memory.frames)) == (0, [])
    assert len(sent) + memory.drops == len(appended) == memory.forgotten_count


@given(st.integers(200, 600), steps, st.integers(0, 40), st.integers(1, 40), steps)
def test_a_reader_gives_what_is_kept_of_a_range_and_counts_what_goes_meanwhile(
    capacity_bytes, before, first, count, after
):
    memory = FrameMemory(capacity_bytes)
    fill(memory, before)
    reader = MemoryReader(memory)
    wanted = [
        frame for frame in memory.frames if number_of(frame) in {(0, first + at) for at in range(count)}
    ]
    assert reader.begin(0, first, count) == len(wanted)
    fill(memory, after)
    again = taken(reader)
    assert len(again) + reader.overwritten == len(wanted)
    assert again == wanted[len(wanted) - len(again) :]
