"""The table of vitals counts what is really sent."""

import pytest

from bandschema.vitals_run import BY_ID, MOST_UPDATES
from bandschema.vitals_run_writer import encode_updates
from bandwire.frames import HEADER_BYTES
from bandwire.record import RECORD_HEADER_BYTES
from bench_codec.vitals_sizes import (
    CARRIER_BYTES,
    FRAME_LIMIT,
    SEVEN,
    bytes_in_runs,
    bytes_of_services,
    bytes_of_vitals,
    valid_updates,
)
from tasks import vitals_frame


def test_frames_are_as_long_as_the_bands_at_most():
    assert FRAME_LIMIT == vitals_frame._FRAME_BYTES


def test_an_update_alone_takes_its_body_and_all_around_it():
    updates = valid_updates(1, SEVEN)
    around = HEADER_BYTES + RECORD_HEADER_BYTES + CARRIER_BYTES
    assert bytes_in_runs(updates, 1, SEVEN) == len(encode_updates(updates, SEVEN)) + around


def test_more_updates_a_frame_take_fewer_bytes_each_until_it_is_full():
    updates = valid_updates(200, len(BY_ID))
    sizes = [bytes_in_runs(updates, most, len(BY_ID)) for most in (1, 2, 4, 8)]
    assert sizes == sorted(sizes, reverse=True)
    assert bytes_in_runs(updates, 40, len(BY_ID)) == bytes_in_runs(updates, MOST_UPDATES, len(BY_ID))


@pytest.mark.parametrize("readings", [SEVEN, len(BY_ID)])
def test_two_updates_in_a_frame_are_smaller_than_what_was_sent_before(readings):
    assert bytes_in_runs(valid_updates(200, readings), 1, readings) < bytes_of_vitals(readings) / 2


def test_of_the_seven_two_in_a_frame_are_smaller_than_three_services():
    updates = valid_updates(200, SEVEN)
    assert bytes_in_runs(updates, 2, SEVEN) < bytes_of_services() < bytes_in_runs(updates, 1, SEVEN)
