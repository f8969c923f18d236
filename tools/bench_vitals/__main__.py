"""`python -m bench_vitals [NAME ...]`: scores the vital signs on the recordings of a data folder."""

import argparse
import json
import os
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console

from bandsim.datasets import DATA_VARIABLE, data_folder
from bench_vitals import kept
from bench_vitals.document import write
from bench_vitals.kept import ROOT
from bench_vitals.lanes import one_of_each, same_on_both
from bench_vitals.ours import readings_file
from bench_vitals.peers import missing
from bench_vitals.pictures import draw
from bench_vitals.recordings import recordings_of
from bench_vitals.report import Report, report_of
from bench_vitals.tasks import TASKS
from vitalband.analysis.score import NUMBERS

OUTPUT = ROOT / "bench-vitals-output"
"""Where scores and pictures go."""

SHIPPED = (
    '"As shipped" scores what the firmware carries, whose parameters were fitted on these recordings, among '
    'others: it flatters. "Cross-validated" is what the fit scored on recordings left out of it.'
)
LANES = "Readings of one recording a data set on the emulated Cortex-M4F, against those of the unix port:"
_COLUMNS = 170


def main(arguments: Sequence[str] | None = None) -> None:
    """Score what the command line names."""
    options = _options(arguments)
    began_s = time.monotonic()
    data = data_folder(options.data) or ROOT.parent / "shared" / "data"
    output: Path = options.output
    output.mkdir(parents=True, exist_ok=True)
    console = Console(width=_COLUMNS)
    console.print(SHIPPED, markup=False)
    for package in missing():
        console.print(f"Not compared with {package}: it is not installed.", markup=False)
    console.print()
    tasks = [task for task in TASKS if not options.names or task.name in options.names]
    subjects = {task.name: recordings_of(task, kept.FOLDER / "recordings", data) for task in tasks}
    every = {subject.digest: subject for found in subjects.values() for subject in found}
    with _side_by_side(options.jobs) as run:
        list(run(readings_file, every.values()))
        reports = list(run(report_of, tasks, subjects.values(), [data] * len(tasks)))
        for report in reports:
            report.print(console)
        both = one_of_each(every.values()) if options.lanes else []
        lanes = [f"- {same}" for same in run(same_on_both, both)]
    said = [SHIPPED, "\n".join([LANES, "", *lanes])] if lanes else [SHIPPED]
    console.print("\n\n".join(said[1:]), markup=False)
    _write(reports, output)
    if options.document:
        write(reports, said)
    console.print(f"{time.monotonic() - began_s:.0f} s; scores and pictures in {output}", markup=False)


@contextmanager
def _side_by_side(jobs: int) -> Generator[Callable[..., Iterable[Any]]]:
    """Give a `map` over so many processes; over none with one job."""
    if jobs < 2:
        yield map
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield pool.map


def _write(reports: Sequence[Report], output: Path) -> None:
    document = {report.task.name: report.document() for report in reports}
    (output / "scores.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    for report in reports:
        vital = report.vital
        if vital is not None and vital.vital in NUMBERS:
            unit = vital.scores[0].unit
            for suffix in (".svg", ".png"):
                draw(vital, report.task.title, unit, output / f"{report.task.name}{suffix}")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    names = [task.name for task in TASKS]
    parser = argparse.ArgumentParser(prog="python -m bench_vitals", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which of {', '.join(names)}; else all")
    parser.add_argument("--data", type=Path, help=f"folder of recordings; else {DATA_VARIABLE}")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="folder of scores and pictures")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="recordings at a time")
    parser.add_argument("--document", action="store_true", help="write the tables into docs/vital_signs.md")
    parser.add_argument("--lanes", action="store_true", help="compare the lanes too, on the built image")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(names):
        parser.error(f"wanted names of {', '.join(names)}, got {', '.join(sorted(unknown))}")
    return options


if __name__ == "__main__":
    main()
