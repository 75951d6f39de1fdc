"""Print the notes of a release: its section of ``CHANGELOG.md``.

    python packaging/release_notes.py           # what is not released yet
    python packaging/release_notes.py 0.1.0

The changelog has the form of Keep a Changelog 1.1.0: ``## [VERSION] - DATE``, newest first, and ``## [Unreleased]``.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

import bundle

CHANGELOG = bundle.ROOT / "CHANGELOG.md"
_HEADING = re.compile(r"^## \[([^\]]+)\](?: - \d{4}-\d{2}-\d{2})?[ ]*$", re.MULTILINE)


def release_notes(changelog: str, version: str) -> str:
    """The section of one version, without its heading. Raises ``LookupError`` where there is none, or an empty one."""
    headings = list(_HEADING.finditer(changelog))
    for number, heading in enumerate(headings):
        if heading[1].casefold() == version.casefold():
            end = headings[number + 1].start() if number + 1 < len(headings) else len(changelog)
            if notes := changelog[heading.end() : end].strip():
                return notes
            raise LookupError(f"The section [{version}] is empty: write what changed, or name another version.")
    known = ", ".join(heading[1] for heading in headings)
    raise LookupError(f"No section [{version}]. The changelog has: {known}.")


def main(arguments: list[str] | None = None) -> int:
    """Print the notes; exit code 1 with a sentence where there are none."""
    parser = argparse.ArgumentParser(description="Print the notes of a release, from CHANGELOG.md.")
    parser.add_argument("version", nargs="?", default="Unreleased", help="a version, or Unreleased (the default)")
    parser.add_argument("--changelog", type=Path, default=CHANGELOG)
    given = parser.parse_args(arguments)
    try:
        print(release_notes(given.changelog.read_text(encoding="utf-8"), given.version))
    except LookupError as error:
        print(f"release_notes.py: {given.changelog.name}: {error.args[0]}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
