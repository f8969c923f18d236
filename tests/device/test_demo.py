"""The demo: what it prints fits a terminal, what it compares is right, what is wrong is one line."""

import os
import re
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from bandschema.enums import Activity, AlertLevel, Cause, Contact, Validity
from bandschema.enums import Reading as ReadingId
from bandschema.readings import BY_READING
from bandsim.demo.compare import markdown_of, rows_of, table_of
from bandsim.demo.log import REFERENCE_OF, DemoLog, Point
from bandsim.demo.picture import PANELS, figure_of
from bandsim.scenario import load_scenario
from device.bands import no_band
from device.commands import IN_A_TERMINAL
from vitalband import Alert, Reading, Stamp, Store, StoreError, StoreReader, news2_score
from vitalband.cli import app
from vitalband.cli.common import console

pytestmark = [
    pytest.mark.one_lane(
        reason="the host is what is tested: both lanes send it the same bytes (tests/m4/test_lane.py)"
    ),
    pytest.mark.on_a_line(reason="the demo is a program with a band of its own, on a line"),
]

COLUMNS = 80
LIMIT_S = 120
ANSWER_S = 60


def reading(reading_id: ReadingId, value: float | None, *, is_valid: bool = True) -> Reading:
    validity = Validity.VALID if is_valid else Validity.LOW_QUALITY if value is not None else Validity.UNKNOWN
    stamp = Stamp(1, 0, 0, None, None)
    unit = BY_READING[reading_id].unit
    return Reading(reading_id, value, unit, validity, 90, Contact.ON_WRIST, Cause.NONE, stamp)


@pytest.fixture
def log() -> DemoLog:
    return DemoLog(load_scenario("rest").stimulus)


def row_of(log: DemoLog, reading_id: ReadingId, points: list[tuple[Reading, float | None]]):
    log.points[reading_id] = [Point(2.0 * index, *point) for index, point in enumerate(points)]
    return next(row for row in rows_of(log) if row.reading_id is reading_id)


@no_band
def test_a_rate_is_compared_by_mean_absolute_error_over_valid_values(log):
    rate = ReadingId.HEART_RATE_BPM
    points = [
        (reading(rate, 60.0), 61.0),
        (reading(rate, 66.0), 63.0),
        (reading(rate, 99.0, is_valid=False), 64.0),
    ]
    row = row_of(log, rate, points)
    assert (row.band, row.reference, row.unit) == ("63.0 (60.0-66.0)", "62.7 (61.0-64.0)", "/min")
    assert (row.error, row.floor_error, row.coverage, row.count) == ("2.00", "1.00", "67 %", 2)


@no_band
def test_what_is_unknown_is_called_so_and_not_doubtful(log):
    row = row_of(log, ReadingId.SYSTOLIC_MMHG, [(reading(ReadingId.SYSTOLIC_MMHG, None), 118.0)] * 3)
    assert (row.band, row.reference) == ("unknown", "118 (118-118)")
    assert (row.error, row.coverage, row.count) == ("-", "0 %", 0)


@no_band
def test_values_that_the_band_calls_invalid_are_marked(log):
    core = ReadingId.CORE_TEMPERATURE_ESTIMATE_C
    row = row_of(log, core, [(reading(core, 36.5, is_valid=False), 36.8)] * 4)
    assert row.band == "36.5 (36.5-36.5) doubtful"
    assert (row.error, row.coverage) == ("0.30", "0 %")


@no_band
def test_totals_and_classes_are_compared_as_such(log):
    steps = row_of(log, ReadingId.STEPS, [(reading(ReadingId.STEPS, 90.0), 100.0)])
    assert (steps.error, steps.floor_error) == ("-10 in all", "-100")
    walk, still = float(Activity.WALK), float(Activity.STILL)
    points = [(reading(ReadingId.ACTIVITY, value), walk) for value in (walk, walk, walk, still)]
    activity = row_of(log, ReadingId.ACTIVITY, points)
    assert (activity.error, activity.floor_error) == ("75 % agree", "100 %")
    assert activity.band == "still 25 %, walk 75 %"


@no_band
def test_the_widest_rows_fit_on_a_line_of_80_columns(log):
    for reading_id in BY_READING:
        value = 199.9 if BY_READING[reading_id].scale != Fraction(1) else 200.0
        if reading_id not in (ReadingId.ACTIVITY, ReadingId.SLEEP_STAGE):
            log.points[reading_id] = [Point(0.0, reading(reading_id, value), value)] * 9999
    rows = rows_of(log)
    with console.capture() as capture:
        console.print(table_of(rows, "title"), width=COLUMNS)
    lines = [line.rstrip() for line in capture.get().splitlines()]
    assert len(lines) == len(rows) + 2
    assert not any("…" in line for line in lines)
    assert len(markdown_of(rows).splitlines()) == len(rows) + 2


def alert(level: AlertLevel) -> Alert:
    return Alert(level, Cause.NONE, None, None, news2_score({}), 0)


@no_band
@pytest.mark.parametrize(
    ("source", "label", "is_solid"),
    [("recorded: ECG", "reference", True), ("modelled: physiology model", "model", False)],
)
def test_the_picture_tells_a_modelled_reference_from_a_recorded_one(source, label, is_solid):
    rate = ReadingId.HEART_RATE_BPM
    log = DemoLog(SimpleNamespace(provenance={REFERENCE_OF[rate]: source}))
    log.points[rate] = [Point(2.0 * index, reading(rate, 60.0), 61.0) for index in range(3)]
    (line,) = figure_of(log, "title").axes[PANELS.index(rate)].lines
    assert line.get_label() == label
    assert (line.get_linestyle() == "-") is is_solid


@no_band
# Examples, since a figure takes a fifth of a second.
@pytest.mark.parametrize("levels", [[], [AlertLevel.CLEAR], [AlertLevel.FAULT] * 3, [*AlertLevel] * 2])
def test_the_picture_names_each_level_that_was_raised_once(levels):
    log = DemoLog(SimpleNamespace(provenance={}))
    log.alerts = [(2.0 * index, alert(level)) for index, level in enumerate(levels)]
    legend = figure_of(log, "title").axes[0].get_legend()
    names = [] if legend is None else [text.get_text() for text in legend.get_texts()]
    raised = {level.name.lower() for level in levels if level is not AlertLevel.CLEAR}
    assert sorted(names) == sorted(raised)


@pytest.fixture(scope="module")
def demo(lane_kind, tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-c", "from vitalband.cli import main; main()", "demo"]
    result = subprocess.run(
        [*command, "--output", str(folder / "out")],
        env=os.environ | {"COLUMNS": str(COLUMNS)},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    return folder / "out", result


def test_the_demo_prints_within_80_columns_and_says_what_is_modelled(demo):
    _, result = demo
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    # A path is one word that no terminal can break.
    long = [line for line in result.stdout.splitlines() if len(line) > COLUMNS and str(demo[0]) not in line]
    assert long == []
    for word in ("recorded:", "modelled:", "Heart rate", "reference", "Store, to be replayed:"):
        assert word in result.stdout


def test_the_demo_leaves_a_store_with_all_that_it_showed(demo):
    folder, _ = demo
    with StoreReader(folder / "session.vband") as reader:
        rates = [update[ReadingId.HEART_RATE_BPM] for update in reader.vitals()]
        assert reader.vitals_table().num_rows == len(rates) > 290
    assert any(rate.is_valid for rate in rates)
    assert (folder / "session.png").stat().st_size > 10_000


def test_the_demo_raises_a_warning_while_oxygen_is_low_and_at_no_other_time(demo):
    _, result = demo
    warnings = re.findall(r"^Alert at (\d+):\d+: (?:WARNING|ALARM): .*oxygen", result.stdout, re.MULTILINE)
    assert warnings
    # The scenario lets oxygen fall and rise again from the 5th to the 9th minute.
    assert all(5 <= int(minute) < 9 for minute in warnings)


def _lit_share_of_the_top(path):
    with Image.open(path) as image:
        top = np.asarray(image.convert("L"))[: image.height // 5]
    return (top > 128).mean()


def test_the_demo_leaves_a_picture_of_a_reading_and_one_of_the_alert(demo):
    folder, _ = demo
    # An alert has a lit bar at the top, a reading its name on black.
    assert _lit_share_of_the_top(folder / "alert.png") > 0.5
    assert 0.02 < _lit_share_of_the_top(folder / "page.png") < 0.4


@no_band
@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["--recording", "nope/1"], "wanted a recording of hoffman"),
        (["--recording", "hoffman/100001", "--data", "no-folder"], "no-folder/hoffman is not there"),
        (["--recording", "hoffman/100001", "--data", "."], "hoffman is not there"),
        (["--scenario", "nope"], "wanted a .toml file"),
        (["--seconds", "5", "--output", "/proc/no"], "cannot use /proc/no"),
    ],
)
def test_what_the_demo_cannot_have_is_one_line(arguments, wanted, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("VITALBAND_DATA", raising=False)
    monkeypatch.setattr("bandsim.one_core.stay_on_one_core", lambda: None)
    result = CliRunner().invoke(app, ["demo", *arguments])
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    assert wanted in line


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["stream", "sim:rest", "--json", "--speed", "10"], 130),
        (["replay", "STORE", "--speed", "10", "--json"], 130),
        (["record", "sim:sleep_night", "FILE"], 0),
        (["demo", "--output", "OUT"], 130),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_ctrl_c_ends_a_command_without_a_traceback(arguments, code, demo, tmp_path):
    store = tmp_path / "a.vband"
    places = {
        "STORE": str(demo[0] / "session.vband"),
        "FILE": str(tmp_path / "a.vband"),
        "OUT": str(tmp_path),
    }
    words = [places.get(word, word) for word in arguments]
    command = [sys.executable, "-c", IN_A_TERMINAL, *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        # Ctrl-C while Python imports is Python's own: only a command that works is interrupted.
        if words[0] == "record":
            wait_for_frames(store)
        else:
            assert running.stdout.readline()
        running.send_signal(signal.SIGINT)
        said, complaints = running.communicate(timeout=ANSWER_S)
    assert running.returncode == code, complaints
    assert complaints == ""
    assert words[0] != "record" or "losses: none" in said


def wait_for_frames(path: Path) -> None:
    deadline_s = time.monotonic() + ANSWER_S
    while not frame_count(path):
        assert time.monotonic() < deadline_s
        time.sleep(0.05)


def frame_count(path: Path) -> int:
    try:
        with Store.open(path) as store:
            return store.frame_count()
    except StoreError:  # not there yet, or just being made
        return 0
