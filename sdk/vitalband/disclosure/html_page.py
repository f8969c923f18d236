"""A sheet as one HTML file: it loads nothing from elsewhere, it prints, and can be read aloud."""

from html import escape

from vitalband.disclosure.sheet import LANGUAGES, Section, Sheet, SheetTable

FIRMWARE_META = "vitalband-firmware-digest"
MANIFEST_META = "vitalband-manifest-digest"

_STYLE = """
:root { color-scheme: light dark;
  --ink: #16202a; --paper: #fff; --soft: #eef3f6; --line: #b9c6cf; --lead: #0b5563; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8eef2; --paper: #11181e; --soft: #1c2730; --line: #45545f; --lead: #8fd3e0; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 58rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, "Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .5rem; color: var(--lead); }
h2 { font-size: 1.2rem; margin: 2rem 0 .4rem; padding-top: .6rem; color: var(--lead);
  border-top: 2px solid var(--lead); }
p { margin: .4rem 0 .7rem; max-width: 46rem; }
ul { margin: .3rem 0; padding-left: 1.2rem; max-width: 46rem; }
li { margin: .25rem 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: .6rem 0; font-size: .92rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line); }
thead th { background: var(--soft); }
tbody th { font-weight: 600; min-width: 6.5em; }
dl { background: var(--soft); padding: .8rem 1rem; margin: 1rem 0; }
dt { font-weight: 600; }
dd { margin: 0 0 .4rem; font-family: ui-monospace, monospace; font-size: .85rem; overflow-wrap: anywhere; }
@media print {
  :root { --ink: #000; --paper: #fff; --soft: #eee; --line: #999; --lead: #000; }
  body { padding: 0; max-width: none; font-size: 10pt; }
  thead { display: table-header-group; }
  tr, li, dl { break-inside: avoid; }
  h2 { break-after: avoid; margin-top: 1rem; }
  .scroll { overflow: visible; }
}
"""


def html_of(sheet: Sheet) -> str:
    """The whole document, UTF-8."""
    sections = "\n".join(_section(number, section) for number, section in enumerate(sheet.sections, 1))
    words = LANGUAGES[sheet.language]
    digests = {words["sure_digest"]: sheet.firmware_digest, words["sure_manifest"]: sheet.manifest_digest}
    terms = "".join(f"<dt>{escape(name)}</dt><dd>{digest}</dd>" for name, digest in digests.items())
    return f"""<!DOCTYPE html>
<html lang="{sheet.tag}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="{FIRMWARE_META}" content="{sheet.firmware_digest}">
<meta name="{MANIFEST_META}" content="{sheet.manifest_digest}">
<title>{escape(sheet.title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>{escape(sheet.title)}</h1>
<p>{escape(sheet.lead)}</p>
{sections}
<dl>{terms}</dl>
</main>
</body>
</html>
"""


def _section(number: int, section: Section) -> str:
    parts = [
        f'<section aria-labelledby="part-{number}">',
        f'<h2 id="part-{number}">{escape(section.title)}</h2>',
    ]
    parts += [f"<p>{escape(sentence)}</p>" for sentence in section.sentences]
    if section.table is not None:
        parts.append(_table(number, section.table))
    if section.bullets:
        parts.append("<ul>" + "".join(f"<li>{escape(bullet)}</li>" for bullet in section.bullets) + "</ul>")
    return "\n".join([*parts, "</section>"])


def _table(number: int, table: SheetTable) -> str:
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in table.head)
    rows = "\n".join(
        f'<tr><th scope="row">{escape(first)}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in rest)
        + "</tr>"
        for first, *rest in table.rows
    )
    return (
        f'<div class="scroll"><table aria-labelledby="part-{number}"><thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody></table></div>"
    )
