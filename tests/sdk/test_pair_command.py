"""`vitalband pair`, `hosts` and `forget`: what they show, what they keep, and how they fail."""

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from sdk.fake_band import BAND_ID, Script
from sdk.secured import SecuredBand, SecuredTransport, shown
from vitalband import HostRight, PairedHost, client
from vitalband.cli import app, forget, hosts, pair
from vitalband.keys import BandKeys, memory_keys
from vitalband.session_settings import own_name

LAPTOP = PairedHost(host_id=1, host_count=2, right=HostRight.OWNER, is_asker=1, name="a \x1b[31mlaptop")
CLINIC = PairedHost(host_id=3, host_count=2, right=HostRight.READER, is_asker=0, name="clinic")


@pytest.fixture
def keys(monkeypatch):
    """The user's."""
    keys = memory_keys()
    for module in (pair, forget):
        monkeypatch.setattr(module, "user_keys", lambda: keys)
    monkeypatch.setattr("vitalband.known_keys.user_keys", lambda: keys)
    return keys


@pytest.fixture
def band(monkeypatch, keys):
    """The band at every URL, whose code is typed as it is shown."""
    fake = SecuredBand(Script(hosts=[LAPTOP, CLINIC]))
    monkeypatch.setattr(client, "open_transport", lambda url: SecuredTransport(fake))
    monkeypatch.setattr(pair, "_typed", shown(fake))
    return fake


def run(*arguments: str):
    return CliRunner().invoke(app, list(arguments))


def test_pairing_says_as_what_and_where_the_key_is_and_never_shows_it(band, keys):
    result = run("pair", "fake:")
    assert result.exit_code == 0, result.output
    assert f"paired with band {BAND_ID.hex()}, as its owner" in result.stdout
    assert f"its key is in {keys.place}" in result.stdout
    assert "no key store of its own" in result.stderr
    for word in ("page of hosts", "six digits", "button"):
        assert word in result.stderr
    assert band.keys.kept[0][1] == own_name()
    assert band.keys.key_of(0).hex() not in result.output


def test_pairing_tells_scripts_in_one_document(band, keys):
    result = run("pair", "fake:", "--name", "ward 7", "--json")
    document = json.loads(result.stdout)
    assert document["paired"]["band_id"] == BAND_ID.hex()
    assert document["paired"]["right"] == "owner"
    assert document["key_in"] == keys.place
    assert band.keys.kept[0][1] == "ward 7"


def test_a_pairing_that_fails_is_one_line_and_keeps_nothing(band, keys, monkeypatch):

    async def wrong() -> str:
        await shown(band)()
        return "000000"

    monkeypatch.setattr(pair, "_typed", wrong)
    band.confirms = False
    result = run("pair", "fake:")
    assert result.exit_code == 4
    assert "somebody stands between" in result.stderr.splitlines()[-1]
    assert "press nothing for it at the band" in result.stderr
    assert keys.bands() == []


@pytest.mark.parametrize("name", ["", "seventeen letters", "größe"])
def test_a_name_that_a_band_cannot_show_is_refused(band, name):
    result = run("pair", "fake:", "--name", name)
    if name:
        assert result.exit_code == 2
        assert "1 to 16 printable characters" in result.stderr


def test_a_band_that_is_not_paired_says_so_to_every_command(band):
    result = run("info", "fake:")
    assert result.exit_code == 7
    assert "`vitalband pair fake:`" in result.stderr


def test_hosts_are_shown_one_forgotten_and_another_let_in(band):
    run("pair", "fake:")
    result = run("hosts", "fake:")
    assert result.exit_code == 0, result.output
    assert "\x1b[31m" not in result.output
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["number", "1", "3"]
    result = run("hosts", "fake:", "--forget", "3", "--let-in", "reader", "--json")
    document = json.loads(result.stdout)
    assert document["hosts"] == [
        {"number": 1, "name": LAPTOP.name, "right": "owner", "is_this": True},
    ]
    assert (document["forgotten"], document["let_in"]) == (3, "reader")
    assert band.script.hosts == [LAPTOP]
    assert run("hosts", "fake:", "--let-in", "king").exit_code == 2
    band.script.hosts = []
    assert "no host is paired" in run("hosts", "fake:").stdout


def test_forgetting_lists_and_takes_the_key_away(band, keys):
    assert "paired with no band" in run("forget").stdout
    run("pair", "fake:")
    (paired,) = keys.bands()
    keys.add(replace(paired, band_id=b"\x77" * 8, url="ble:\x1b[31m"), BandKeys(bytes(32)))
    result = run("forget")
    assert BAND_ID.hex() in result.stdout
    assert "\x1b[31m" not in result.stdout
    assert len(json.loads(run("forget", "--json").stdout)["bands"]) == 2
    result = run("forget", BAND_ID.hex())
    assert "the band still knows this computer" in result.stdout
    assert [band.band_id for band in keys.bands()] == [b"\x77" * 8]
    assert json.loads(run("forget", "77" * 8, "--json").stdout)["forgotten"]["url"].startswith("ble:")
    result = run("forget", BAND_ID.hex())
    assert result.exit_code == 2
    assert "not paired with a band" in result.stderr
    assert hosts.RIGHTS == {"owner": HostRight.OWNER, "reader": HostRight.READER}
