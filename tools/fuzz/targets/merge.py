"""`vitalband merge` of damaged stores: a sound file, or a StoreError and no file."""

from collections.abc import Iterator
from pathlib import Path

from fuzz import damaged
from fuzz.source import Source
from fuzz.tally import Tally
from vitalband.errors import StoreError
from vitalband.store import FindingKind, MergeReport, check_store, merge_stores

MAX_INPUT_BYTES = 160
_MOST_STORES = 3


def check(data: bytes, tally: Tally) -> None:
    """First byte: how many stores; then the changes of each."""
    source = Source(data)
    paths: list[Path] = []
    are_whole_files = True
    for number in range(1 + source.below(_MOST_STORES)):
        content = damaged.take_content(source)
        are_whole_files &= content.is_whole_file
        paths.append(damaged.folder() / f"merged-{number}.vband")
        damaged.write(content, paths[-1])
    found = _merge(paths)
    tally.add("refused" if found is None else "accepted")
    # Where the order of rows in a file is damaged, what is found first stays.
    if are_whole_files and len(paths) > 1:
        assert _merge(paths[::-1]) == found


def _merge(paths: list[Path]) -> dict[str, list[tuple[object, ...]]] | None:
    """What the new store holds; None when there is none."""
    output = damaged.folder() / "output.vband"
    for path in _outputs():
        path.unlink()
    try:
        report = merge_stores(output, paths)
    except StoreError:
        assert _outputs() == []
        return None
    assert _outputs() == [output]
    _check_output(output, report)
    return damaged.rows_of(output)


def _outputs() -> list[Path]:
    """The new store, and whatever lies around it."""
    return [path for path in damaged.folder().iterdir() if "output" in path.name]


def _check_output(output: Path, report: MergeReport) -> None:
    checked = check_store(output)
    kinds = {kind for kind, _ in checked.counts}
    assert not kinds & {FindingKind.FILE, FindingKind.ROW}, checked.counts
    assert checked.frames == report.frames
    assert checked.unchecked_frames == 0
    assert sum(account.lost for account in checked.boots) >= report.lost_numbers


def seeds() -> Iterator[bytes]:
    """One store, two of which one is changed, and three that all are."""
    every = list(damaged.seeds())
    for index, seed in enumerate(every):
        yield bytes([index % 2]) + seed
        if index % 10 == 0:
            yield bytes([2]) + seed.ljust(12, b"\0") + every[-1 - index].ljust(12, b"\0") + seed
