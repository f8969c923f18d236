"""The command line: what it prints, how it fails, with which exit code."""

import dataclasses
import json
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet
import pytest
import typer
from typer.testing import CliRunner

from bandschema.enums import Capability
from bandschema.readings import READINGS
from sdk.fake_band import FakeBand, Script
from sdk.fake_records import identity
from sdk.paced import PacedTransport
from sdk.recordings import record as record_fake
from sdk.recordings import row as frame_row
from sdk.wire import SocketBand, Stranger
from vitalband.cli import app
from vitalband.client import Band
from vitalband.errors import LocalError
from vitalband.store import Store
from vitalband.timeline import DRIFT_LIMIT_PPM

COMMANDS = ["info", "stream", "record", "sync", "check", "merge", "replay", "export"]


def invoke(*arguments, code=0):
    """Run the command line; gives its result, whose exit code must be `code`."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "160"})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "night.vband"
    record_fake(path, seconds=30)
    return path


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command_has_examples(command):
    text = invoke(command, "--help").output
    assert "Examples" in text
    assert f"vitalband {command}" in text


def test_the_version_of_package_and_protocol_is_told():
    assert re.fullmatch(r"vitalband \d+\.\d+\.\d+, protocol version 3\n", invoke("--version").stdout)


def test_installed_commands_are_found_by_entry_point(monkeypatch):
    class Point:
        name = "extra"

        def load(self):
            def extra() -> None:
                """An installed command."""
                typer.echo("extra ran")

            return extra

    class Missing(Point):
        name = "missing"

        def load(self):
            raise ImportError("No module named 'somewhere'")

    monkeypatch.setattr("vitalband.cli.application._points", lambda: [Point(), Missing()])
    assert "extra ran" in invoke("extra").output
    assert "An installed command." in invoke("--help").output
    for arguments in (["missing"], ["missing", "argument", "--option", "value"]):
        assert "missing needs a package that is missing: No module" in invoke(*arguments, code=2).output


def test_info_prints_identity_and_manifest(recording):
    lines = invoke("info", f"replay:{recording}").output.splitlines()
    facts = [" ".join(line.split()) for line in lines]
    assert "maker Vitalband" in facts
    assert "firmware 0.1.0" in facts
    assert "image development" in facts
    assert any(re.fullmatch(r"SHA-256 [0-9a-f]{64}", fact) for fact in facts)
    assert any(re.fullmatch(r"clock known within ± \d+\.\d ms", fact) for fact in facts)
    rate = next(fact for fact in facts if fact.startswith("Heart rate"))
    assert rate.endswith("/min 24 h wearer, host")
    assert any(fact.startswith("Raw pulse") and "raw counts" in fact for fact in facts)
    document = json.loads(invoke("info", f"replay:{recording}", "--json").output)
    assert document["band_id"] == "0102030405060708"
    assert document["manifest"][0]["recipients"] == ["wearer", "host"]
    assert [entry["name_en"] for entry in document["manifest"]] == ["Heart rate", "Raw pulse"]


@pytest.mark.parametrize(
    ("sent", "told", "stated"),
    [("none", "none", "none"), ("CE 0123", "CE 0123", "CE 0123"), ("", "not told", None)],
    ids=["none", "some", "a band of before, which does not send it"],
)
def test_info_tells_what_a_band_is_certified_as(monkeypatch, sent, told, stated):
    monkeypatch.setattr(
        "sdk.fake_band.identity",
        lambda capabilities: dataclasses.replace(identity(capabilities), certification=sent),
    )
    with SocketBand(FakeBand()) as wire:
        facts = [" ".join(line.split()) for line in invoke("info", wire.url).output.splitlines()]
        document = json.loads(invoke("info", wire.url, "--json").output)
    assert f"certified as {told}" in facts
    assert document["certification"] == stated


@pytest.mark.parametrize(
    ("capabilities", "told"),
    [
        (Capability.DISPLAY, "none that it tells of"),
        (Capability.STANDARD_SERVICES, "whoever is near, once the wearer has turned them on: it cannot pair"),
        (
            Capability.STANDARD_SERVICES | Capability.BONDING,
            "those that have paired, once the wearer has turned them on",
        ),
    ],
)
def test_info_tells_to_which_apps_a_band_may_be_opened(capabilities, told):
    with SocketBand(FakeBand(Script(capabilities=capabilities))) as wire:
        # A terminal of 80 columns has the line in two.
        text = " ".join(invoke("info", wire.url).output.split())
        document = json.loads(invoke("info", wire.url, "--json").output)
    assert f"apps nearby {told} " in text
    assert document["capabilities"] == [str(each.name).lower() for each in capabilities]


def test_info_tells_drift_and_rates_of_a_recording_of_the_band(recording):
    document = json.loads(invoke("info", f"replay:{recording}", "--json").output)
    clock, (optical,) = document["clock"], document["stream_rates"]
    # The fake band's clock is its host's, and its chip gives the nominal rate.
    assert abs(clock["drift_ppm"]) <= clock["drift_uncertainty_ppm"] < DRIFT_LIMIT_PPM
    assert clock["exchanges"] > 4
    assert optical["stream"] == "optical"
    away_hz = abs(optical["measured_rate_hz"] - optical["nominal_rate_hz"])
    assert away_hz <= optical["measured_rate_uncertainty_hz"]
    assert 10 < optical["span_s"] < 30
    with SocketBand(FakeBand()) as wire:
        alone = invoke("info", wire.url).output
        text = " ".join(invoke("info", wire.url, "--store", recording).output.split())
    assert re.search(r"clock drift +not measured yet, within ± 200 ppm \(\d+ exchanges of boot", alone)
    assert "optical rate" not in alone
    assert re.search(r"clock drift (fast|slow) by \d+\.\d ± \d+\.\d ppm \(\d+ exchanges of boot", text)
    assert re.search(r"optical rate \d+\.\d{3} ± \d+\.\d{3} Hz over \d+ s, nominal 25 Hz", text)


def test_info_by_a_store_of_another_band_is_an_error(tmp_path):
    path = tmp_path / "other.vband"
    with Store.create(path) as store:
        store.write([frame_row(1, band_id=bytes(8))])
    with SocketBand(FakeBand()) as wire:
        line = invoke("info", wire.url, "--store", path, code=5).stderr
    assert "wanted band 0102030405060708, the store has: 0000000000000000" in line


def test_replay_as_json_is_one_document_an_update_with_null_for_unknown(recording):
    lines = invoke("replay", recording, "--speed", "0", "--json").output.splitlines()
    updates = [document for document in map(json.loads, lines) if "readings" in document]
    assert len(updates) == 15
    assert updates[0]["readings"]["heart_rate_bpm"]["value"] == 72.0
    assert updates[0]["readings"]["systolic_mmhg"]["value"] is None
    assert updates[0]["readings"]["systolic_mmhg"]["cause"] == "no_cuff_reading"
    assert updates[0]["time"].endswith("+00:00")


def test_replay_without_json_shows_the_live_view(recording):
    text = invoke("replay", recording, "--speed", "0").output
    assert "Heart rate" in text
    assert "72.0" in text
    assert "on wrist" in text


def test_seconds_bound_a_replay_by_the_bands_time(recording):
    lines = invoke("replay", recording, "--speed", "0", "--seconds", "9", "--json").output.splitlines()
    assert 4 <= sum("readings" in json.loads(line) for line in lines) <= 5


def test_record_writes_what_a_band_sends_and_says_how_much(tmp_path):
    path = tmp_path / "a.vband"
    with SocketBand(FakeBand()) as wire:
        text = invoke("record", wire.url, path, "--seconds", "1", "--stream", "optical", "--json").output
    document = json.loads(text)
    with Store.open(path) as store:
        assert store.frame_count() == document["store_written"] >= 10
    assert document["missing_frames"] == 0
    assert document["store"] == str(path)


def test_record_refuses_a_stream_that_it_does_not_know(tmp_path):
    result = invoke("record", "sim:rest", tmp_path / "a.vband", "--stream", "taste", code=2)
    assert "optical, motion" in " ".join(result.output.split())


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_export_names_columns_as_the_schema_does(recording, tmp_path, suffix):
    path = tmp_path / f"out.{suffix}"
    document = json.loads(invoke("export", recording, path, "--json").output)
    read = pyarrow.csv.read_csv if suffix == "csv" else pyarrow.parquet.read_table
    table = read(path)
    assert table.num_rows == document["rows"] == 15
    for spec in READINGS:
        assert {spec.name, f"{spec.name}_quality", f"{spec.name}_validity"} <= set(table.column_names)
    assert table.column("heart_rate_bpm").to_pylist() == [72.0] * 15
    assert table.column("systolic_mmhg").null_count == 15
    assert str(table.column("time")[0]).startswith("2023-11-14 22:13")


@pytest.mark.parametrize(
    ("table", "column"), [("readings", "validity"), ("events", "event"), ("optical", "red")]
)
def test_every_table_can_be_exported(recording, tmp_path, table, column):
    path = tmp_path / "out.csv"
    invoke("export", recording, path, "--table", table)
    assert column in pyarrow.csv.read_csv(path).column_names


def test_csv_of_samples_counts_them(recording, tmp_path):
    path = tmp_path / "out.csv"
    invoke("export", recording, path, "--table", "optical")
    table = pyarrow.csv.read_csv(path)
    assert table.column("sample").to_pylist() == list(range(table.num_rows))


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["info", "serial:///dev/no-such-port"], 3, "cannot open serial:///dev/no-such-port: no such port"),
        (["info", "nonsense"], 2, "wanted a URL"),
        (["info", "replay:none.vband"], 5, "no store at"),
        (["replay", "none.vband"], 5, "no store at"),
        (["export", "none.vband", "out.csv"], 5, "no store at"),
        (["info", "socket://127.0.0.1:1"], 3, "cannot open socket://127.0.0.1:1: Connection refused"),
        (["replay", "none.vband", "--band", "zz"], 2, "wanted 16 hex digits, got 'zz'"),
    ],
)
def test_errors_are_one_clear_line_and_an_exit_code(arguments, code, message):
    result = invoke(*arguments, code=code)
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("error: ")
    assert message in lines[0]
    assert result.stdout == ""


@pytest.mark.parametrize("content", [b"", b"no database " * 1000, None], ids=["empty", "strange", "cut"])
@pytest.mark.parametrize("command", ["replay", "export", "info"])
def test_a_file_that_is_no_whole_recording_is_one_line(command, content, recording, tmp_path):
    path = tmp_path / "other.vband"
    path.write_bytes(recording.read_bytes()[:9000] if content is None else content)
    target = f"replay:{path}" if command == "info" else path
    more = [tmp_path / "out.csv"] if command == "export" else []
    result = invoke(command, target, *more, code=5)
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    assert str(path) in line


@pytest.mark.parametrize("arguments", [["--seconds", "-1"], ["--speed", "-1"]])
def test_a_negative_time_is_refused(arguments, recording):
    assert "greater than or equal to 0" in invoke("replay", recording, *arguments, code=2).stderr


@pytest.mark.parametrize("command", ["replay", "export"])
def test_one_of_several_bands_is_chosen_by_its_identity(command, recording, tmp_path):
    with Store.create(recording) as store:
        store.write([frame_row(1, band_id=bytes(8))])
    more = [tmp_path / "out.csv"] if command == "export" else ["--speed", "0"]
    line = invoke(command, recording, *more, code=5).stderr
    assert "0000000000000000, 0102030405060708; choose by band_id (--band)" in line
    invoke(command, recording, *more, "--band", "0102030405060708")


class _Failing:
    """An installed command that fails in its own way."""

    name = "failing"

    def __init__(self, error):
        self.error = error

    def load(self):
        def failing() -> None:
            """Fail."""
            raise self.error

        return failing


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (LocalError("wanted this, got that"), 2, "error: wanted this, got that\n"),
        (
            FileNotFoundError(2, "No such file or directory", "/no/file"),
            2,
            "error: cannot use /no/file: No such",
        ),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_errors_of_installed_commands_are_told_alike(error, code, message, monkeypatch):
    monkeypatch.setattr("vitalband.cli.application._points", lambda: [_Failing(error)])
    assert invoke("failing", code=code).stderr.startswith(message)


def test_a_reader_that_has_gone_ends_a_command_quietly(recording):
    command = [sys.executable, "-c", "from vitalband.cli import main; main()", "replay", str(recording)]
    with subprocess.Popen(
        [*command, "--speed", "0", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
    ) as replay:
        replay.stdout.close()
        assert replay.stderr.read() == b""
    assert replay.returncode == 0


def test_a_fault_of_the_program_keeps_its_traceback(monkeypatch):
    monkeypatch.setattr("vitalband.cli.application._points", lambda: [_Failing(OSError(5, "no file here"))])
    with pytest.raises(OSError, match="no file here"):
        invoke("failing")


def test_export_to_an_unknown_format_or_place_is_a_clear_error(recording, tmp_path):
    assert "ending in .csv or .parquet" in invoke("export", recording, "a.xls", code=2).output
    assert "cannot write" in invoke("export", recording, tmp_path / "no" / "a.csv", code=5).output
    assert (
        "no motion stream"
        in invoke("export", recording, tmp_path / "a.csv", "--table", "motion", code=5).output
    )


def test_an_export_that_fails_leaves_the_file_as_it_was(recording, tmp_path, monkeypatch):
    path = tmp_path / "out.csv"
    path.write_text("before")

    def fail(part, schema):
        Path(part).write_text("half a tab")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pyarrow.csv.CSVWriter", fail)
    assert "No space left on device" in invoke("export", recording, path, code=5).stderr
    assert path.read_text() == "before"
    assert list(tmp_path.glob("out*")) == [path]


def test_a_locked_store_ends_a_recording_with_the_count_of_unsaved_frames(tmp_path):
    path = tmp_path / "a.vband"
    Store.create(path).close()
    locker = sqlite3.connect(path)
    with SocketBand(FakeBand()) as wire:
        locker.execute("BEGIN IMMEDIATE")
        result = invoke("record", wire.url, path, "--seconds", "0.2", code=5)
    locker.close()
    (line,) = result.stderr.splitlines()
    assert re.fullmatch(r"error: .*locked by another writer.*; \d+ frames are not written", line)


def test_a_lost_link_is_told_while_recording_goes_on(tmp_path, monkeypatch):
    transport = PacedTransport(FakeBand())
    transport.fail_at_ms = 20_000
    monkeypatch.setattr("vitalband.client.open_transport", lambda url: transport)
    result = invoke("record", transport.url, tmp_path / "a.vband", "--seconds", "60", "--json")
    lost, back = result.stderr.splitlines()
    assert lost.startswith("link lost: ")
    assert back.startswith("link resuming: ")
    assert json.loads(result.stdout)["connections"] == 2


@pytest.mark.parametrize("command", ["info", "stream", "record"])
@pytest.mark.parametrize(
    ("chatter", "cause"),
    [(b"", "a loop-back"), (b"$GPGGA,123519\r\n", "the right port"), (bytes(100), "the right port")],
    ids=["echo", "gps", "zeros"],
)
def test_a_port_with_something_else_on_it_is_one_line(command, chatter, cause, tmp_path, monkeypatch):
    monkeypatch.setitem(Band.open.__func__.__kwdefaults__, "handshake_timeout_ms", 300)
    more = [tmp_path / "a.vband"] if command == "record" else []
    with Stranger(chatter) as port:
        result = invoke(command, port.url, *more, code=3)
    (line,) = result.stderr.splitlines()
    assert f"{port.url}: no band answered within 300 ms" in line
    assert cause in line
    assert result.stdout == ""
