"""What the sources tell that the byte code does not."""

import ast
from pathlib import Path


def written_to(folder: Path) -> set[tuple[str, str]]:
    """Attributes that the Python files of a folder assign or delete, each with the name that it is one of:
    `Scheduler.run_step = ...`.
    """
    return {
        (node.value.id, node.attr)
        for path in sorted(folder.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store | ast.Del)
        and isinstance(node.value, ast.Name)
    }
