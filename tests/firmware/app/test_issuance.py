"""Who asks: kept, part of the agreement; on other terms, and when the term is over, nothing is measured."""

from dataclasses import replace
from hashlib import sha256

import pytest

from bandschema.enums import ConsentAction, Page, Result
from bandschema.records import TimeRequest
from firmware.app.conftest import encode
from firmware.app.test_consent import ABOUT_THE_WEARER, backfilled, sample_reads
from firmware.app.test_question import ISSUANCE

TERM_S = 600
LATE_S = 130
"""How late it may be seen: the journal counts powered time by the minute, twice over a restart."""
SHORT = replace(ISSUANCE, start_unix_s=1_780_000_000, end_unix_s=1_780_000_000 + TERM_S)


def last_record(rig):
    return rig.host.records("ConsentRecord")[-1]


@pytest.fixture
def issued(rig):
    rig.connect()
    assert rig.ask(SHORT) == Result.OK
    rig.agree()
    return rig


def tell_time(rig, unix_s):
    rig.send(TimeRequest(request_id=0, unix_time_s=unix_s))


def test_its_digest_is_over_the_fields_behind_the_request_id(issued):
    frame = bytes(encode(SHORT))
    assert last_record(issued).issuance_digest == sha256(frame[14:]).digest()[:8]
    assert last_record(issued).firmware_digest == bytes(range(8))


def test_it_outlives_a_restart_with_the_agreement_to_it(issued):
    issued.boot()
    assert issued.core.issued.issuance.issuer == b"City Hospital"
    assert issued.band.consent.agreement is not None


def test_terms_that_were_lost_are_not_agreed_to(issued):
    for slot in "01":
        (issued.folder + "terms." + slot, open(issued.folder + "terms." + slot, "wb").close())
    issued.boot()
    assert issued.band.consent.agreement is None


def test_the_same_terms_again_change_nothing(issued):
    assert issued.ask(replace(SHORT, request_id=9)) == Result.OK
    assert issued.band.consent.agreement is not None


@pytest.mark.parametrize("change", [{"issuer": "Somebody"}, {"refusal": "dismissal"}, {"is_voluntary": 0}])
def test_other_terms_end_the_agreement_keep_what_was_measured_and_ask_anew(issued, change):
    issued.run(10_000)
    assert issued.ask(replace(SHORT, **change)) == Result.OK
    assert last_record(issued).action == ConsentAction.ENDED
    issued.run(1_000)
    issued.bus.trace.clear()
    issued.run(10_000)
    assert sample_reads(issued) == []
    assert issued.band.screen.view.page == Page.MANIFEST
    issued.boot()
    assert issued.band.consent.agreement is None
    issued.connect(b"session2")
    issued.run(5_000)
    assert backfilled(issued, 1) & ABOUT_THE_WEARER
    issued.agree()
    assert last_record(issued).issuance_digest == issued.core.issued.digest


def test_an_end_before_its_start_is_refused(rig):
    rig.connect()
    assert rig.ask(replace(SHORT, end_unix_s=SHORT.start_unix_s)) == Result.BAD_ARGUMENT
    assert rig.core.issued.issuance is None


def test_without_a_clock_it_ends_after_as_much_time_as_it_was_asked_for(issued):
    issued.run((TERM_S - 10) * 1000)
    assert issued.band.consent.agreement is not None
    issued.run((LATE_S + 10) * 1000)
    assert issued.band.consent.agreement is None
    assert last_record(issued).action == ConsentAction.ENDED


def test_time_without_a_clock_counts_over_restarts(issued):
    issued.run(TERM_S // 2 * 1000)
    issued.boot()
    issued.run((TERM_S // 2 + LATE_S) * 1000)
    assert issued.band.consent.agreement is None


def test_with_a_clock_it_ends_at_its_date(issued):
    tell_time(issued, SHORT.end_unix_s - 60)
    issued.run(50_000)
    assert issued.band.consent.agreement is not None
    issued.run(20_000)
    assert issued.band.consent.agreement is None
    assert last_record(issued).action == ConsentAction.ENDED
    issued.agree()
    issued.run(10_000)
    assert issued.band.consent.agreement is None, "nobody agrees to what is over"


def test_one_without_an_end_goes_on(rig):
    rig.connect()
    rig.ask(replace(SHORT, end_unix_s=0))
    rig.agree()
    rig.run((TERM_S + LATE_S) * 1000)
    assert rig.band.consent.agreement is not None
