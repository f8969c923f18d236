"""What is fuzzed holds on every kept input, on every one that once failed, and on random ones."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz import corpus
from fuzz.least import least, steps_of
from fuzz.source import Source
from fuzz.tally import NAMES as COUNTS
from fuzz.tally import Tally
from fuzz.targets import NAMES, target

every_target = pytest.mark.parametrize("name", NAMES)
few = settings(max_examples=150)
"""The fuzzer itself tries many more."""


@every_target
def test_a_target_holds_on_every_kept_input(name):
    tally = Tally()
    inputs = [*target(name).seeds(), *corpus.kept(corpus.CORPUS, name), *corpus.kept(corpus.FOUND, name)]
    for data in inputs:
        target(name).check(data, tally)
    assert tally["accepted"] > 0
    assert tally["refused"] > 0
    assert tally["damaged_accepted"] == 0


@every_target
def test_a_target_holds_on_random_input(name):
    @few
    @given(st.binary(max_size=120))
    def holds(data):
        target(name).check(data, Tally())

    holds()


@every_target
def test_a_target_holds_on_changed_seeds(name):
    seeds = list(target(name).seeds())

    @given(
        st.sampled_from(seeds), st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=3)), max_size=4)
    )
    def holds(seed, changes):
        data = bytearray(seed)
        for at, new in changes:
            data[at : at + len(new)] = new
        target(name).check(bytes(data), Tally())

    holds()


def test_a_target_that_is_none_is_refused_by_name():
    with pytest.raises(KeyError, match=r"wanted a target of deframer, .*, got 'everything'"):
        target("everything")


@few
@given(st.binary(max_size=8), st.lists(st.integers(0, 3), max_size=12))
def test_a_source_gives_its_bytes_in_turn_and_then_zeros(data, counts):
    source = Source(data)
    taken = b"".join(source.some(count) for count in counts)
    assert taken == data[: sum(counts)]
    assert source.is_empty == (sum(counts) >= len(data))
    assert source.byte() == (data[sum(counts)] if sum(counts) < len(data) else 0)


def test_numbers_below_a_bound_take_a_second_byte_only_beyond_a_byte():
    source = Source(b"\x05\x05\x01\x09")
    assert [source.below(4), source.below(1000), source.byte()] == [1, 261, 9]


def test_counts_of_a_process_that_is_gone_are_kept(tmp_path):
    for _ in range(2):
        Tally(tmp_path / "tally").add("executions", 2)
    assert [Tally(tmp_path / "tally")[name] for name in COUNTS] == [4, 0, 0, 0, 0]


@few
@given(st.sets(st.binary(max_size=20)))
def test_kept_inputs_come_back_shortest_first(tmp_path_factory, inputs):
    folder = tmp_path_factory.mktemp("corpus")
    corpus.keep(folder / "kept", "some", inputs)
    assert corpus.kept(folder / "kept", "some") == sorted(inputs, key=lambda data: (len(data), data))
    corpus.unpack(inputs, folder / "files")
    assert set(corpus.pack(folder / "files")) == inputs
    assert corpus.kept(folder, "none") == []


def test_the_least_inputs_are_the_shortest_that_reach_what_all_reach():
    def check(data):
        target("deframer").check(data, Tally())

    seeds = list(target("deframer").seeds())
    kept = least(seeds, check)
    assert 2 < len(kept) < len(seeds)
    together = set().union(*(steps_of(lambda data=data: check(data)) for data in seeds))
    assert set().union(*(steps_of(lambda data=data: check(data)) for data in kept)) == together
    assert least(kept, check) == kept
