#!/usr/bin/env python3
"""Checks that a commit's subject reads `area: Sentence.` within 72 columns."""

import re
import sys
from pathlib import Path

_SUBJECT = re.compile(r"[a-z0-9/_.-]+: [A-Z0-9`].*\.")


def main(path: str) -> int:
    """Exit code for the message in `path`: 0 when its first line is well formed."""
    subject = Path(path).read_text(encoding="utf-8").splitlines()[0]
    if len(subject) <= 72 and _SUBJECT.fullmatch(subject):
        return 0
    print(f"commit subject: wanted 'area: Sentence.' within 72 columns, got {len(subject)}: {subject}")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
