"""`vitalband scan` shows the bands that are heard, and which of them have answered this user before."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from bandschema.enums import HostRight
from bandwire.finder import token_of
from vitalband.bluetooth import FoundBand, KnownBands, known_bands
from vitalband.bluetooth.known_bands import MOST_ADDRESSES
from vitalband.cli import app, scan
from vitalband.cli.common import console
from vitalband.clock import utc_datetime
from vitalband.errors import KeyStoreError, StoreError, TransportError
from vitalband.keys import BandKeys, PairedBand, memory_keys

AT_US = 1_800_000_000_000_000
BAND_ID = bytes(range(8))
NEAR = FoundBand(name="a \x1b[31mband", address="C0:00:00:00:00:21", rssi_dbm=-41, device=None)
FAR = FoundBand(name=None, address="C0:00:00:00:00:22", rssi_dbm=None, device=None)


@pytest.fixture
def known(tmp_path, monkeypatch):
    path = tmp_path / "a folder" / "known_bands.json"
    monkeypatch.setattr(known_bands, "default_known_bands_path", lambda: path)
    return KnownBands()


@pytest.fixture
def heard(monkeypatch, known):
    """Bands that are heard."""
    bands: list[FoundBand] = []

    async def find(*, scan_s):
        assert scan_s in (5.0, 2.0)
        return bands

    monkeypatch.setattr(scan, "find_bands", find)
    return bands


@pytest.fixture(autouse=True)
def _wide(monkeypatch):
    """A terminal that is called dumb, as another test may have, has 80 columns whatever COLUMNS says."""
    monkeypatch.setattr(console, "_width", 120)


def run(*arguments: str):
    return CliRunner().invoke(app, ["scan", *arguments])


def test_bands_are_shown_with_their_signal_and_whether_they_have_answered_before(heard, known):
    heard += [NEAR, FAR]
    known.remember(NEAR.address, BAND_ID, NEAR.name, AT_US)
    result = run()
    assert result.exit_code == 0, result.output
    assert "\x1b[31m" not in result.output
    first, second = result.stdout.splitlines()[1:3]
    assert first.split()[:2] == ["-41", f"ble:{NEAR.address}"]
    met = utc_datetime(AT_US).astimezone()
    assert first.rstrip().endswith(f"band {BAND_ID.hex()}, last met {met:%Y-%m-%d %H:%M}")
    assert second.split() == ["unknown", f"ble:{FAR.address}", "-", "new", "or", "not", "known"]


def test_scripts_get_the_same_as_json(heard, known):
    heard += [NEAR, FAR]
    known.remember(NEAR.address, BAND_ID, NEAR.name, AT_US)
    first, second = json.loads(run("--json", "--seconds", "2").stdout)["bands"]
    assert first == {
        "url": f"ble:{NEAR.address}",
        "address": NEAR.address,
        "name": NEAR.name,
        "rssi_dbm": -41,
        "band_id": BAND_ID.hex(),
        "last_met": datetime.fromtimestamp(AT_US / 1e6, UTC).isoformat(),
        "is_paired": False,
    }
    assert [second[name] for name in ("name", "rssi_dbm", "band_id", "last_met")] == [None] * 4


def test_a_paired_band_is_known_by_its_token_whatever_its_address(heard, known, monkeypatch):
    keys, finder_key, at = memory_keys(), bytes(range(16)), utc_datetime(AT_US)
    paired = PairedBand(band_id=BAND_ID, right=HostRight.OWNER, paired_at=at, last_met=at, url="ble:")
    keys.add(paired, BandKeys(bytes(32), finder_key))
    monkeypatch.setattr(scan, "user_keys", lambda: keys)
    heard += [
        replace(NEAR, token=token_of(finder_key, b"abc")),
        replace(FAR, token=token_of(bytes(16), b"abc")),
    ]
    first, second = run().stdout.splitlines()[1:3]
    assert f"paired, band {BAND_ID.hex()}, last met" in first
    assert second.rstrip().endswith("new or not known")
    first, second = json.loads(run("--json").stdout)["bands"]
    assert (first["band_id"], first["is_paired"]) == (BAND_ID.hex(), True)
    assert (second["band_id"], second["is_paired"]) == (None, False)


@pytest.mark.filterwarnings("always:paired bands are not known")
def test_a_key_store_that_is_out_of_reach_is_told_and_the_bands_are_shown_all_the_same(
    heard, known, monkeypatch
):
    def locked():
        raise KeyStoreError("is it locked?")

    keys = memory_keys()
    monkeypatch.setattr(keys, "bands", locked)
    monkeypatch.setattr(scan, "user_keys", lambda: keys)
    heard.append(replace(NEAR, token=bytes(8)))
    result = run()
    assert (result.exit_code, "is it locked?" in result.stderr) == (0, True)
    assert NEAR.address in result.stdout


def test_no_band_no_bluetooth_and_a_damaged_file_have_their_exit_codes(heard, known, monkeypatch):
    result = run()
    assert (result.exit_code, "no band was heard within 5 s" in result.output) == (3, True)
    heard.append(NEAR)
    known.path.parent.mkdir()
    known.path.write_text("{")
    result = run()
    assert (result.exit_code, str(known.path) in result.output) == (5, True)
    known.path.unlink()

    async def find(**_):
        raise TransportError("cannot look for bands")

    monkeypatch.setattr(scan, "find_bands", find)
    assert run().exit_code == 3


def test_the_newest_addresses_are_remembered_each_with_the_band_that_answered_last(known):
    assert known.read() == {}
    for number in range(MOST_ADDRESSES + 5):
        known.remember(f"address {number}", BAND_ID, f"name {number}", AT_US + number * 1_000_000)
    known.remember("ADDRESS 9", BAND_ID, None, AT_US + 10**9)
    known.remember("address 10", BAND_ID[::-1], None, AT_US + 2 * 10**9)
    bands = known.read()
    assert set(bands) == {f"address {number}" for number in range(5, MOST_ADDRESSES + 5)}
    assert (bands["address 9"].name, bands["address 9"].last_met) == ("name 9", utc_datetime(AT_US + 10**9))
    # Another band at the address: the name was not its own.
    assert (bands["address 10"].name, bands["address 10"].band_id) == (None, BAND_ID[::-1].hex())
    assert [path.name for path in known.path.parent.iterdir()] == [known.path.name]
    assert known.path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "null",
        '{"format": 2, "bands": []}',
        '{"format": 1, "bands": 7}',
        '{"format": 1, "bands": [7]}',
        '{"format": 1, "bands": [{"address": 1, "band_id": "00", "last_met": "2026-01-01", "name": null}]}',
        '{"format": 1, "bands": [{"address": "a", "band_id": "00", "name": null, '
        '"last_met": "2026-01-01T00:00:00+00:00"}]}',
    ],
)
def test_a_file_that_is_none_is_an_error_and_never_ends_a_session(known, text):
    known.path.parent.mkdir()
    known.path.write_text(text)
    with pytest.raises(StoreError, match="it may be deleted"):
        known.read()
    with pytest.warns(RuntimeWarning, match="is not remembered"):
        known.remember("address", BAND_ID, None, AT_US)
    assert known.path.read_text() == text


def test_a_folder_that_cannot_be_made_is_warned_of(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.warns(RuntimeWarning, match="is not remembered"):
        KnownBands(tmp_path / "file" / "known_bands.json").remember("address", BAND_ID, None, AT_US)
