"""A stored session in sum: what was shown, what was not and why, as a table, as JSON and as a picture."""

import builtins
import json

import numpy as np
import pytest

from bandschema.enums import Activity, Cause, Contact, Reading, SleepStage, Validity
from bandschema.readings import READINGS
from sdk.fake_band import Script
from sdk.recordings import record
from sdk.test_cli import invoke
from vitalband.analysis.course import range_text, session_of
from vitalband.analysis.course_picture import save_picture
from vitalband.bulk.vitals import StampColumns, joined
from vitalband.clock import UNKNOWN_UTC_US
from vitalband.errors import StoreError
from vitalband.store import StoreReader, VitalsColumns

STEP_US = 2_000_000
PLACES = {spec.reading: place for place, spec in enumerate(READINGS)}


class FakeReader:
    """A reader of columns that a test makes."""

    store = None

    def __init__(self, columns: VitalsColumns) -> None:
        self._columns = columns

    def vitals_columns(self) -> VitalsColumns:
        return self._columns


def columns(count, readings, *, contact=Contact.ON_WRIST, utc_us=None, ticks_ms=None, boots=None):
    """Updates of readings, each a list of (value, validity, cause); what a list lacks was not sent."""
    shape = (count, len(READINGS))
    table = {"value": np.full(shape, np.nan), "is_sent": np.zeros(shape, bool)}
    table |= {name: np.zeros(shape, np.uint8) for name in ("validity", "quality", "cause")}
    for reading, rows in readings.items():
        for row, (value, validity, cause) in enumerate(rows):
            place = row, PLACES[reading]
            table["is_sent"][place] = True
            table["value"][place] = np.nan if value is None else value
            table["validity"][place], table["cause"][place] = validity, cause
    utc_us = np.arange(count) * STEP_US if utc_us is None else np.array(utc_us)
    ticks_ms = np.arange(count) * 2000 if ticks_ms is None else np.array(ticks_ms)
    stamps = StampColumns(
        np.array([1] * count if boots is None else boots, np.uint16), np.arange(count, dtype=np.uint32),
        ticks_ms.astype(np.uint32), utc_us.astype(np.int64), np.ones(count),
    )  # fmt: skip
    return VitalsColumns(stamps=stamps, contact=np.full(count, contact, np.uint8), **table)


def session(count, readings, **more):
    return session_of(FakeReader(columns(count, readings, **more)))


def valid(*values):
    return [(value, Validity.VALID, Cause.NONE) for value in values]


def test_shares_are_of_updates_and_causes_of_what_was_not_shown():
    rows = [
        *valid(60.0, 62.0, 64.0),
        (90.0, Validity.LOW_QUALITY, Cause.MOTION),
        (None, Validity.UNKNOWN, Cause.MOTION),
        (None, Validity.UNKNOWN, Cause.OFF_WRIST),
    ]
    found = session(6, {Reading.HEART_RATE_BPM: rows}).course(Reading.HEART_RATE_BPM)
    assert found.shown_share == 0.5
    assert found.is_doubtful.tolist() == [False] * 3 + [True] + [False] * 2
    assert found.causes() == [("motion", 2 / 6), ("off wrist", 1 / 6)]
    assert found.middle()[0] == 62.0
    assert range_text(found) == "62.0 (60.2 to 63.8) /min"


def test_nothing_shown_is_no_number_and_an_unknown_cause_keeps_its_code():
    rows = [(None, Validity.UNKNOWN, 99)] * 2
    found = session(2, {Reading.SPO2_PERCENT: rows}).course(Reading.SPO2_PERCENT)
    assert found.middle() is None
    assert range_text(found) == ""
    assert found.causes() == [("99", 1.0)]


def test_a_reading_that_was_never_sent_has_no_course():
    assert session(1, {Reading.HEART_RATE_BPM: valid(60.0)}).course(Reading.STEPS) is None


def test_steps_are_added_up_over_counts_that_start_again():
    found = session(5, {Reading.STEPS: valid(10.0, 30.0, 5.0, 9.0, 9.0)}).course(Reading.STEPS)
    assert found.total() == 10 + 20 + 5 + 4
    assert range_text(found) == "39 in all"
    nothing = [(None, Validity.UNKNOWN, Cause.STARTING)]
    assert session(1, {Reading.STEPS: nothing}).course(Reading.STEPS).total() == 0


def test_states_are_shares_of_what_was_shown():
    rows = valid(Activity.STILL, Activity.STILL, Activity.STILL, Activity.WALK)
    found = session(4, {Reading.ACTIVITY: rows}).course(Reading.ACTIVITY)
    assert range_text(found) == "still 75 %, walk 25 %"


def test_updates_that_never_came_lower_the_coverage():
    found = session(3, {}, utc_us=[0, STEP_US, 9 * STEP_US])
    assert (found.updates, found.expected, found.duration_s) == (3, 10, 18.0)
    assert found.started.year == 1970


def test_without_utc_the_bands_ticks_count_over_their_wrap_and_a_start():
    ticks_ms = [(1 << 32) - 1000, 1000, 500, 2500]
    utc_us = [0, UNKNOWN_UTC_US, UNKNOWN_UTC_US, UNKNOWN_UTC_US]
    found = session(4, {}, utc_us=utc_us, ticks_ms=ticks_ms, boots=[1, 1, 2, 2])
    assert found.time_s.tolist() == [0.0, 2.0, 2.0, 4.0]
    assert found.boots == 2


def test_weak_contact_is_worn_too():
    assert session(2, {}, contact=Contact.WEAK).worn_share == 1.0
    assert session(2, {}, contact=Contact.OFF_WRIST).worn_share == 0.0


def night_of(stages, *, delay_epochs=10):
    """Updates every 30 s whose stage is that of ten epochs before."""
    unknown = (None, Validity.UNKNOWN, Cause.STARTING)
    rows = [unknown] * delay_epochs + [unknown if each is None else valid(each)[0] for each in stages]
    utc_us = np.arange(len(rows)) * 30_000_000
    return session(len(rows), {Reading.SLEEP_STAGE: rows}, utc_us=utc_us).night()


def test_a_night_is_summed_up_at_the_time_of_its_epochs_not_of_their_telling():
    stages = [SleepStage.WAKE] * 4 + [SleepStage.NREM] * 20 + [SleepStage.WAKE] * 2 + [SleepStage.REM] * 8
    night = night_of(stages)
    assert (night.onset_s, night.total_sleep_s, night.wake_after_onset_s) == (120, 28 * 30, 60)
    assert night_of([None, None]) is None
    early = night_of([SleepStage.NREM], delay_epochs=0)
    assert early.total_sleep_s == 0


def test_batches_are_joined_and_none_at_all_are_empty():
    one, two = columns(2, {Reading.STEPS: valid(1.0, 2.0)}), columns(1, {Reading.STEPS: valid(3.0)})
    both = joined([one, two])
    assert both.value[:, PLACES[Reading.STEPS]].tolist() == [1.0, 2.0, 3.0]
    assert both.contact.dtype == np.uint8
    assert len(joined([]).contact) == 0
    assert joined([]).value.shape == (0, len(READINGS))


def test_a_store_without_vital_signs_says_so(tmp_path):
    record(tmp_path / "a.vband", seconds=1)
    with StoreReader(tmp_path / "a.vband") as reader, pytest.raises(StoreError, match="holds no vital signs"):
        session_of(reader)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("analyze") / "walk.vband"
    script = Script()
    script.values[Reading.SLEEP_STAGE] = SleepStage.NREM
    record(path, script)
    return path


def test_the_table_names_every_reading_and_sums_up(store):
    told = invoke("analyze", store)
    assert told.output.startswith("walk.vband: ")
    assert "100.0 % of those due" in told.output
    assert "on the wrist 100 %" in told.output
    assert "Heart rate" in told.output
    assert "72.0 (72.0 to 72.0) /min" in told.output


def test_json_has_shares_causes_and_states(store):
    told = json.loads(invoke("analyze", store, "--json").output)
    heart = told["readings"]["heart_rate_bpm"]
    assert (heart["shown"], heart["median"], heart["unit"]) == (1.0, 72.0, "per_minute")
    assert told["on_wrist"] == 1.0
    assert told["updates"] == told["updates_expected"]


@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_a_picture_is_drawn_and_the_same_session_is_the_same_file(store, tmp_path, suffix):
    first, second = tmp_path / f"one{suffix}", tmp_path / f"two{suffix}"
    for path in (first, second):
        assert f"drawn into {path}" in invoke("analyze", store, "-o", path).output
    assert first.read_bytes() == second.read_bytes()
    assert invoke("analyze", store, "-o", first, "--json").output.startswith("{")


def test_a_session_without_any_value_and_one_that_was_off_are_drawn(tmp_path):
    nothing = session(3, {Reading.HEART_RATE_BPM: [(None, Validity.UNKNOWN, Cause.OFF_WRIST)] * 3},
                      contact=Contact.OFF_WRIST)  # fmt: skip
    save_picture(nothing, "off", tmp_path / "off.svg")
    assert "no reading had a value" in (tmp_path / "off.svg").read_text(encoding="utf-8")


def test_what_cannot_be_drawn_is_one_line(store, tmp_path, monkeypatch):
    refused = invoke("analyze", store, "-o", tmp_path / "a.doc", code=2)
    assert "wanted a file ending in .png, .svg or .pdf" in refused.output
    real = builtins.__import__

    def without(name, *rest, **more):
        if name == "vitalband.analysis.course_picture":
            raise ImportError("No module named 'matplotlib'")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    missing = invoke("analyze", store, "-o", tmp_path / "a.png", code=2)
    assert "wanted matplotlib, the extra 'plot'" in missing.output
