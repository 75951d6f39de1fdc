"""The public face of the package, pinned; and what the core must never import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import zunda_mcp

EPISODES = Path(__file__).resolve().parents[2] / "episodes"


def test_the_package_exports_these_names_and_each_can_be_used() -> None:
    assert sorted(zunda_mcp.__all__) == zunda_mcp.__all__
    for name in zunda_mcp.__all__:
        assert getattr(zunda_mcp, name).__name__ == name


def test_the_core_imports_neither_mcp_nor_a_face() -> None:
    code = "import sys, zunda_mcp.library; print(*sorted(m for m in sys.modules if m.split('.')[0] in ('mcp', 'tqdm')"
    code += " or m.startswith(('zunda_mcp.server', 'zunda_mcp.cli'))))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8")
    assert done.stdout.split() == []


def test_looking_for_changes_loads_no_parser() -> None:
    code = (
        "import sys, pathlib; from zunda_mcp.reading.archive_reader import ArchiveReader;"
        "ArchiveReader([pathlib.Path(sys.argv[1])]).scan();"
    )
    code += "print(*sorted(m for m in ('yaml', 'frontmatter', 'markdown_it', 'whoosh') if m in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code, str(EPISODES)], capture_output=True, check=True, encoding="utf-8"
    )
    assert done.stdout.split() == []
