"""The diagram and the table of `docs/connection.md`, from `vitalband.connection.TRANSITIONS`."""

from bandschema.emit import between
from vitalband.connection import TRANSITIONS
from vitalband.values import ConnectionState

FILE = "docs/connection.md"
BEGIN, END = "<!-- generated: transitions -->\n", "<!-- end of what is generated -->\n"


def filled(document: str) -> str:
    """The document with the transitions of today between its marks; SchemaError when they are missing."""
    return between(document, BEGIN, END, f"{diagram()}\n{table()}\n", FILE)


def diagram() -> str:
    """Mermaid's state diagram; what leads to CLOSED, as every state may, is drawn once."""
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> CLOSED"]
    for change in TRANSITIONS:
        if change.after is not ConnectionState.CLOSED:
            lines.append(f"    {change.before.name} --> {change.after.name}")
    lines += ["    note right of CLOSED: from every state, by close or for good", "```", ""]
    return "\n".join(lines)


def table() -> str:
    """Every transition and when it happens."""
    lines = ["| from | to | when |", "|---|---|---|"]
    lines += [f"| {change.before.name} | {change.after.name} | {change.when} |" for change in TRANSITIONS]
    return "\n".join(lines) + "\n"
