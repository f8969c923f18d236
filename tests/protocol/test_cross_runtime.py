"""One statement of the layouts, four readers of them: all agree, in both runtimes."""

import os
import subprocess

import numpy as np
import pytest

from bandschema import codec
from bandschema.dtype import decode_many
from bandschema.layout import BY_NAME, Code
from bandsim.micropython import find_micropython
from bandwire import frames
from protocol import flat
from protocol.lanes import ROOT, Example, corpus, flat_of, job_of, run_micropython

NAMES = sorted(BY_NAME)
every_kind = pytest.mark.parametrize("name", NAMES)


@every_kind
def test_generated_code_reads_and_writes_what_construct_does(name: str) -> None:
    tail = BY_NAME[name].tail
    for example in corpus(name):
        header, values, rest = flat_of(example)
        buffer = b"\xa5" * 5 + example.frame + b"\xa5"
        read = flat.decode(frames, name, tail and tail.name, buffer, 5, len(example.frame))
        assert read == (header, values, rest), example.frame.hex()
        assert flat.encode(frames, name, header, values, rest, 5) == example.frame


@every_kind
def test_micropython_decodes_what_construct_built_and_encodes_it_again(name: str) -> None:
    examples = corpus(name)
    layout = BY_NAME[name]
    answers = run_micropython(job_of(layout, frame=example.frame.hex()) for example in examples)
    assert len(answers) == len(examples)
    for example, answer in zip(examples, answers, strict=True):
        header, values, rest = flat_of(example)
        assert answer == {
            "header": flat.plain(header),
            "values": flat.plain(values),
            "rest": flat.plain(rest),
            "again": example.frame.hex(),
        }


@every_kind
def test_construct_decodes_what_micropython_built(name: str) -> None:
    examples = corpus(name)
    parts = [flat.plain(flat_of(example)) for example in examples]
    jobs = (job_of(BY_NAME[name], header=h, values=v, rest=r) for h, v, r in parts)
    answers = run_micropython(jobs)
    assert len(answers) == len(examples)
    for example, answer in zip(examples, answers, strict=True):
        assert codec.decode(bytes.fromhex(answer["frame"])) == (example.header, example.record)


def _bulk(examples: tuple[Example, ...]) -> tuple[bytes, list[int], list[int]]:
    buffer, offsets = b"\xa5\xa5\xa5", []
    for example in examples:
        offsets.append(len(buffer))
        buffer += example.frame
    return buffer, offsets, [len(example.frame) for example in examples]


def _column(row_code: Code, column: np.ndarray) -> list[object]:
    return [bytes(value) if row_code is Code.BYTES else value for value in column.tolist()]


@every_kind
def test_dtype_reads_what_construct_does(name: str) -> None:
    layout, examples = BY_NAME[name], corpus(name)
    buffer, offsets, lengths = _bulk(examples)
    columns = decode_many(name, buffer, offsets, lengths)
    flats = [flat_of(example) for example in examples]
    for index, row in enumerate(layout.record_rows):
        expected = [values[index] for _, values, _ in flats]
        assert _column(row.code, columns.fixed[row.name]) == expected, row.name
    for index, field in enumerate(("version", "kind", "boot_id", "sequence", "ticks_ms", "drops")):
        assert columns.fixed[field].tolist() == [header[index] for header, _, _ in flats]
    if layout.tail is None:
        assert columns.tail_starts.tolist() == columns.tail_stops.tolist()
    elif layout.tail.is_array:
        items = [(frame, *item) for frame, (_, _, rest) in enumerate(flats) for item in rest]
        read = zip(columns.frame_of_item.tolist(), columns.items.tolist(), strict=True)
        assert [(frame, *item) for frame, item in read] == items
    else:
        spans = zip(columns.tail_starts.tolist(), columns.tail_stops.tolist(), strict=True)
        assert [buffer[start:stop] for start, stop in spans] == [rest for _, _, rest in flats]


_ALLOCATION = """
import gc
from bandwire import frames

buffer = bytearray(1024)


def pack_all():
    frames.pack_header_into(buffer, 0, frames.KIND_VITALS, 1, 0xFFFFFE, 0xFFFF, 0xFFFF, 255)
    frames.pack_vitals_into(buffer, 0, frames.CONTACT_ON_WRIST)
    for index in range(12):
        frames.pack_vitals_item_into(buffer, 0, index, 1, 1, 99, 0, frames.NO_VALUE)
    frames.pack_sample_block_into(buffer, 0, 1, 0, 20, 0x3FFFFFFF)
    frames.pack_event_into(buffer, 0, 1, 2, -3)


pack_all()
gc.collect()
gc.disable()
before = gc.mem_alloc()
for _ in range(100):
    pack_all()
print(gc.mem_alloc() - before)
"""


def test_the_band_packs_frames_without_allocating() -> None:
    done = subprocess.run(
        [find_micropython(), "-c", _ALLOCATION],
        env={**os.environ, "MICROPYPATH": f".frozen:{ROOT / 'protocol'}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    # The interpreter takes a few words for the measurement itself, once and not per frame.
    assert int(done.stdout) < 100
