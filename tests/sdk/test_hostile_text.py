"""Text that a band or a user chose is shown as it is: never markup, never a command to the terminal."""

import json
import unicodedata
from dataclasses import replace
from unittest.mock import patch

import pytest
import typer
from hypothesis import example, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from bandschema.enums import Capability
from sdk import fake_band
from sdk.fake_band import FakeBand
from sdk.paced import PacedTransport
from vitalband import ConnectionEvent, ConnectionState, LocalError
from vitalband.cli import app
from vitalband.cli.common import told_errors
from vitalband.view import LiveView, printable

STEERING = "\x1b\x9b\x07\x7f\r\n\t\0"
HOSTILE = ["[/b] x", "[red]", "[a.b]", ":smile:", "\\[/b]", "\x1b]0;owned\x07", "\x9b2J", "a\nb"]
SHORT = st.sampled_from(HOSTILE) | st.text(
    st.characters(codec="utf-8") | st.sampled_from(STEERING + "[]/"), max_size=4
)
SENT = SHORT.filter(lambda text: len(text.encode()) <= 12 and not text.endswith("\0"))
"""What every text of a record can carry, the shortest of them too: NULs at the end are padding."""
ANY = SHORT | st.text(st.characters() | st.sampled_from(STEERING + "[]/"), max_size=20)
"""With halves of pairs, as Python makes of a path that is not UTF-8."""


def is_harmless(output: str) -> bool:
    return all(sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cs") for sign in output)


def is_shown(text: str, output: str) -> bool:
    """Whether a text without control characters is there, however its spaces were laid out."""
    return not text.isprintable() or " ".join(text.split()) in " ".join(output.split())


def invoke(*arguments: str, band: FakeBand | None = None):
    """Run the command line on a fake band."""
    transport = PacedTransport(band or FakeBand())
    with patch("vitalband.client.open_transport", lambda url: transport):
        result = CliRunner().invoke(app, arguments, env={"COLUMNS": "160"}, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@settings(max_examples=60)  # each draws two pictures
@given(title=ANY, maker=ANY, model=ANY, reason=ANY, note=ANY)
@example(title="sim:q[/r].toml", maker="[/b] x", model="\x1b[2J", reason="[a]", note="[/]")
@example(title="sim:a[b].toml", maker="", model="", reason="", note="")
def test_the_live_view_shows_any_text_as_it_is_and_steers_nothing(title, maker, model, reason, note):
    identity = replace(fake_band.identity(Capability(0)), maker=maker, model=model)
    view = LiveView(title, identity)
    view.note = note
    view.feed(ConnectionEvent(ConnectionState.LOST, reason))
    output = view.render_text(width=200)
    assert is_harmless(output)
    assert all(is_shown(text, output) for text in (title, maker, model, reason, note))
    assert is_harmless(view.render_svg().replace("\t", ""))


@settings(max_examples=40)  # each runs the command line twice
@given(maker=SENT, model=SENT, hardware=SENT, serial=SENT, name=SENT)
def test_info_shows_any_text_of_a_band_as_it_is_and_steers_nothing(maker, model, hardware, serial, name):
    texts = {"maker": maker, "model": model, "hardware": hardware, "serial": serial}
    identity = replace(fake_band.identity(Capability(0)), **texts)
    manifest = [replace(entry, name_en=name) for entry in fake_band.manifest()]
    with (
        patch("sdk.fake_band.identity", lambda capabilities: identity),
        patch("sdk.fake_band.manifest", lambda: manifest),
    ):
        output, as_json = invoke("info", "fake:"), invoke("info", "fake:", "--json")
    assert is_harmless(output)
    assert all(is_shown(text, output) for text in (*texts.values(), name))
    assert is_harmless(as_json)
    document = json.loads(as_json)
    assert [document[key] for key in texts] == list(texts.values())


@given(ANY)
def test_an_error_shows_any_text_as_it_is_and_steers_nothing(text):
    told = []
    with (
        patch("typer.echo", lambda line, err: told.append(line)),
        pytest.raises(typer.Exit),
        told_errors(),
    ):
        raise LocalError(text)
    (line,) = told
    assert is_harmless(line)
    assert is_shown(f"error: {text}", line)


@given(ANY)
def test_what_is_printable_has_no_control_character_and_keeps_all_else(text):
    shown = printable(text)
    assert len(shown) == len(text)
    assert not any(unicodedata.category(sign) in ("Cc", "Cs") for sign in shown)
    assert all(sign == old or sign == "\ufffd" for sign, old in zip(shown, text, strict=True))
