"""Scores: made-up readings whose score is known beforehand, and what must not be hidden."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdk.test_cli import invoke
from vitalband.analysis.agreement import (
    accuracy_rms,
    bootstrap_interval,
    cohen_kappa,
    confusion,
    error_against_coverage,
    limits_of_agreement,
    roc_area,
    specificity_at,
)
from vitalband.analysis.files import read_recording, series_of, subject_of
from vitalband.analysis.oxygen import cross_validated_line
from vitalband.analysis.pairing import NO_SERIES, Series, pairs_of
from vitalband.analysis.readings import ReadingRow, ReferenceRow, write_readings, write_reference
from vitalband.analysis.score import score
from vitalband.analysis.scores import ScoredRecording
from vitalband.errors import LocalError

HEART, BREATH, OXYGEN, STEPS, SLEEP = (
    "heart_rate_bpm",
    "respiratory_rate_bpm",
    "spo2_percent",
    "steps",
    "sleep_stage",
)


def series(times_s, values, shown=None, quality=None):
    count = len(times_s)
    return Series(
        np.array(times_s, float),
        np.array(values, float),
        np.ones(count, bool) if shown is None else np.array(shown, bool),
        np.full(count, 50.0) if quality is None else np.array(quality, float),
    )


def recording(vital, readings, reference, name="a", subject=None):
    return ScoredRecording(name, subject or name, {vital: readings}, {vital: np.array(reference, float)})


def figures(*recordings):
    return {one.measure: one for vital in score(list(recordings)) for one in vital.scores}


def windows(*values):
    return [(8.0 + 2 * k, value) for k, value in enumerate(values)]


def test_heart_rate_is_the_unweighted_mean_of_recordings():
    short = recording(HEART, series([8], [75]), windows(70), "short")
    times = [8 + 2 * k for k in range(9)]
    long = recording(HEART, series(times, [101] * 9), windows(*[100] * 9), "long")
    assert figures(short, long)["mean absolute error, every reading"].value == pytest.approx((5 + 1) / 2)


def test_what_is_withheld_counts_in_every_reading_and_not_as_shown():
    readings = series([8, 10, 12, 14], [70, 71, 130, 73], shown=[1, 1, 0, 1])
    found = figures(recording(HEART, readings, windows(70, 70, 70, 70)))
    assert found["mean absolute error, every reading"].value == pytest.approx((0 + 1 + 60 + 3) / 4)
    shown = found["mean absolute error, as shown"]
    assert shown.value == pytest.approx((0 + 1 + 3) / 3)
    assert shown.coverage == 0.75


def test_readings_that_never_came_lower_the_coverage_and_are_told():
    found = figures(recording(HEART, series([8, 10], [70, 70]), windows(70, 70, 70, 70)))
    every = found["mean absolute error, every reading"]
    assert (every.used, every.expected) == (2, 4)
    assert "2 without a reading" in every.note


def test_a_recording_without_one_reading_still_counts_in_the_coverage():
    found = figures(
        recording(HEART, series([8], [70]), windows(70), "a"), recording(HEART, NO_SERIES, windows(70), "b")
    )
    assert found["mean absolute error, every reading"].coverage == 0.5


def test_a_reading_after_the_reference_ends_is_not_scored():
    found = figures(recording(HEART, series([8, 10, 12], [70, 70, 170]), windows(70, 70)))
    assert found["mean absolute error, every reading"].value == 0


def test_a_dense_reference_is_averaged_over_what_the_reading_speaks_of():
    reference = np.array([(t, 60.0 if t <= 20 else 100.0) for t in range(41)], float)
    pairs = pairs_of(HEART, series([22, 24, 28, 30], [60] * 4), reference)
    truth = dict(zip(pairs.time_s.tolist(), pairs.reference.tolist(), strict=True))
    assert truth[20.0] == 60
    assert truth[24.0] == 80  # seconds 17 to 20 at 60, 21 to 24 at 100
    assert truth[28.0] == 100
    assert pairs_of(BREATH, NO_SERIES, reference).time_s[0] == 32.0


def test_a_hole_in_the_reference_asks_for_no_reading():
    reference = np.array([(t, 15.0) for t in range(200) if not 60 <= t < 120], float)
    times_s = pairs_of(BREATH, NO_SERIES, reference).time_s
    assert times_s[times_s >= 60].min() <= 76  # half of the 32 s is still known
    assert not ((times_s > 76) & (times_s < 134)).any()


def test_a_single_reference_is_answered_by_the_median_of_what_is_shown():
    readings = series([2, 4, 6], [90, 96, 40], shown=[1, 1, 0])
    pairs = pairs_of(OXYGEN, readings, np.array([[0.0, 93.0]]))
    assert pairs.error.tolist() == [0.0]


@pytest.mark.parametrize(("shown", "is_shown"), [([1, 1, 0, 1], True), ([1, 1, 0, 0], False)])
def test_variability_is_answered_by_its_last_value_which_looks_back_on_all(shown, is_shown):
    readings = series([60, 62, 64, 66], [30, 30, 90, 41], shown=shown)
    pairs = pairs_of("rmssd_ms", readings, np.array([[70.0, 40.0]]))
    assert pairs.error.tolist() == [1.0]
    assert pairs.is_shown.tolist() == [is_shown]
    nothing = series([60], [np.nan], shown=[0])
    assert np.isnan(pairs_of("rmssd_ms", nothing, np.array([[70.0, 40.0]])).value).all()


def test_the_floor_of_a_person_never_sees_that_person():
    def of(name, subject, truth):
        return recording(HEART, series([8, 10], [truth, truth]), windows(truth, truth), name, subject)

    found = figures(of("left", "p", 60), of("right", "p", 60), of("other", "q", 100))
    every = found["mean absolute error, every reading"]
    assert every.floor == pytest.approx(40)
    assert (every.recordings, every.subjects) == (3, 2)


def test_oxygen_outside_the_range_of_arms_is_left_out():
    reference = [(t, 50.0 if t > 20 else 90.0) for t in range(2, 41, 2)]
    times = [t for t, _ in reference]
    found = figures(recording(OXYGEN, series(times, [92] * len(times)), reference))
    assert found["Arms, every reading"].value == pytest.approx(2)
    assert found["bias, as shown"].value == pytest.approx(2)


def test_a_refitted_line_takes_scale_and_offset_out_and_only_them():
    truth = np.tile([72.0, 80.0, 88.0, 96.0], 10)
    line, mean = cross_validated_line((truth - 20) / 3, truth, np.arange(40) // 4)
    assert np.abs(line - truth).max() < 1e-9
    assert accuracy_rms(mean - truth) == pytest.approx(truth.std(), rel=0.01)


def test_a_clock_alone_is_scored_where_all_follow_one_course():
    course = [(float(t), 100.0 - t / 10) for t in range(0, 200, 2)]
    nothing = series([t for t, _ in course], [97.0] * 100)
    found = figures(*(recording(OXYGEN, nothing, course, name) for name in "abc"))
    assert found["control: clock alone, Arms"].value == pytest.approx(0, abs=1e-9)
    assert found["Arms, every reading"].value > 5


def test_steps_part_walking_from_other_and_balance_the_two():
    def of(name, counted, true):
        return recording(STEPS, series([100.0], [counted]), [(100.0, true)], name)

    found = figures(of("walk", 90, 100), of("desk", 5, 0), of("dishes", 30, 15))
    assert found["walking error"].value == 10
    assert found["non-walking error"].value == 10
    assert found["balanced error"].value == 10
    assert found["balanced error"].floor == (100 + 7.5) / 2
    assert found["false steps outside walking"].value == pytest.approx(20 / 200 * 3600)


def test_an_epoch_without_an_answer_is_an_error_where_all_epochs_count():
    times = [30.0 * k for k in range(1, 11)]
    truth = list(zip(times, [0, 0] + [1] * 8, strict=True))
    readings = series(times, [0, np.nan] + [1] * 8, shown=[1, 0] + [1] * 7 + [0])
    found = figures(recording(SLEEP, readings, truth))
    assert found["specificity (wake found), epochs with an answer"].value == 1
    assert found["specificity (wake found), all scored epochs"].value == 0.5
    assert found["sensitivity (sleep found), all scored epochs"].value == 7 / 8
    assert found["accuracy, all scored epochs"].floor == 0.8


def test_calling_every_epoch_asleep_has_no_kappa():
    times = [30.0 * k for k in range(1, 11)]
    found = figures(recording(SLEEP, series(times, [1] * 10), list(zip(times, [0] + [1] * 9, strict=True))))
    assert found["accuracy, epochs with an answer"].value == 0.9
    assert found["kappa, sleep and wake, epochs with an answer"].value == pytest.approx(0)


def test_kappa_is_that_of_a_textbook_table():
    # 45 and 15, 25 and 15: agreement 0.6, chance 0.54.
    assert cohen_kappa(np.array([[45, 15], [25, 15]])) == pytest.approx((0.60 - 0.54) / (1 - 0.54))
    assert confusion(np.array([0, 1, 1]), np.array([0, 0, 1]), 2).tolist() == [[1, 0], [1, 1]]


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=40))
def test_the_area_is_the_share_of_pairs_in_the_right_order(rows):
    is_positive = np.array([row[0] for row in rows])
    scores = np.array([row[1] for row in rows], float)
    ups, downs = scores[is_positive], scores[~is_positive]
    if not len(ups) or not len(downs):
        assert math.isnan(roc_area(is_positive, scores))
        return
    right = (ups[:, None] > downs).mean() + (ups[:, None] == downs).mean() / 2
    assert roc_area(is_positive, scores) == pytest.approx(right)


def test_specificity_at_a_sensitivity_lies_on_the_curve():
    is_positive = np.array([True, True, True, False, False])
    scores = np.array([3.0, 2.0, 0.5, 1.0, 0.0])
    assert specificity_at(is_positive, scores, 2 / 3) == 1
    assert specificity_at(is_positive, scores, 1) == 0.5
    # One score for all is a line by chance.
    assert specificity_at(is_positive, np.zeros(5), 0.93) == pytest.approx(0.07)


@given(st.lists(st.tuples(st.floats(0, 9), st.integers(0, 100)), min_size=1, max_size=30))
def test_at_full_coverage_the_curve_is_the_mean_error(rows):
    error = np.array([row[0] for row in rows])
    coverage, mean = error_against_coverage(error, np.array([row[1] for row in rows], float))
    assert coverage[-1] == 1
    assert mean[-1] == pytest.approx(error.mean())
    assert len(coverage) == len({row[1] for row in rows})


def test_limits_of_agreement_hold_the_bias_and_its_spread():
    limits = limits_of_agreement(np.array([1.0, 3.0]))
    assert (limits.bias, limits.count) == (2, 2)
    assert limits.upper - limits.lower == pytest.approx(2 * 1.96 * math.sqrt(2))
    assert math.isnan(limits_of_agreement(np.array([1.0])).bias)


def test_an_interval_is_drawn_by_person_and_the_same_each_time():
    groups = [[1.0, 1.0], [2.0], [9.0]]
    first = bootstrap_interval(groups, lambda drawn: float(np.mean(drawn)))
    assert first == bootstrap_interval(groups, lambda drawn: float(np.mean(drawn)))
    assert first == (1.0, 9.0)
    assert bootstrap_interval(groups[:2], lambda drawn: float(np.mean(drawn))) is None


def test_a_row_without_a_value_is_no_zero():
    rows = [ReadingRow(8.0, HEART, None, "per_minute", 0, "unknown", "starting")]
    found = series_of(rows)[HEART]
    assert np.isnan(found.value[0])
    assert not found.is_shown[0]


def write(folder, name, readings, reference):
    write_readings(
        [ReadingRow(t, HEART, value, "per_minute", 80, "valid", "") for t, value in readings],
        folder / f"{name}.readings.csv",
    )
    write_reference(
        [ReferenceRow(t, HEART, value) for t, value in reference], folder / f"{name}.reference.csv"
    )


def test_the_command_scores_files_and_folders_alike(tmp_path):
    write(tmp_path, "one", windows(71, 72), windows(70, 70))
    alone = invoke("score", tmp_path / "one.readings.csv", tmp_path / "one.reference.csv", "--json")
    folder = invoke("score", tmp_path, tmp_path, "--json")
    assert alone.stdout == folder.stdout
    every = json.loads(alone.stdout)["scores"][0]
    assert (every["value"], every["used"], every["interval"]) == (1.5, 2, None)


def test_the_command_names_files_without_a_partner(tmp_path):
    write(tmp_path, "one", windows(71), windows(70))
    write_reference([ReferenceRow(8.0, HEART, 70.0)], tmp_path / "two.reference.csv")
    assert "without a partner: two" in invoke("score", tmp_path, tmp_path).stdout


def test_the_command_prints_every_recording_when_asked(tmp_path):
    for name, value in (("anna_1", 71), ("anna_2", 72), ("ben_1", 73)):
        write(tmp_path, name, windows(value), windows(70))
    text = invoke("score", tmp_path, tmp_path, "--each", "--subjects", r"(\w+)_").stdout
    assert "3 recordings of 2 people" in text
    assert "anna_2" in text


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        (["a"], "pairs of READINGS REFERENCE, got 1"),
        ([".", "one.reference.csv"], "two files or two folders"),
        (["empty", "empty"], "none in common"),
        (["one.reference.csv", "one.reference.csv"], "wanted the columns time_s,vital,value,unit"),
    ],
)
def test_wrong_paths_are_told_in_one_line(tmp_path, paths, message):
    (tmp_path / "empty").mkdir()
    write(tmp_path, "one", windows(71), windows(70))
    result = invoke("score", *(tmp_path / path for path in paths), code=2)
    assert message in result.stderr


def test_a_person_is_what_the_expression_finds(tmp_path):
    assert subject_of("hoffman_100001_left", r"_(\d+)_") == "100001"
    assert subject_of("other", r"_(\d+)_") == "other"
    for wrong in ("(", "no group"):
        with pytest.raises(LocalError, match="one group"):
            subject_of("no group", wrong)
    write(tmp_path, "one", windows(71), windows(70))
    one = read_recording(tmp_path / "one.readings.csv", tmp_path / "one.reference.csv")
    assert (one.name, one.subject) == ("one", "one")
