"""Many runs at once give what the reference gives one by one, and call bad what it refuses."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bandschema.readings import NO_VALUE, READINGS
from bandschema.run_vectors import drawn_updates
from bandschema.strategies import run_updates
from bandschema.vitals_run import RunUpdate, decode_updates
from bandschema.vitals_run_writer import encode_updates
from bandwire.errors import FrameError
from vitalband.runs.decode import LOT_FRAMES, RunColumns, decode_runs


def _decoded(bodies: list[bytes], ticks_ms: list[int], between: int = 0) -> RunColumns:
    lengths = np.array([len(body) for body in bodies], np.int64)
    starts = np.cumsum(lengths + between) - lengths
    buffer = b"".join(b"\xff" * between + body for body in bodies)
    return decode_runs(buffer, starts, starts + lengths, np.array(ticks_ms))


def _reference(body: bytes, ticks_ms: int) -> tuple[RunUpdate, ...]:
    try:
        return decode_updates(body, ticks_ms)
    except FrameError:
        return ()


def _assert_same(bodies: list[bytes], ticks_ms: list[int], found: RunColumns) -> None:
    wanted = [_reference(body, ticks) for body, ticks in zip(bodies, ticks_ms, strict=True)]
    assert found.is_bad.tolist() == [not updates for updates in wanted]
    every = [update for updates in wanted for update in updates]
    assert found.frame.tolist() == [place for place, updates in enumerate(wanted) for _ in updates]
    assert found.ticks_ms.tolist() == [update.ticks_ms for update in every]
    assert found.contact.tolist() == [update.contact for update in every]
    for index, spec in enumerate(READINGS):
        told = [update.readings.get(int(spec.reading)) for update in every]
        assert found.is_sent[:, index].tolist() == [reading is not None for reading in told]
        for name in ("raw_value", "validity", "quality", "cause"):
            absent = NO_VALUE if name == "raw_value" else 0
            values = [absent if reading is None else getattr(reading, name) for reading in told]
            assert getattr(found, name)[:, index].tolist() == values


@given(st.lists(run_updates(), max_size=6), st.integers(0, 3))
def test_many_runs_at_once_are_what_each_is_alone(runs: list[list[RunUpdate]], between: int) -> None:
    bodies = [encode_updates(updates) for updates in runs]
    ticks_ms = [updates[-1].ticks_ms for updates in runs]
    _assert_same(bodies, ticks_ms, _decoded(bodies, ticks_ms, between))


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_any_bytes_are_called_bad_when_the_reference_refuses_them(bodies: list[bytes]) -> None:
    ticks_ms = [1000 * place for place in range(len(bodies))]
    _assert_same(bodies, ticks_ms, _decoded(bodies, ticks_ms))


@given(
    st.lists(st.tuples(run_updates(), st.data()), min_size=1, max_size=1),
    st.integers(0, 1 << 30),
    st.booleans(),
)
@settings(deadline=None)
def test_damage_to_one_run_changes_no_other(runs, at: int, is_cut: bool) -> None:
    bodies = [encode_updates(updates) for updates, _ in runs] + [
        encode_updates(drawn_updates(str(seed), seed)) for seed in (3, 1, 9)
    ]
    damaged = bytearray(bodies[0])
    if is_cut:
        del damaged[at % len(damaged) :]
    else:
        damaged[at // 8 % len(damaged)] ^= 0x80 >> at % 8
    bodies[0] = bytes(damaged)
    _assert_same(bodies, [7, 8, 9, 10], _decoded(bodies, [7, 8, 9, 10]))
    _assert_same(bodies[:1], [7], _decoded(bodies[:1], [7]))


def test_a_code_without_an_end_is_bad_and_no_crash_where_all_others_are_short() -> None:
    body = bytes.fromhex(
        "46a129641f6a405fa0a61d11b3a6188e8ed2bd0e265654a064e0540653e00109a7a24813766d82ae900600"
    )
    _assert_same([body], [0], _decoded([body], [0]))


def test_older_catalogues_and_some_readings_of_them_are_read() -> None:
    updates = drawn_updates("old", 4)
    bodies = []
    for count in range(1, len(READINGS) + 1):
        kept = [
            RunUpdate(update.ticks_ms, update.contact, {
                key: told for key, told in update.readings.items() if key <= count and key % 3
            })
            for update in updates
        ]  # fmt: skip
        bodies.append(encode_updates(kept, count))
    ticks_ms = [updates[-1].ticks_ms] * len(bodies)
    _assert_same(bodies, ticks_ms, _decoded(bodies, ticks_ms))


def test_more_runs_than_a_lot_holds_and_no_runs_at_all() -> None:
    bodies = [encode_updates(drawn_updates(str(place), 1 + place % 5)) for place in range(40)]
    bodies = (bodies * (LOT_FRAMES // 40 + 2))[: LOT_FRAMES + 50]
    ticks_ms = [5000] * len(bodies)
    found = _decoded(bodies, ticks_ms)
    _assert_same(bodies[-60:], ticks_ms[-60:], _decoded(bodies[-60:], ticks_ms[-60:]))
    assert not found.is_bad.any()
    assert np.bincount(found.frame).tolist() == [len(decode_updates(body, 0)) for body in bodies]
    assert len(_decoded([], []).frame) == 0
