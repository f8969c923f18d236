"""Generated files are fresh, stale ones are named, and registers only grow."""

import runpy
import shutil
import sys
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import construct as c
import pytest

import generate
from bandschema import lint
from bandschema.emit import MARK, catalogue, records, reference, wire, worked
from bandschema.enums import CommandCode
from bandschema.field import DataClass, FrameSpec, Sender, field
from bandschema.layout import SchemaError, enumerations, layout_of
from bandschema.readings import READINGS
from bandwire import catalogue as band_catalogue
from bandwire import frames
from protocol.lanes import ROOT


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the generated files and registers."""
    for name in (*generate.OUTPUTS, *generate.REGISTERS):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def _is_generated(line: str) -> bool:
    """Whether a line stands in what is generated, of a file that is written by hand around it."""
    return any(mark in line for mark in ("0x06", "Steps", "stateDiagram"))


def test_committed_files_are_fresh() -> None:
    assert generate.main(["--check"]) == 0


@pytest.mark.parametrize("name", [*generate.OUTPUTS, f"{generate.VECTORS}/event.jsonl"])
def test_a_stale_file_is_named(name: str, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (root / name).read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    at = next((n for n, line in enumerate(lines) if _is_generated(line)), len(lines) - 1)
    (root / name).write_text("".join(lines[:at] + lines[at + 1 :]), encoding="utf-8")
    assert generate.stale_files(root) == [name]
    assert generate.main(["--check"], root) == 1
    assert f"stale: {name}" in capsys.readouterr().err


def test_stale_and_missing_files_are_written_as_they_were(root: Path) -> None:
    name = "protocol/bandwire/frames.py"
    (root / name).write_text("", encoding="utf-8")
    (root / "protocol/bandwire/catalogue.py").unlink()
    assert generate.main([], root) == 0
    assert generate.stale_files(root) == []
    assert (root / name).read_bytes() == (ROOT / name).read_bytes()
    assert generate.main([], root) == 0


def test_the_recorder_only_appends(root: Path) -> None:
    name = f"{generate.VECTORS}/compressed_block.jsonl"
    whole = (root / name).read_text(encoding="utf-8")
    first = whole.splitlines(keepends=True)[0]
    (root / name).write_text(first, encoding="utf-8")
    assert generate.main([], root) == 0
    assert (root / name).read_text(encoding="utf-8") == first
    assert generate.main(["--record"], root) == 0
    assert (root / name).read_text(encoding="utf-8") == whole
    assert generate.record(root) == []


def test_the_recorder_refuses_an_id_that_changed_and_writes_nothing(root: Path) -> None:
    name = f"{generate.VECTORS}/ids.jsonl"
    changed = (root / name).read_text(encoding="utf-8").replace('"alert"', '"alarm"', 1)
    (root / name).write_text(changed, encoding="utf-8")
    (root / "protocol/bandwire/frames.py").write_text("", encoding="utf-8")
    (root / f"{generate.VECTORS}/event.jsonl").unlink()
    with pytest.raises(SchemaError, match="means alarm for ever"):
        generate.main(["--record"], root)
    assert (root / name).read_text(encoding="utf-8") == changed
    assert (root / "protocol/bandwire/frames.py").read_text(encoding="utf-8") == ""
    assert not (root / f"{generate.VECTORS}/event.jsonl").exists()


def test_vectors_of_a_new_kind_start_a_new_file(root: Path) -> None:
    name = f"{generate.VECTORS}/compressed_block.jsonl"
    (root / name).unlink()
    assert generate.record(root) == [name]
    assert (root / name).read_bytes() == (ROOT / name).read_bytes()


def test_nothing_is_written_while_the_lint_complains(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lint, "problems", lambda: ["event.gps: 'gps' speaks of a location"])
    (root / "protocol/bandwire/frames.py").write_text("", encoding="utf-8")
    assert generate.main([], root) == 1
    assert (root / "protocol/bandwire/frames.py").read_text(encoding="utf-8") == ""
    assert "speaks of a location" in capsys.readouterr().err


def test_output_is_stable_and_marked() -> None:
    for text in (wire.text, catalogue.text, records.text):
        assert text() == text()
        assert MARK in text().splitlines()[0]
    assert reference.tables() == reference.tables()


@pytest.mark.parametrize("part", [reference, worked])
def test_the_reference_needs_its_marks(part: ModuleType) -> None:
    with pytest.raises(SchemaError, match=r"protocol\.md"):
        part.filled("no marks")
    with pytest.raises(SchemaError, match=r"protocol\.md"):
        part.filled(part.BEGIN)


def test_every_member_of_every_enumeration_is_a_constant_of_the_band() -> None:
    for enum in enumerations():
        prefix = wire.snake(enum.__name__).upper()
        for member in enum:
            assert getattr(frames, f"{prefix}_{member.name}") == member
    assert frames.COMMAND_CODE_START_STREAM == CommandCode.START_STREAM


@pytest.mark.parametrize("has_micropython", [True, False])
@pytest.mark.parametrize("module", [frames, band_catalogue])
def test_constants_need_no_micropython(
    module: ModuleType, has_micropython: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in = ModuleType("micropython")
    stand_in.const = int  # pyright: ignore[reportAttributeAccessIssue]
    monkeypatch.setitem(sys.modules, "micropython", stand_in if has_micropython else None)
    assert module.__file__ is not None
    # Under its own name: by another one, coverage would take the file for none of the protocol's.
    names = runpy.run_path(module.__file__, run_name=module.__name__)
    assert {name: names[name] for name in names if name.isupper()} == {
        name: value for name, value in vars(module).items() if name.isupper()
    }


def test_records_say_scale_and_version_of_their_fields() -> None:
    number = field("number", c.Int8ul, "A number.", unit="V", scale=Fraction(1, 8), since=2)
    spec = FrameSpec(
        kind=0x3E, name="seeded", sender=Sender.BAND, data=DataClass.DEVICE, doc="A frame.", fields=(number,)
    )
    assert "A number (in V, times 1/8, 0..255, since 2)." in records.text([layout_of(spec)])


def test_the_catalogue_is_the_list_of_readings() -> None:
    assert len(READINGS) == len(band_catalogue.READINGS) == band_catalogue.READING_COUNT
    for index, (spec, row) in enumerate(zip(READINGS, band_catalogue.READINGS, strict=True)):
        assert getattr(band_catalogue, f"INDEX_{spec.reading.name}") == index
        scale = (spec.scale.numerator, spec.scale.denominator)
        assert row[:6] == (spec.reading, spec.unit, *scale, spec.minimum, spec.maximum)
        assert row[6:11] == (spec.group, spec.page, spec.interval_ms, spec.retention_h, spec.recipients)
        assert row[11:] == (spec.name_en.encode(), spec.name_zh.encode(), spec.agreement_milli)
