"""`vitalband info --verify` says plainly whether a band is what a release says, and so does its exit code."""

import json
import re
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from bandschema.enums import Capability
from flash.keys import write_keys
from flash.releases import DOCUMENT
from sdk.fake_records import identity
from sdk.recordings import record as record_fake
from sign_release import sign_release
from vitalband.cli import app
from vitalband.cli.doctor import _title
from vitalband.release import read_release, write_release


@pytest.fixture
def band(tmp_path):
    record_fake(tmp_path / "night.vband", seconds=4)
    return f"replay:{tmp_path / 'night.vband'}"


@pytest.fixture
def release(tmp_path):
    """What the band of the recordings states of itself."""
    (tmp_path / "release.json").write_text(json.dumps(DOCUMENT))
    write_keys(tmp_path)
    plain = replace(read_release(tmp_path / "release.json"), files=(), romfs=None)
    return replace(plain, model="Fake", hardware="test r1", firmware_digest=bytes(range(32)).hex())


def verify(band, release, *options):
    path = release.folder / "release.json"
    write_release(release, path)
    sign_release(path, release.folder / "test.key")
    trusted = ["--key", str(release.folder / "test.pub")]
    arguments = ["info", band, "--verify", str(path), *trusted, *options]
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
        ({"firmware_digest": "00" * 32}, "digest (self-report)"),
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
    assert re.search(
        rf"It differs in 1 of 6(.|\n)*^{re.escape(fact)} .* differs *$", told.stdout, re.MULTILINE
    )


def test_the_digest_is_called_the_bands_own_word_wherever_it_is_shown(band, release):
    told = verify(band, release)
    assert "by its own word: no proof" in told.stdout
    assert "The digest is the band's own word, no proof" in told.stdout
    assert "signed with key " in told.stdout
    plain = CliRunner().invoke(app, ["info", band], env={"COLUMNS": "200"}).stdout
    assert "by its own word: no proof" in plain
    assert "digest (self-report) 0001" in _title(identity(Capability.DISPLAY))
    assert json.loads(verify(band, release, "--json").stdout)["release"]["is_signed"]


def test_an_unsigned_release_is_refused_unless_told_and_then_said_so(band, release):
    path = release.folder / "plain.json"
    write_release(release, path)
    arguments = ["info", band, "--verify", str(path)]
    refused = CliRunner().invoke(app, arguments)
    assert refused.exit_code == 2
    assert "wanted its signature in plain.json.minisig beside it, found none" in refused.stderr
    taken = CliRunner().invoke(app, [*arguments, "--unsigned"])
    assert taken.exit_code == 0, taken.output
    assert "UNSIGNED: nobody vouches for this release" in taken.stderr


def test_files_are_read_by_a_prompt_for_a_release_only(band):
    result = CliRunner().invoke(app, ["info", band, "--prompt", "/dev/none"])
    assert result.exit_code == 2
    assert "--prompt: wanted a release to compare with by --verify, got none" in result.stderr


def test_without_a_release_nothing_is_compared(band):
    result = CliRunner().invoke(app, ["info", band, "--json"])
    assert result.exit_code == 0
    assert "verification" not in json.loads(result.stdout)


def test_a_release_that_is_not_there_is_a_usage_error(band, tmp_path):
    result = CliRunner().invoke(app, ["info", band, "--verify", str(tmp_path / "none.json")])
    assert result.exit_code == 2
    assert "none.json: No such file" in result.stderr
