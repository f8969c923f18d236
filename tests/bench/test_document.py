"""Figures get into the document, and nothing else of it changes."""

import pytest

from bench.__main__ import BENCHES
from bench.document import DOCUMENT, main, with_figures
from bench.vital_signs import DEMO, RECORDINGS, command_of, section_of

TEXT = (
    "before\n<!-- figures: one -->\nold\n<!-- end -->\nbetween\n<!-- figures: two -->\nkept\n<!-- end -->\n"
)


def test_only_the_named_part_is_replaced():
    written = with_figures(TEXT, "one", r"new \1")
    assert written == TEXT.replace("old\n", "\nnew \\1\n\n")


def test_writing_twice_leaves_what_writing_once_does():
    once = with_figures(TEXT, "one", "new")
    assert with_figures(once, "one", "new") == once


def test_a_part_that_is_not_there_is_an_error():
    with pytest.raises(ValueError, match="wanted one part of figures named three, got 0"):
        with_figures(TEXT, "three", "new")


@pytest.mark.parametrize("name", ["machine", *BENCHES, DEMO, *RECORDINGS])
def test_the_document_has_a_part_for_all_that_can_be_measured(name):
    text = DOCUMENT.read_text("utf-8")
    assert with_figures(text, name, "new") != text


def test_the_command_writes_only_what_it_is_asked_for(tmp_path, capsys):
    document = tmp_path / "benchmarks.md"
    document.write_text(TEXT.replace("one", "blocks"), "utf-8")
    main(["blocks"], document)
    assert capsys.readouterr().out == "blocks\n"
    assert "bytes/sample" in document.read_text("utf-8")
    assert document.read_text("utf-8").endswith(TEXT.partition("old\n")[2])


def test_a_name_that_cannot_be_measured_is_refused(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["everything"])
    assert "got everything" in capsys.readouterr().err


def test_a_section_names_its_command_channels_references_and_vitals():
    section = section_of(DEMO, None, 20.0)
    assert section.startswith("`vitalband demo`: ")
    begins = (
        "- optical: recorded: ",
        "- acceleration: modelled: ",
        "- reference of heart rate: ",
        "- alerts",
    )
    for wanted in (*begins, "| Heart rate |", "| Breathing |", "| Oxygen |", "| Sleep |"):
        assert wanted in section


def test_a_recordings_command_is_as_a_person_types_it():
    assert command_of("troika/01") == "vitalband demo --recording troika/01 --data DIR"
