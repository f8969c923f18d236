"""Random bytes for keys: hedged by a seed, refused where the port's draws are no chance."""

import ast
import os
from collections.abc import Callable
from pathlib import Path

import pytest

import hal
from hal.entropy import Entropy

FIRMWARE = Path(hal.__file__).parent.parent


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return f"{tmp_path}/"


def counted_draws() -> Callable[[int], bytes]:
    """Draws that anybody could guess, none like the one before."""
    drawn = 0

    def urandom(count: int) -> bytes:
        nonlocal drawn
        drawn += 1
        return drawn.to_bytes(count, "little")

    return urandom


def test_it_gives_as_many_bytes_as_are_wanted_each_time_others(folder: str) -> None:
    entropy = Entropy(folder)
    given = [entropy.take(count) for count in (1, 8, 16, 32, 32, 32)]
    assert [len(each) for each in given] == [1, 8, 16, 32, 32, 32]
    assert len(set(given)) == len(given)


@pytest.mark.parametrize("count", [0, -1, 33])
def test_more_than_a_hash_holds_is_not_to_be_had_at_once(folder: str, count: int) -> None:
    with pytest.raises(ValueError, match="wanted 1 to 32 random bytes"):
        Entropy(folder).take(count)


def test_two_equal_draws_are_an_error(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "urandom", bytes)
    entropy = Entropy(folder)
    for _ in range(2):
        with pytest.raises(OSError, match="5"):
            entropy.take(32)


def test_draws_that_are_the_same_after_each_start_give_other_bytes(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = list[bytes]()
    for _ in range(3):
        monkeypatch.setattr(os, "urandom", counted_draws())
        entropy = Entropy(folder)
        given += [entropy.take(32), entropy.take(32)]
        assert entropy.is_dirty
        entropy.write()
        assert not entropy.is_dirty
    # Without a seed the first start has nothing but the draws.
    monkeypatch.setattr(os, "urandom", counted_draws())
    (Path(folder) / "other").mkdir()
    assert Entropy(f"{folder}/other/").take(32) == given[0]
    assert len(set(given)) == len(given)


def test_a_start_that_makes_no_key_writes_no_seed_and_both_files_have_the_same(folder: str) -> None:
    assert not Entropy(folder).is_dirty
    entropy = Entropy(folder)
    entropy.take(1)
    entropy.write()
    seeds = [path.read_bytes()[5:-4] for path in sorted(Path(folder).iterdir())]
    assert len(seeds) == 2
    assert seeds[0] == seeds[1]
    assert len(seeds[0]) == 32


def test_a_wiped_seed_is_in_neither_file(folder: str) -> None:
    entropy = Entropy(folder)
    entropy.take(1)
    entropy.write()
    (seed,) = {path.read_bytes()[5:-4] for path in Path(folder).iterdir()}
    entropy.wipe()
    entropy.write()
    assert all(seed not in path.read_bytes() for path in Path(folder).iterdir())


def test_no_module_of_the_firmware_takes_random_numbers_that_are_no_secrets() -> None:
    for path in FIRMWARE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                assert all(name.name.split(".")[0] not in ("random", "urandom") for name in node.names), path
            elif isinstance(node, ast.ImportFrom):
                assert (node.module or "").split(".")[0] not in ("random", "urandom"), path
