"""Bytes as Python source, in the formatter's own style."""

_LINE = 110
_ROW = 20


def bytes_literal(name: str, content: bytes) -> str:
    """`name = b"..."`, over several lines when it is long."""
    single = f'{name} = b"{_escaped(content)}"'
    if len(single) <= _LINE:
        return single + "\n"
    rows = [content[start : start + _ROW] for start in range(0, len(content), _ROW)]
    lines = "\n".join(f'    b"{_escaped(row)}"' for row in rows)
    return f"{name} = (\n{lines}\n)\n"


def _escaped(content: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in content)
