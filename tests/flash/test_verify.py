"""`vitalband info --verify` says plainly whether a band is what a release says, and so does its exit code."""

import json
import re
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from flash.releases import DOCUMENT
from sdk.recordings import record as record_fake
from vitalband.cli import app
from vitalband.release import read_release, write_release


@pytest.fixture
def band(tmp_path):
    record_fake(tmp_path / "night.vband", seconds=4)
    return f"replay:{tmp_path / 'night.vband'}"


@pytest.fixture
def release(tmp_path):
    """What the band of the recordings states of itself."""
    (tmp_path / "release.json").write_text(json.dumps(DOCUMENT))
    plain = read_release(tmp_path / "release.json")
    return replace(plain, model="Fake", hardware="test r1", firmware_digest=bytes(range(32)).hex())


def verify(band, release, *options):
    path = release.folder / "release.json"
    write_release(release, path)
    arguments = ["info", band, "--verify", str(path), *options]
    return CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})


def test_a_band_of_this_release_matches(band, release):
    result = verify(band, release)
    assert result.exit_code == 0, result.output
    assert "It states what the release says" in result.stdout
    assert len(re.findall(r"\bmatch *$", result.stdout, re.MULTILINE)) == 6


@pytest.mark.parametrize(
    ("changes", "fact"),
    [
        ({"model": "Vitalband One"}, "model"),
        ({"hardware": "esp32s3 r1"}, "hardware"),
        ({"firmware": "0.2.0"}, "firmware"),
        ({"firmware_digest": "00" * 32}, "firmware digest"),
        ({"profile": "product"}, "image profile"),
        ({"protocol_version": 9}, "protocol version"),
    ],
)
def test_what_differs_is_named_and_is_an_exit_code_of_its_own(band, release, changes, fact):
    result = verify(band, replace(release, **changes), "--json")
    assert result.exit_code == 6, result.output
    checks = json.loads(result.stdout)["verification"]
    assert [check["name"] for check in checks if not check["matches"]] == [fact]
    told = verify(band, replace(release, **changes))
    assert told.exit_code == 6
    assert re.search(rf"It differs in 1 of 6(.|\n)*^{fact} .* differs *$", told.stdout, re.MULTILINE)


def test_without_a_release_nothing_is_compared(band):
    result = CliRunner().invoke(app, ["info", band, "--json"])
    assert result.exit_code == 0
    assert "verification" not in json.loads(result.stdout)


def test_a_release_that_is_not_there_is_a_usage_error(band, tmp_path):
    result = CliRunner().invoke(app, ["info", band, "--verify", str(tmp_path / "none.json")])
    assert result.exit_code == 2
    assert "none.json: No such file" in result.stderr
