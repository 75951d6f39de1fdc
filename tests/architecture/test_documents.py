"""What CONTRIBUTING.md and docs/architecture.md say of the tree is so: paths, names in files, the order of rooms."""

from __future__ import annotations

import re
from pathlib import Path

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


ENDINGS = {"f32", "i8", "json", "key", "md", "py", "toml", "txt"}
PLUG_INS = {"zunda_mcp.embedders", "zunda_mcp.engines", "zunda_mcp.formats"}
"""Names with a dot that are none of code: of files, and of the entry points."""


def _modules() -> dict[str, Path]:
    """The files of all modules, by each way to say where they are: ``zunda_mcp.text.urls``, ``text.urls``, ``urls``."""
    modules: dict[str, Path] = {}
    for file in PACKAGE.rglob("*.py"):
        parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        modules |= {".".join(parts[at:]): file for at in range(len(parts))}
    return modules


def test_a_docstring_names_only_code_that_exists() -> None:
    modules = _modules()
    texts = {file: file.read_text(encoding="utf-8") for file in sorted(PACKAGE.rglob("*.py"))}
    faults = []
    for file, text in texts.items():
        for name in re.findall(r"``([a-z_]+(?:\.\w+)+)``", text):
            home, _, last = name.rpartition(".")
            is_ours = name.removeprefix("zunda_mcp.").partition(".")[0] in modules
            there = name in modules or (home in modules and re.search(rf"\b{last}\b", texts[modules[home]]))
            if is_ours and not there and name not in PLUG_INS and last not in ENDINGS:
                faults.append(f"{file.relative_to(ROOT)}: {name}")
    assert not faults
