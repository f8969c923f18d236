"""`vitalband merge`, as a user runs it."""

import json

from typer.testing import CliRunner

from sdk.recordings import row
from vitalband import Store
from vitalband.cli.application import app


def made(path, *numbers, text="x"):
    with Store.create(path) as store:
        store.write([row(number, text=text) for number in numbers])
    return str(path)


def merged(*arguments):
    return CliRunner().invoke(app, ["merge", *arguments])


def test_two_stores_are_merged_and_told_as_json_and_in_words(tmp_path):
    stores = made(tmp_path / "a.vband", 1, 2), made(tmp_path / "b.vband", 2, 3)
    told = merged(str(tmp_path / "all.vband"), *stores, "--json")
    assert told.exit_code == 0
    document = json.loads(told.output)
    assert (document["frames"], document["duplicates"], document["damaged_rows"]) == (3, 1, {})
    assert "3 frames in" in merged(str(tmp_path / "again.vband"), *stores).output


def test_stores_of_different_recordings_are_a_failure_of_the_store(tmp_path):
    stores = made(tmp_path / "a.vband", 1), made(tmp_path / "b.vband", 1, text="y")
    told = merged(str(tmp_path / "all.vband"), *stores)
    assert told.exit_code == 5
    assert "boot 1, frame 1: 1 bytes differ" in told.output


def test_a_name_that_is_taken_is_wrong_usage(tmp_path):
    store = made(tmp_path / "a.vband", 1)
    assert merged(store, store).exit_code == 2
