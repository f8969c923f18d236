"""Runs targets in processes of their own and says what came out."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from fuzz import corpus
from fuzz.least import least
from fuzz.memory import FOLDER_VARIABLE, memory_folder
from fuzz.tally import NAMES, Tally
from fuzz.targets import target

WORKING = Path(__file__).resolve().parents[2] / ".cache/fuzz"
"""Where the inputs of long runs grow, a folder a target; `--minimise` takes the few that matter there."""
_TIMEOUT_S = 20
"""One execution that takes so long counts as a fault; they take a millisecond."""
_RSS_LIMIT_MB = 1024

MISSING = (
    "fuzzing needs atheris, which has wheels for CPython 3.11 to 3.13 on 64-bit Linux (x86): "
    "`pip install -e '.[fuzz]'` with one of these. The tests run the kept inputs without it."
)


@dataclass(frozen=True)
class Outcome:
    """What a run of one target gave: its counts, its time, and the inputs that failed."""

    name: str
    counts: dict[str, int]
    seconds: float
    failed: tuple[bytes, ...]
    output: str


def is_there() -> bool:
    """Whether atheris can be imported."""
    return find_spec("atheris") is not None


def run(name: str, *, seconds: int = 0, executions: int = 0, seed: int = 0, grow: bool = False) -> Outcome:
    """Fuzz a target for so many seconds or executions (0: no such bound); `grow` keeps what it found."""
    with tempfile.TemporaryDirectory(prefix="vitalband-fuzz-", dir=memory_folder()) as temporary:
        folder = Path(temporary)
        inputs = WORKING / name if grow else folder / "inputs"
        kept = corpus.kept(corpus.CORPUS, name) + corpus.kept(corpus.FOUND, name)
        corpus.unpack([*kept, *target(name).seeds()], inputs)
        bounds = [f"-max_total_time={seconds}"] if seconds else []
        bounds += [f"-runs={executions}"] if executions else []
        began = time.monotonic()
        output = _child(name, folder, [*bounds, f"-seed={seed}" if seed else "-seed=0", str(inputs)])
        tally = Tally(folder / "tally")
        return Outcome(
            name,
            {each: tally[each] for each in NAMES},
            time.monotonic() - began,
            tuple(path.read_bytes() for path in sorted(folder.glob("fault-*"))),
            output,
        )


def minimise(name: str) -> list[bytes]:
    """The few inputs of the working folder and the kept corpus that reach all that these reach together."""
    found = corpus.pack(WORKING / name) if (WORKING / name).is_dir() else []
    tally, check = Tally(), target(name).check
    return least([*corpus.kept(corpus.CORPUS, name), *found], lambda data: check(data, tally))


def _child(name: str, folder: Path, options: Sequence[str]) -> str:
    command = [sys.executable, "-m", "fuzz.child", name, str(folder / "tally"), *options]
    command += [
        f"-max_len={target(name).MAX_INPUT_BYTES}",
        f"-timeout={_TIMEOUT_S}",
        f"-rss_limit_mb={_RSS_LIMIT_MB}",
    ]
    command.append(f"-artifact_prefix={folder}/fault-")
    # libFuzzer itself holds the bounds; its output is only needed when something fails.
    environment = {**os.environ, "OMP_NUM_THREADS": "1", FOLDER_VARIABLE: str(folder)}
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    return (done.stdout + done.stderr).decode(errors="replace")
