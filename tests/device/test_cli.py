"""The command line on a whole band: what is wrong is one line and an exit code."""

import json
import socket
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from typer.testing import CliRunner

from device.bands import no_band, rest_file
from vitalband.cli import app

pytestmark = pytest.mark.one_lane(
    reason="the host is what is tested: both lanes send it the same bytes (tests/m4/test_lane.py)"
)

BROKEN = {
    "not TOML": ("[[segments]\n", "wanted TOML"),
    "an unknown key": (
        'description = "x"\nmood = 3\n[[segments]]\nduration_s = 60\n',
        "mood: wanted one of",
    ),
    "a number out of range": (
        'description = "x"\n[[segments]]\nduration_s = 60\nspo2_percent = 130\n',
        "spo2_percent",
    ),
    "a chip that there is not": (
        'description = "x"\n[[segments]]\nduration_s = 60\n'
        '[[actions]]\nat_s = 1\nname = "fail_chip"\nargument = "max86150"\n',
        "argument",
    ),
    "an action after the end": (
        'description = "x"\n[[segments]]\nduration_s = 60\n[[actions]]\nat_s = 61\nname = "take_off"\n',
        "times up to 60 s",
    ),
    "nothing at all": ("", "description"),
}


@no_band
@pytest.mark.parametrize("command", ["info", "stream", "record", "sim"])
@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_scenario_file_is_one_line_that_names_file_and_place(name, command, tmp_path):
    text, wanted = BROKEN[name]
    path = tmp_path / "broken.toml"
    path.write_text(
        text if "description" in text or name == "nothing at all" else f'description = "x"\n{text}'
    )
    target = str(path) if command == "sim" else f"sim:{path}"
    more = [str(tmp_path / "x.vband")] if command == "record" else []
    result = CliRunner().invoke(app, [command, target, *more])
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"error: {path}: ")
    assert wanted in line
    assert result.stdout == ""


@no_band
@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("sim:no_such_scenario", "wanted a .toml file, recording:NAME or one of"),
        ("sim:/no/such/file.toml", "wanted a readable text file"),
        ("sim:rest?sed=3", "wanted options of"),
        ("sim:rest?seed=three", "wanted a number for seed"),
        ("sim:rest?heap=lots", "wanted a heap such as 192k"),
        ("sim:rest?flash_kb=40", "wanted 44 to 1024 KB of flash in steps of 4, got 40"),
        ("sim:rest?flash_kb=46", "wanted 44 to 1024 KB of flash in steps of 4, got 46"),
        ("sim:rest?board=virtual_phone_rgb", "wanted a board with the optical stack"),
        ("sim:recording:no/such", "no/such"),
        ("carrier-pigeon:rest", "no transport for"),
    ],
)
def test_a_wrong_address_is_one_line_that_says_what_was_wanted(url, wanted):
    result = CliRunner().invoke(app, ["info", url])
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    assert wanted in line


def fetch(folder, mirror):
    """What `vitalband data fetch` ends with: its exit code, and its error without the name of the set."""
    options = ["--yes", "--data", str(folder), "--mirror", mirror]
    result = CliRunner().invoke(app, ["data", "fetch", "hoffman", *options])
    (line,) = result.stderr.splitlines()
    return result.exit_code, line.removeprefix("error: hoffman: ")


@no_band
def test_a_fetch_without_network_failed_and_says_why_in_a_short_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        mirror = f"http://127.0.0.1:{server.getsockname()[1]}"
    wanted = f"cannot fetch {mirror}/hoffman/LICENSE: Connection refused"
    assert fetch(tmp_path, mirror) == (1, wanted)


@no_band
@pytest.mark.parametrize(("served", "wanted"), [("other", "404 "), ("hoffman", "does not match")])
def test_a_fetch_of_what_is_not_there_or_not_it_failed(served, wanted, tmp_path):
    (tmp_path / "web" / served).mkdir(parents=True)
    (tmp_path / "web" / served / "LICENSE").write_text("another")
    handler = partial(QuietHandler, directory=str(tmp_path / "web"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever).start()
        try:
            code, line = fetch(tmp_path / "data", f"http://127.0.0.1:{server.server_port}")
        finally:
            server.shutdown()
    assert code == 1
    assert wanted in line


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format, *args):
        """Say nothing: stderr is the command's."""


@no_band
def test_a_fetch_from_an_address_that_is_none_is_wrong_usage(tmp_path):
    code, line = fetch(tmp_path, "nowhere")
    assert code == 2
    assert "No scheme supplied" in line


def test_a_firmware_that_cannot_live_is_an_error_with_its_last_words():
    # A heap of 8 KB holds no firmware.
    result = CliRunner().invoke(app, ["info", "sim:rest?heap=8k"])
    assert result.exit_code == 3
    assert "the firmware stopped at 0.000 s" in result.stderr
    assert "MemoryError" in result.stderr


def test_a_stream_as_json_holds_what_the_band_shows(tmp_path):
    result = CliRunner().invoke(
        app, ["stream", rest_file(tmp_path), "--json", "--seconds", "60", "--speed", "0"]
    )
    assert result.exit_code == 0, result.stderr
    documents = [json.loads(line) for line in result.stdout.splitlines()]
    vitals = [document for document in documents if "readings" in document]
    assert len(vitals) > 20
    last = vitals[-1]["readings"]
    assert last["heart_rate_bpm"]["validity"] == "valid"
    assert last["systolic_mmhg"]["value"] is None
    assert last["systolic_mmhg"]["cause"] == "no_cuff_reading"


@pytest.mark.one_lane("the clock's error is the conductor's, and the host measures it")
def test_info_finds_how_wrong_the_bands_clock_is_and_the_rates_of_its_chips(tmp_path):
    path = tmp_path / "a.vband"
    arguments = ["record", f"{rest_file(tmp_path)}?clock_error_ppm=50", str(path), "--seconds", "240"]
    result = CliRunner().invoke(app, [*arguments, "--stream", "optical"])
    assert result.exit_code == 0, result.stderr
    document = json.loads(CliRunner().invoke(app, ["info", f"replay:{path}", "--json"]).stdout)
    clock, (optical,) = document["clock"], document["stream_rates"]
    assert abs(clock["drift_ppm"] + 50) < clock["drift_uncertainty_ppm"] < 50
    rate_hz, uncertainty_hz = optical["measured_rate_hz"], optical["measured_rate_uncertainty_hz"]
    assert abs(rate_hz - 25) < uncertainty_hz < 0.5
