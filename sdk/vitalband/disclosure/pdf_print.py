"""A sheet as a PDF of A4 pages, by reportlab; every page has its number and the digests."""

from collections.abc import Iterator
from html import escape
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any, cast

from vitalband.disclosure.fonts import font_for, is_plain
from vitalband.disclosure.sheet import LANGUAGES, Section, Sheet, SheetTable
from vitalband.errors import LocalError

_FONT = "sheet"
_INK, _SOFT, _LINE, _LEAD = "#16202a", "#eef3f6", "#b9c6cf", "#0b5563"
_MARGIN_PT = 48
_FOOT_PT = 7
_WIDTHS = {6: (0.2, 0.13, 0.14, 0.14, 0.13, 0.26), 2: (0.2, 0.8)}
"""Shares of the width by number of columns."""


def pdf_of(sheet: Sheet, font: Path | None = None) -> bytes:
    """The document; `LocalError` when reportlab is missing, or a font that it wants (`fonts.font_for`)."""
    try:
        from reportlab.platypus import SimpleDocTemplate
    except ImportError as error:
        raise LocalError('a PDF wants reportlab: pip install "vitalband[disclose]", or --no-pdf') from error
    found = font_for(_all_text(sheet), font)
    if found is not None:
        _register(found)
    out = BytesIO()
    document = SimpleDocTemplate(
        out,
        leftMargin=_MARGIN_PT,
        rightMargin=_MARGIN_PT,
        topMargin=_MARGIN_PT,
        bottomMargin=_MARGIN_PT + 2 * _FOOT_PT,
        title=sheet.title,
        author="vitalband disclose",
        keywords=keywords_of(sheet),
        lang=sheet.tag,
        invariant=1,
    )

    def foot(canvas: Any, template: Any) -> None:
        canvas.setFont("Helvetica", _FOOT_PT)
        canvas.setFillColor(_INK)
        line = f"firmware {sheet.firmware_digest}  manifest {sheet.manifest_digest}"
        canvas.drawString(_MARGIN_PT, _MARGIN_PT - _FOOT_PT, line)
        canvas.drawRightString(document.pagesize[0] - _MARGIN_PT, _MARGIN_PT - _FOOT_PT, str(template.page))

    document.build(list(_Story(sheet, document.width).parts()), onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


def keywords_of(sheet: Sheet) -> str:
    """What the file says of itself to a machine."""
    return f"vitalband firmware={sheet.firmware_digest} manifest={sheet.manifest_digest}"


def _register(path: Path) -> None:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    try:
        cast(Any, pdfmetrics).registerFont(TTFont(_FONT, str(path)))
    except TTFError as error:
        raise LocalError(f"{path}: wanted a font with TrueType outlines, got: {error}") from error


def _all_text(sheet: Sheet) -> str:
    parts = [sheet.title, sheet.lead, *LANGUAGES[sheet.language].values()]
    for section in sheet.sections:
        parts += [section.title, *section.sentences, *section.bullets]
        if section.table is not None:
            parts += [*section.table.head, *(cell for row in section.table.rows for cell in row)]
    return "".join(parts)


def _markup(text: str) -> str:
    """Text as reportlab's paragraphs take it, each run in a font that has it."""
    runs = groupby(text, is_plain)
    return "".join(
        escape(run) if plain else f'<font face="{_FONT}">{escape(run)}</font>'
        for plain, run in ((plain, "".join(characters)) for plain, characters in runs)
    )


class _Story:
    """The flow of a sheet, `width_pt` points wide."""

    def __init__(self, sheet: Sheet, width_pt: float) -> None:
        from reportlab.lib.styles import ParagraphStyle

        self._sheet = sheet
        self._width_pt = width_pt
        wrap = "CJK" if sheet.language == "zh" else None
        common: dict[str, Any] = {"fontName": "Helvetica", "textColor": _INK, "wordWrap": wrap}
        heading: dict[str, Any] = common | {
            "fontName": "Helvetica-Bold",
            "textColor": _LEAD,
            "keepWithNext": True,
        }
        self._title = ParagraphStyle("title", fontSize=20, leading=25, spaceAfter=6, **heading)
        self._heading = ParagraphStyle(
            "heading", fontSize=12, leading=15, spaceBefore=10, spaceAfter=3, **heading
        )
        self._text = ParagraphStyle("text", fontSize=9.5, leading=13, spaceAfter=4, **common)
        self._bullet = ParagraphStyle("bullet", self._text, leftIndent=11, bulletIndent=1, spaceAfter=2)
        self._cell = ParagraphStyle("cell", fontSize=8, leading=10.5, **common)
        self._digest = ParagraphStyle("digest", self._text, fontName="Courier", fontSize=8.5, wordWrap="CJK")

    def parts(self) -> Iterator[Any]:
        """Every flowable in its order."""
        sheet, words = self._sheet, LANGUAGES[self._sheet.language]
        yield self._paragraph(sheet.title, self._title)
        yield self._paragraph(sheet.lead, self._text)
        for section in sheet.sections:
            yield from self._section(section)
        for name, digest in (
            (words["sure_digest"], sheet.firmware_digest),
            (words["sure_manifest"], sheet.manifest_digest),
        ):
            yield self._paragraph(name, self._text)
            yield self._paragraph(digest, self._digest)

    def _section(self, section: Section) -> Iterator[Any]:
        yield self._paragraph(section.title, self._heading)
        for sentence in section.sentences:
            yield self._paragraph(sentence, self._text)
        if section.table is not None:
            yield self._table(section.table)
        for bullet in section.bullets:
            yield self._paragraph(bullet, self._bullet, bulletText="•")

    def _paragraph(self, text: str, style: Any, **options: Any) -> Any:
        from reportlab.platypus import Paragraph

        return Paragraph(_markup(text), style, **options)

    def _table(self, table: SheetTable) -> Any:
        from reportlab.platypus import Table, TableStyle

        rows = [[self._paragraph(cell, self._cell) for cell in row] for row in (table.head, *table.rows)]
        widths = [share * self._width_pt for share in _WIDTHS[len(table.head)]]
        style = TableStyle(
            [
                ("BACKGROUND", (0, 0), (-1, 0), _SOFT),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 4),
                ("RIGHTPADDING", (0, 0), (-1, -1), 4),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            ]
        )
        return Table(rows, colWidths=widths, repeatRows=1, style=style, spaceBefore=3, spaceAfter=6)
