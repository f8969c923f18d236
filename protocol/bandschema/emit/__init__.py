"""The products of the walk: each module here gives the text of one generated file."""

from bandschema.layout import SchemaError

MARK = "GENERATED from protocol/bandschema by `make gen`: do not edit."
"""First words of every generated file."""


def between(text: str, begin: str, end: str, filling: str, name: str) -> str:
    """`text` of the file `name` with `filling` between two of its lines; SchemaError without them."""
    before, begun, rest = text.partition(begin)
    _, ended, after = rest.partition(end)
    if not begun or not ended:
        raise SchemaError(f"{name}: wanted the lines {begin!r} and {end!r}")
    return f"{before}{begin}\n{filling}{end}{after}"
