"""`python -m bench`."""

import pytest

from bench.__main__ import main


def test_a_run_says_what_ran_on_what_and_prints_its_table(capsys):
    main(["blocks"])
    first, second, third, *table = capsys.readouterr().out.splitlines()
    assert "cores" in first
    assert "CPython 3." in second
    assert "MicroPython" in second
    assert "protobuf" in third
    assert any("bytes/block" in line for line in table)


def test_markdown_is_a_table_for_documents(capsys):
    main(["--markdown", "blocks"])
    lines = capsys.readouterr().out.splitlines()
    header = next(at for at, line in enumerate(lines) if line.startswith("| format"))
    assert set(lines[header + 1]) <= set("|-")
    assert all(line.startswith("|") and line.endswith("|") for line in lines[header:])


def test_a_name_that_is_no_benchmark_is_refused(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["everything"])
    assert "wanted names of codecs, blocks, speed, firmware, got everything" in capsys.readouterr().err
