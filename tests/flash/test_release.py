"""A release file that does not fit is refused, with what was wanted and what came."""

import json

import pytest

from flash.releases import DOCUMENT
from vitalband.errors import LocalError
from vitalband.release import read_release


def read(tmp_path, **changes):
    (tmp_path / "release.json").write_text(json.dumps(DOCUMENT | changes))
    return read_release(tmp_path / "release.json")


def test_a_whole_document_is_read(tmp_path):
    release = read(tmp_path)
    assert release.document() == DOCUMENT
    assert release.folder == tmp_path


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": 1}, "wanted a release of format 2, got format 1"),
        ({"board": 5}, "board: wanted a text, got 5"),
        ({"heap_bytes": "much"}, "heap_bytes: wanted a whole number, got 'much'"),
        ({"protocol_version": True}, "protocol_version: wanted a whole number, got True"),
        ({"profile": "test"}, "profile: wanted dev or product, got 'test'"),
        ({"firmware_digest": "12"}, "firmware_digest: wanted 64 hex digits, got '12'"),
        ({"platform": 3}, "platform: wanted a text, got 3"),
        ({"images": None}, "images: wanted a list, got None"),
        ({"files": "none"}, "files: wanted a list, got 'none'"),
        ({"mpy": None}, "mpy: wanted an object, got None"),
        ({"files": [7]}, "a file: wanted an object, got 7"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path, changes, message):
    with pytest.raises(LocalError, match=rf"release\.json: {message}"):
        read(tmp_path, **changes)


@pytest.mark.parametrize("path", ["../main.mpy", "/main.mpy", "", "a//b", "a/../../b", "a/./b"])
def test_a_path_that_leads_elsewhere_is_refused(tmp_path, path):
    with pytest.raises(LocalError, match=r"path: wanted a relative path without '\.\.'"):
        read(tmp_path, files=[{"path": path, "size_bytes": 1, "sha256": "0" * 64}])


def test_what_is_no_json_is_refused(tmp_path):
    (tmp_path / "release.json").write_text("not json")
    with pytest.raises(LocalError, match=r"release\.json: wanted a release as JSON, got Expecting value"):
        read_release(tmp_path / "release.json")
