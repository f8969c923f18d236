"""A check of a store tells data that the wearer had not agreed to, and accuses nobody unless it can know."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from bandschema.enums import Cause, ConsentAction, Contact, Group, JournalClass, LossCause, Reading, Validity
from bandschema.readings import NO_VALUE
from bandschema.records import ConsentRecord, JournalLoss, VitalsRun
from bandschema.vitals_run import RunReading, RunUpdate
from bandschema.vitals_run_writer import encode_updates
from sdk.fake_band import descriptor
from sdk.recordings import row
from sdk.test_check import block, checked, frame_row, kinds
from vitalband import Store, StreamId
from vitalband.cli.application import app
from vitalband.store import FindingKind, check_store, merge_stores
from vitalband.store.check.consent import BEFORE_START, NOT_AGREED, TOO_LATE

BOTH = Group.PULSE | Group.OXYGEN


def consent(action, groups=BOTH):
    return ConsentRecord(
        action=action, groups=groups, manifest_digest=bytes(8), firmware_digest=bytes(8),
        issuance_digest=bytes(8),
    )  # fmt: skip


def vitals(*readings, cause=Cause.NONE):
    one = RunReading(Validity.VALID, 100, cause, 900)
    if cause != Cause.NONE:
        one = RunReading(Validity.UNKNOWN, 0, cause, NO_VALUE)
    told = {int(reading): one for reading in readings}
    return VitalsRun(updates=encode_updates([RunUpdate(5, Contact.ON_WRIST, told)]))


MADE = {
    "A": consent(ConsentAction.AGREED),
    "W": consent(ConsentAction.WITHDRAWN),
    "w": consent(ConsentAction.WITHDRAWN, Group.OXYGEN),
    "a": consent(ConsentAction.AGREED, Group.OXYGEN),
    "F": consent(ConsentAction.IN_FORCE),
    "f": consent(ConsentAction.IN_FORCE, Group.PULSE),
    "0": consent(ConsentAction.IN_FORCE, Group(0)),
    "9": consent(9),
    "s": consent(ConsentAction.WITHDRAWN, Group.STANDARD_SERVICES),
    "S": consent(ConsentAction.AGREED, Group.STANDARD_SERVICES),
    "p": vitals(Reading.HEART_RATE_BPM),
    "o": vitals(Reading.SPO2_PERCENT),
    "b": vitals(Reading.HEART_RATE_BPM, Reading.SPO2_PERCENT),
    "n": vitals(Reading.SPO2_PERCENT, cause=Cause.NO_CONSENT),
    "u": vitals(Reading.SPO2_PERCENT, cause=Cause.WEAK_SIGNAL),
}


def rows_of(course, boot_id=1):
    return [frame_row(at, MADE[what], boot_id=boot_id) for at, what in enumerate(course) if what != "."]


@pytest.mark.parametrize(
    ("course", "told", "unproven"),
    [
        ("0ApWAp", [], 0),
        ("Fp", [], 0),
        ("pA", [TOO_LATE], 1),
        ("pF", [BEFORE_START], 1),
        ("0p", [NOT_AGREED], 0),
        ("FbWp", [NOT_AGREED], 0),
        ("FW.p", [], 1),
        ("p.A", [], 1),
        ("p", [], 1),
        ("fp", [], 0),
        ("fo", [NOT_AGREED], 0),
        ("fb", [NOT_AGREED], 0),
        ("fu", [NOT_AGREED], 0),
        ("fn", [], 0),
        ("fao", [], 0),
        ("fop", [NOT_AGREED], 0),
        ("FwpoA", [NOT_AGREED], 0),
        ("Fwp", [], 0),
        ("0.Fp0o", [NOT_AGREED], 0),
        ("F9p", [], 1),
        ("FSpsp", [], 0),
        ("FWSp", [NOT_AGREED], 0),
        ("pS", [], 1),
        ("op.ap", [], 3),
        ("opa", [TOO_LATE], 2),
        ("pap", [], 2),
    ],
)
def test_data_is_held_against_what_was_agreed_to_group_by_group(tmp_path, course, told, unproven):
    report = checked(tmp_path, rows_of(course))
    assert report.counts == {(FindingKind.CONSENT, cause): 1 for cause in told}
    assert report.boots[0].unproven_frames == unproven


def test_samples_are_held_against_the_group_of_their_stream(tmp_path):
    def report_of(groups, folder):
        rows = [consent(ConsentAction.IN_FORCE, groups), descriptor(StreamId.OPTICAL), block(0, 5)]
        (tmp_path / folder).mkdir()
        return checked(tmp_path / folder, [frame_row(at, record) for at, record in enumerate(rows)])

    assert report_of(Group.RAW_OPTICAL, "agreed").is_sound
    assert kinds(report_of(~Group.RAW_OPTICAL, "not agreed")) == {FindingKind.CONSENT}


def test_a_finding_names_the_groups_and_the_frame(tmp_path):
    (finding,) = checked(tmp_path, rows_of("0b")).first
    assert (finding.sequence, finding.cause) == (1, f"{NOT_AGREED}: PULSE, OXYGEN")


@pytest.mark.parametrize(
    ("lost_class", "count", "is_told"),
    [
        (JournalClass.VITALS, 2, True),
        (JournalClass.WAVEFORMS, 2, True),
        (JournalClass.EVENTS, 2, False),
        (JournalClass.VITALS, 1, False),
        (9, 2, False),
    ],
)
def test_numbers_that_were_surely_no_records_of_consent_leave_it_known(tmp_path, lost_class, count, is_told):
    loss = JournalLoss(
        lost_boot_id=1,
        first_sequence=1,
        last_sequence=2,
        frame_count=count,
        lost_class=lost_class,
        loss_cause=LossCause.FULL,
    )
    report = checked(tmp_path, [*rows_of("0..p"), frame_row(0, loss, boot_id=2)])
    assert (FindingKind.CONSENT in kinds(report)) == is_told


def test_each_boot_is_judged_by_what_it_told_itself(tmp_path):
    # Power went after the agreement was kept and before its record was: the next start tells it.
    report = checked(tmp_path, [*rows_of("0", 1), *rows_of("Fp", 2), *rows_of("0p", 3)])
    assert [finding.boot_id for finding in report.first] == [3]


courses = st.lists(st.sampled_from("AWwaFf0pobn"), min_size=1, max_size=12).map("".join)


def allowed_now(course):
    """What is agreed to, and what not, before each frame of a whole course."""
    agreed, denied = set(), set()
    every = set(Group)
    for what in course:
        yield what, set(agreed), set(denied)
        record = MADE[what]
        if not isinstance(record, ConsentRecord):
            continue
        groups = {group for group in every if group in Group(record.groups)}
        if record.action == ConsentAction.IN_FORCE:
            agreed, denied = groups, every - groups
        elif record.action == ConsentAction.AGREED:
            agreed, denied = agreed | groups, denied - groups
        else:
            agreed, denied = agreed - groups, denied | groups


HELD = {"p": {Group.PULSE}, "o": {Group.OXYGEN}, "b": {Group.PULSE, Group.OXYGEN}}


@settings(max_examples=60, deadline=None)
@given(courses, st.data())
def test_no_store_is_accused_of_more_than_the_whole_of_it(tmp_path_factory, course, data):
    folder = tmp_path_factory.mktemp("consent")
    wrong = {at for at, (what, _, denied) in enumerate(allowed_now(course)) if HELD.get(what, set()) & denied}
    whole = checked(folder, rows_of(course))
    not_agreed = (FindingKind.CONSENT, NOT_AGREED)
    assert whole.counts[not_agreed] == len(wrong)
    gone = data.draw(st.sets(st.integers(0, len(course) - 1)))
    left = [at for at in range(len(course)) if at not in gone]
    if not left:
        return
    part_folder = tmp_path_factory.mktemp("consent")
    part = checked(part_folder, [each for each in rows_of(course) if each.sequence in left])
    told = {finding.sequence for finding in part.first if finding.cause.startswith(NOT_AGREED)}
    assert told <= wrong


@pytest.mark.parametrize("takes_unproven", [False, True])
def test_what_one_store_cannot_know_to_be_denied_a_merge_leaves_out(tmp_path, takes_unproven):
    frames = rows_of("0pAp")
    for name, some in (("one", [frames[0], frames[2]]), ("two", [frames[1], frames[3]])):
        (tmp_path / name).mkdir()
        assert FindingKind.CONSENT not in kinds(checked(tmp_path / name, some))
    both = tmp_path / "both.vband"
    paths = [tmp_path / "one/a.vband", tmp_path / "two/a.vband"]
    report = merge_stores(both, paths, takes_unproven=takes_unproven)
    assert (report.frames, report.refused) == (3, 1)
    assert FindingKind.CONSENT not in kinds(check_store(both))


def test_what_no_record_tells_of_is_merged_only_when_told(tmp_path):
    rows = [*rows_of("pp"), row(2)]
    checked(tmp_path, rows)
    path, said = tmp_path / "a.vband", CliRunner().invoke
    for name, options, frames in (("some", (), 1), ("all", ("--unproven",), 3)):
        new = tmp_path / f"{name}.vband"
        told = said(app, ["merge", str(new), str(path), *options])
        assert told.exit_code == 0, told.output
        assert ("left out 2 frames" in told.output) == (frames == 1)
        with Store.open(new) as store:
            assert store.frame_count() == frames


def test_the_command_says_of_how_many_frames_nothing_is_told(tmp_path):
    checked(tmp_path, [*rows_of("pp"), row(2)])
    told = CliRunner().invoke(app, ["check", str(tmp_path / "a.vband")])
    assert (told.exit_code, "whether 2 frames were agreed to is not told" in told.output) == (0, True)
    document = json.loads(CliRunner().invoke(app, ["check", str(tmp_path / "a.vband"), "--json"]).output)
    assert document["boots"][0]["unproven_frames"] == 2
