"""The disclosure sheet says what the band says, in two languages, and is refused where it is out of step."""

import dataclasses
import json
import re
import string
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from unittest.mock import patch

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from pypdf import PdfReader

import accuracy_figures
from bandschema.enums import Capability, Group, Page, Recipient, Unit
from bandschema.enums import Reading as ReadingId
from bandschema.field import DataClass
from bandschema.readings import READINGS
from bandschema.records import Issuance, ManifestEntry
from flash.releases import DOCUMENT
from sdk import fake_band
from sdk.helpers import run
from sdk.recordings import record
from sdk.test_cli import invoke
from vitalband.client import Band
from vitalband.disclosure import (
    LANGUAGES,
    DisclosedFacts,
    check_sheets,
    manifest_digest_of,
    sheet_of,
    write_pages,
    write_prints,
)
from vitalband.disclosure.accuracy import FIGURES
from vitalband.disclosure.html_page import html_of
from vitalband.errors import LocalError

ROOT = Path(__file__).parents[2]


def manifest_of_all_readings() -> list[ManifestEntry]:
    entries = [
        ManifestEntry(
            entry=index,
            entry_count=len(READINGS),
            manifest_digest=bytes(8),
            reading_id=int(spec.reading),
            stream_id=0,
            group=spec.group,
            page=spec.page,
            unit=spec.unit,
            interval_ms=spec.interval_ms,
            retention_h=spec.retention_h,
            recipients=spec.recipients,
            name_en=spec.name_en,
            name_zh=spec.name_zh,
            agreement_milli=spec.agreement_milli,
        )
        for index, spec in enumerate(READINGS)
    ]
    digest = manifest_digest_of(entries)
    return [dataclasses.replace(entry, manifest_digest=digest) for entry in entries]


def issuance(**values: object) -> Issuance:
    told: dict[str, object] = {
        "request_id": 1, "issuer": "", "contact": "", "purpose": "", "notice": "",
        "is_voluntary": 0, "start_unix_s": 0, "end_unix_s": 0, "refusal": "",
    }  # fmt: skip
    return Issuance(**(told | values))


def facts(capabilities: int = 0, issued: Issuance | None = None) -> DisclosedFacts:
    return DisclosedFacts(
        identity=fake_band.identity(Capability(capabilities)),
        manifest=tuple(manifest_of_all_readings()),
        issuance=issued,
    )


def text_of(sheet) -> str:
    parts = [sheet.title, sheet.lead]
    for section in sheet.sections:
        parts += [section.title, *section.sentences, *section.bullets]
        if section.table is not None:
            parts += [*section.table.head, *(cell for row in section.table.rows for cell in row)]
    return "\n".join(parts)


def font_of_boxes(path: Path, characters: str) -> Path:
    """A TrueType font that has these characters, each a box: the sheet's letters need no other font here."""
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for point in ((0, 700), (500, 700), (500, 0)):
        pen.lineTo(point)
    pen.closePath()
    box = pen.glyph()
    names = [".notdef", *(f"u{ord(character):04X}" for character in characters)]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(name): f"u{ord(name):04X}" for name in characters})
    builder.setupGlyf(dict.fromkeys(names, box))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (600, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Boxes", "styleName": "Regular", "psName": "Boxes-Regular"})
    builder.setupOS2(sTypoAscender=800, usWinAscent=800, usWinDescent=200)
    builder.setupPost()
    builder.save(path)
    return path


def test_both_languages_have_the_same_words_with_the_same_places():
    english, chinese = LANGUAGES["en"], LANGUAGES["zh"]
    assert english.keys() == chinese.keys()

    def places(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for key, text in english.items():
        assert text
        assert chinese[key]
        assert places(text) == places(chinese[key]), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_that_a_manifest_can_say_has_words_in_each_language(language):
    wanted = {f"group_{group.name.lower()}" for group in Group}
    wanted |= {f"page_{Page(spec.page).name.lower()}" for spec in READINGS} | {"page_manifest"}
    wanted |= {f"recipient_{recipient.name.lower()}" for recipient in Recipient}
    wanted |= {f"data_{data.value}" for data in DataClass}
    wanted |= {f"study_{study}" for _, study, *_ in FIGURES}
    assert wanted <= LANGUAGES[language].keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sheet_has_every_item_of_the_manifest_with_all_that_it_states(language):
    sheet = sheet_of(facts(), language)
    [what] = [section for section in sheet.sections if section.title == LANGUAGES[language]["what"]]
    assert what.table is not None
    assert len(what.table.rows) == len(READINGS)
    for spec, row in zip(READINGS, what.table.rows, strict=True):
        assert row[0] == (spec.name_zh if language == "zh" else spec.name_en)
        assert row[1] == LANGUAGES[language][f"group_{spec.group.name.lower()}"]
        assert f"{spec.interval_ms / 1000:g}" in row[3]
        assert str(spec.retention_h) in row[4]
    assert sheet.manifest_digest == facts().manifest_digest.hex()
    assert sheet.firmware_digest == facts().identity.firmware_digest.hex()


def test_the_figures_of_accuracy_are_those_that_the_benchmark_wrote_down():
    written = (ROOT / accuracy_figures.FILE).read_text("utf-8")
    assert written == accuracy_figures.text()
    document = accuracy_figures.DOCUMENT.read_text("utf-8")
    moved = document.replace("| troika, as shown | 0.69 /min |", "| troika, as shown | 7.77 /min |")
    assert '"7.77 /min"' in accuracy_figures.text(moved)
    with pytest.raises(ValueError, match="wanted one row"):
        accuracy_figures.text(document.replace("| troika, as shown |", "| troika, otherwise |"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reading_says_how_right_it_is_or_that_nobody_measured(language):
    text = text_of(sheet_of(facts(), language))
    for _, _, value, *_ in FIGURES:
        assert value.split()[0] in text
    [right] = [s for s in sheet_of(facts(), language).sections if s.title == LANGUAGES[language]["right"]]
    assert right.table is not None
    names = {spec.name_zh if language == "zh" else spec.name_en for spec in READINGS}
    assert {row[0] for row in right.table.rows} == names
    measured = {row[0]: row[1] for row in right.table.rows}
    pulse_shape = next(spec for spec in READINGS if spec.reading == ReadingId.PULSE_SHAPE_INDEX)
    name = pulse_shape.name_zh if language == "zh" else pulse_shape.name_en
    assert measured[name] == LANGUAGES[language]["not_measured"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sheet_says_what_the_band_is_certified_as(language):
    words = LANGUAGES[language]
    told = facts()
    for sent, shown in (
        ("none", words["certification_none"]),
        ("", words["certification_not_told"]),
        ("CE 0123", "CE 0123"),
    ):
        identity = dataclasses.replace(told.identity, certification=sent)
        lead = sheet_of(dataclasses.replace(told, identity=identity), language).lead
        assert f"{words['colon']}{shown}" in lead


def test_who_asks_is_told_and_what_is_empty_is_no_notice_given():
    assert "No notice given: the band names nobody" in text_of(sheet_of(facts(), "en"))
    text = text_of(sheet_of(facts(issued=issuance(issuer="Plant 7", end_unix_s=1_800_000_000)), "en"))
    assert "Who asks: Plant 7" in text
    assert "Until: 2027-01-15" in text
    assert text.count(": no notice given") == 5  # contact, purpose, notice, refusal, start
    assert "without disadvantage: no" in text
    told = text_of(sheet_of(facts(issued=issuance(issuer="七号厂", is_voluntary=1)), "zh"))
    assert "发放方：七号厂" in told
    assert told.count("：未作说明") == 6


def test_what_the_band_cannot_do_is_not_promised():
    assert "not sealed by this firmware" in text_of(sheet_of(facts(), "en"))
    sealed = text_of(sheet_of(facts(Capability.SEALED_RECORDS), "en"))
    assert "Messages are sealed" in sealed
    assert "not sealed" not in sealed
    can_seal = text_of(sheet_of(facts(Capability.SECURE_SESSION), "en"))
    assert "it also talks to others unsealed" in can_seal


def test_what_the_radio_tells_is_told_as_the_port_has_it():
    fixed, private = (
        text_of(sheet_of(facts(), "en")),
        text_of(sheet_of(facts(Capability.PRIVATE_RADIO), "en")),
    )
    assert "Its address does not change" in fixed
    assert "Its address does not change" not in private
    assert "Its address changes" in private


class _Outline(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_loads_nothing_and_can_be_read_aloud(language):
    page = html_of(sheet_of(facts(), language))
    outline = _Outline()
    outline.feed(page)
    assert outline.open == []
    names = [tag for tag, _ in outline.tags]
    assert not {"script", "link", "img", "iframe", "a"} & set(names)
    assert not re.search(r"https?:|url\(|@import", page)
    assert dict(outline.tags)["html"]["lang"] == LANGUAGES[language]["language"]
    assert names.count("h1") == names.count("main") == 1
    assert all(attributes.get("scope") in ("col", "row") for tag, attributes in outline.tags if tag == "th")
    ids = {attributes["id"] for _, attributes in outline.tags if "id" in attributes}
    labels = {
        attributes["aria-labelledby"] for _, attributes in outline.tags if "aria-labelledby" in attributes
    }
    assert labels == ids


def test_what_a_band_says_is_no_markup_and_steers_nothing():
    page = html_of(sheet_of(facts(issued=issuance(issuer='<b>&"\x1b[31m')), "en"))
    assert "&lt;b&gt;&amp;&quot;\ufffd[31m" in page
    assert "<b>" not in page


def test_the_prints_say_what_the_pages_say(tmp_path):
    told = facts(issued=issuance(issuer="七号厂 & <Co>"))
    characters = {c for sheet in (sheet_of(told, "zh"), sheet_of(told, "en")) for c in text_of(sheet)}
    characters |= {c for text in LANGUAGES["zh"].values() for c in text}
    font = font_of_boxes(tmp_path / "boxes.ttf", "".join(sorted(characters)))
    files = write_prints(told, tmp_path, font)
    assert [path.name for path in files] == ["disclosure.en.pdf", "disclosure.zh.pdf"]
    for path, language in zip(files, LANGUAGES, strict=True):
        reader = PdfReader(BytesIO(path.read_bytes()))
        printed = re.sub(r"\s+", "", "".join(page.extract_text() for page in reader.pages))
        for line in text_of(sheet_of(told, language)).splitlines():
            assert re.sub(r"\s+", "", line) in printed, line
        assert printed.count(told.manifest_digest.hex()) == len(reader.pages) + 1
        assert reader.metadata.title == LANGUAGES[language]["title"]
        assert reader.root_object["/Lang"] == LANGUAGES[language]["language"]
    assert write_prints(told, tmp_path / "again", font)[1].read_bytes() == files[1].read_bytes()


def test_a_print_that_wants_a_font_says_which_and_the_english_one_wants_none(tmp_path):
    with patch("vitalband.disclosure.fonts.KNOWN", ((tmp_path / "none.ttf", "fonts-droid-fallback"),)):
        with pytest.raises(LocalError, match="install Debian's fonts-droid-fallback"):
            write_prints(facts(), tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == ["disclosure.en.pdf"]
    with pytest.raises(LocalError, match="there is no file"):
        write_prints(facts(), tmp_path, tmp_path / "none.ttf")
    (tmp_path / "text.ttf").write_text("no font")
    with pytest.raises(LocalError, match="wanted a font with TrueType outlines"):
        write_prints(facts(), tmp_path, tmp_path / "text.ttf")


def test_a_sheet_of_another_firmware_or_manifest_or_with_other_words_is_out_of_step(tmp_path):
    told = facts()
    characters = "".join(
        sorted({c for text in LANGUAGES["zh"].values() for c in text} | set(text_of(sheet_of(told, "zh"))))
    )
    write_pages(told, tmp_path)
    write_prints(told, tmp_path, font_of_boxes(tmp_path / "boxes.ttf", characters))
    sheets, found = check_sheets(told, tmp_path)
    assert (len(sheets), found) == (4, [])

    other = dataclasses.replace(told, identity=dataclasses.replace(told.identity, firmware_digest=bytes(32)))
    _, found = check_sheets(other, tmp_path)
    assert [(each.name, each.wanted) for each in found] == [("firmware digest", "00" * 32)] * 4

    fewer = [dataclasses.replace(entry, entry_count=16) for entry in told.manifest[:16]]
    digest = manifest_digest_of(fewer)
    shorter = tuple(dataclasses.replace(entry, manifest_digest=digest) for entry in fewer)
    _, found = check_sheets(dataclasses.replace(told, manifest=shorter), tmp_path)
    assert [(each.name, each.wanted) for each in found] == [("manifest digest", digest.hex())] * 4

    page = tmp_path / "disclosure.en.html"
    page.write_text(page.read_text("utf-8").replace("every 2 s", "every 9 s", 1), "utf-8")
    _, found = check_sheets(told, tmp_path)
    assert [(each.path, each.name) for each in found] == [(page, "words")]
    page.write_text("<p>nothing", "utf-8")
    _, found = check_sheets(told, tmp_path)
    assert {each.got for each in found} == {""}


def test_a_manifest_that_is_not_whole_or_not_what_it_states_makes_no_sheet():
    told = facts()
    with pytest.raises(LocalError, match="wanted the whole manifest, 17 entries, got: 0, 2"):
        dataclasses.replace(told, manifest=(told.manifest[0], told.manifest[2]))
    with pytest.raises(LocalError, match="got: none"):
        dataclasses.replace(told, manifest=())
    moved = dataclasses.replace(told.manifest[1], retention_h=9999)
    with pytest.raises(LocalError, match="the band states"):
        dataclasses.replace(told, manifest=(told.manifest[0], moved, *told.manifest[2:]))
    with pytest.raises(LocalError, match="wanted a language of en, zh, got 'fr'"):
        sheet_of(told, "fr")


def test_the_command_writes_checks_and_refuses(tmp_path):
    store, folder = tmp_path / "night.vband", tmp_path / "sheets"
    with patch("sdk.fake_band.manifest", manifest_of_all_readings):
        record(store, seconds=5)
    invoke("disclose", store, "-o", folder, "--no-pdf")
    assert sorted(path.name for path in folder.iterdir()) == ["disclosure.en.html", "disclosure.zh.html"]
    assert "2 sheets: in step" in invoke("disclose", store, "-o", folder, "--check").output
    page = folder / "disclosure.zh.html"
    digest = fake_band.identity(Capability(0)).firmware_digest.hex()
    page.write_text(page.read_text("utf-8").replace(digest, "ab" * 32), "utf-8")
    output = invoke("disclose", store, "-o", folder, "--check", code=6).output
    assert "out of step" in output
    assert "abab" in output
    assert "found none" in invoke("disclose", store, "-o", tmp_path / "empty", "--check", code=2).output


def test_a_sheet_of_another_firmware_than_a_release_is_out_of_step(tmp_path):
    write_pages(facts(), tmp_path)
    release = tmp_path / "release.json"
    own = facts().identity.firmware_digest.hex()
    for digest, code, state in ((own, 0, "in step"), ("ab" * 32, 6, "out of step")):
        release.write_text(json.dumps(DOCUMENT | {"firmware_digest": digest}))
        arguments = ("disclose", release, "-o", tmp_path, "--check", "--unsigned")
        assert f"2 sheets: {state}" in invoke(*arguments, code=code).output
    assert "does not tell what" in invoke("disclose", release, "-o", tmp_path, code=2).output
    invoke("disclose", release, "-o", tmp_path, "--check", code=2)  # nobody vouches for it


def test_the_manifest_of_the_firmware_has_the_digest_that_it_states():
    async def work() -> DisclosedFacts:
        async with Band.open("sim:rest", reconnect=False) as band:
            return DisclosedFacts(identity=band.identity, manifest=band.manifest, issuance=band.issuance)

    told = run(work())
    assert len(told.manifest) > len(READINGS)
    [raw] = [
        row[3]
        for s in sheet_of(told, "en").sections
        if s.table
        for row in s.table.rows
        if "Raw light" in row[0]
    ]
    assert raw == "25 times a second"
    assert Unit.NONE in {entry.unit for entry in told.manifest}
