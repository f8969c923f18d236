"""What the sources tell that the byte code does not."""

import ast
from pathlib import Path


def written_to(folder: Path) -> set[str]:
    """Names whose attributes the Python files of a folder assign or delete: `Scheduler.run_step = ...`."""
    return {
        node.value.id
        for path in sorted(folder.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store | ast.Del)
        and isinstance(node.value, ast.Name)
    }
