"""What CONTRIBUTING.md and docs/architecture.md say of the tree is so: paths, names in files, the order of rooms."""

from __future__ import annotations

import re

import pytest
from source_tree import PACKAGE, ROOT, defined_at_top
from test_architecture import ROOMS

MADE = ("build/", ".venv/")
"""Where what a document names is made when it is needed."""


def tables(document: str, heading: str) -> list[list[str]]:
    """The rows of all tables below a heading, cell by cell, without their heads."""
    _, _, below = (ROOT / document).read_text(encoding="utf-8").partition(f"\n## {heading}\n")
    lines = below.partition("\n## ")[0].splitlines()
    rules = [number for number, line in enumerate(lines) if line.startswith("| ---")]
    assert rules, f"{document} has no table under {heading}"
    heads = {number - 1 for number in rules}
    rows = [line for number, line in enumerate(lines) if line.startswith("|") and number not in heads.union(rules)]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def paths(text: str) -> list[str]:
    """What stands as code and looks like the path of a file or, with a slash at its end, of a folder."""
    return [
        code for code in re.findall(r"`([^`\n]+)`", text) if re.fullmatch(r"[\w./-]+/|[\w./-]*\w\.[a-z]{2,5}", code)
    ]


CHANGES = tables("CONTRIBUTING.md", "Where a change belongs")


@pytest.mark.parametrize("change", CHANGES, ids=lambda row: str(row[0]))
def test_a_change_belongs_where_files_are(change: list[str]) -> None:
    what, where, _ = change
    named = paths(where)
    assert named, f"no path for: {what}"
    for path in named:
        assert any((base / path).exists() for base in (PACKAGE, ROOT)), f"{what}: {path}"
    for path, name in re.findall(r"`([\w/.-]+\.py)`: `(\w+)`", where):
        file = PACKAGE / path if (PACKAGE / path).exists() else ROOT / path
        assert name in defined_at_top(file), f"{what}: {name} in {path}"


def test_the_architecture_lists_every_room_from_the_highest_to_the_lowest() -> None:
    listed = [re.findall(r"`(\w+)(?:/|\.py)`", row[0]) for row in tables("docs/architecture.md", "Rooms")]
    assert tuple(name for cell in reversed(listed) for name in reversed(cell)) == ROOMS


@pytest.mark.parametrize("document", ["docs/architecture.md", "CONTRIBUTING.md", "SECURITY.md", "packaging/README.md"])
def test_a_document_names_only_paths_that_exist(document: str) -> None:
    text = re.sub(r"^```.*?^```$", "", (ROOT / document).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    bases = (PACKAGE, ROOT, (ROOT / document).parent, ROOT / "tests" / "architecture")
    for path in paths(text):
        if ("/" in path or path.endswith(".py")) and not path.startswith(MADE):
            assert any((base / path).exists() for base in bases), f"{document} names {path}"
