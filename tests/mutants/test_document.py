"""What mutants are made of is there, and the page about them tells each that survives, with its reason."""

import json
from dataclasses import replace

import pytest

from mutants import document, explained
from mutants.results import ModuleResult, Survivor
from mutants.staging import MUTATED, ROOT, TESTS


def _survivor(before: str, after: str, function: str = "Deframer.feed") -> Survivor:
    return Survivor("bandwire.framing", function, before, after)


def test_every_file_that_is_changed_and_every_test_that_must_notice_is_there():
    assert [name for name in MUTATED if not (ROOT / "protocol" / name).is_file()] == []
    assert [name for name in TESTS if not (ROOT / name).exists()] == []


def test_every_reason_is_of_a_module_that_is_changed():
    modules = {name.removesuffix(".py").replace("/", ".") for name in MUTATED}
    reasons = json.loads((ROOT / "tools/mutants/explained.json").read_text(encoding="utf-8"))
    assert {key.partition(":")[0] for key in reasons} <= modules
    assert all(reasons.values())


@pytest.mark.parametrize(
    ("survivor", "reason"),
    [
        (_survivor('raise LocalError("late")', 'raise LocalError("XXlateXX")'), explained.WORDING),
        (_survivor("raise FrameError(text)", "raise FrameError(None)"), explained.WORDING),
        (_survivor("self.start = 0", "self.start = 1", "Deframer.__init__"), explained.FIRST_VALUE),
        (_survivor("self.start = 0", "self.start = 1"), explained.NOT_YET),
    ],
)
def test_a_reason_is_told_by_the_kind_of_change_or_not_yet(survivor, reason):
    assert explained.explanation_of(survivor) == reason


def test_the_page_counts_and_names_what_survives(tmp_path):
    results = [
        ModuleResult("bandwire.framing", 8, 5, (_survivor("a | b", "a & b"), _survivor("return", ""))),
        ModuleResult("bandwire.record", 2, 0, ()),
    ]
    assert document.share(results) == 0.8
    assert document.share([]) == 0
    assert document.unexplained(results) == 2
    document.write_document(results, tmp_path / "mutants.md")
    page = (tmp_path / "mutants.md").read_text(encoding="utf-8")
    assert "| bandwire.framing | 8 | 6 | 2 | 75.0 | 5 |" in page
    assert "| together | 10 | 8 | 2 | 80.0 | 5 |" in page
    assert "| `Deframer.feed` | `` a \\| b `` | `` a & b `` | not yet explained |" in page
    assert "| `Deframer.feed` | `` return `` | (nothing) |" in page
    assert "### bandwire.record" not in page


def test_the_page_keeps_what_it_says_of_a_module_that_was_not_wholly_run(tmp_path):
    page = tmp_path / "mutants.md"
    framing, ring = (
        ModuleResult(module, 1200, 0, (Survivor(module, "f", "a | b", "a"), Survivor(module, "g", "c", "")))
        for module in ("bandwire.framing", "bandwire.record")
    )
    document.write_document([framing, ring], page)
    before = page.read_text(encoding="utf-8")
    document.write_document([replace(ring, run=7, waiting=1193, survivors=())], page)
    assert page.read_text(encoding="utf-8") == before
    document.write_document([replace(ring, run=800, survivors=())], page)
    after = page.read_text(encoding="utf-8")
    assert (
        "| bandwire.record | 800 | 800 | 0 | 100.0 | 0 |\n| together | 2,000 | 1,998 | 2 | 99.9 | 0 |"
        in after
    )
    assert "### bandwire.record" not in after
    assert after.count("### bandwire.framing") == 1
    document.write_document([ring], page)
    assert page.read_text(encoding="utf-8") == before
