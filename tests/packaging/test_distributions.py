"""The wheel and the sdist: everything the package needs is in them."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import bundle


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder)]
    done = subprocess.run(command, cwd=bundle.ROOT, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return folder


def test_every_file_of_the_package_is_in_the_wheel(built: Path) -> None:
    """Not the modules alone: texts, pages and tables that lie beside them as well."""
    source = bundle.ROOT / "src"
    files = (path for path in (source / "zunda_mcp").rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    expected = {path.relative_to(source).as_posix() for path in files}
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
        entry_points = next(packed.read(name) for name in names if name.endswith("entry_points.txt"))
    assert expected == {name for name in names if name.startswith("zunda_mcp/")}
    assert b"zunda-mcp = zunda_mcp.cli:main" in entry_points


def test_the_wheel_holds_the_word_frequencies_and_says_under_which_licence_they_are(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        (notice,) = (packed.read(name).decode() for name in names if name.endswith("licenses/NOTICE"))
        metadata = next(packed.read(name).decode() for name in names if name.endswith("METADATA"))
        with zipfile.ZipFile(io.BytesIO(packed.read("zunda_mcp/text/word_frequencies.zip"))) as tables:
            inside = tables.read("NOTICE.txt").decode()
    assert "License-Expression: MIT AND CC-BY-SA-4.0" in metadata
    for text in (notice, inside):
        assert "wordfreq 3.1.1 by Robyn Speer" in text
        assert "https://creativecommons.org/licenses/by-sa/4.0/" in text


def test_the_sdist_can_be_tested_and_packed_again(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as packed:
        names = {name.partition("/")[2] for name in packed.getnames()}
    assert {
        "Makefile", "pyproject.toml", "server.json", "index/README.md",
        "packaging/bundle.py", "packaging/Dockerfile", "packaging/icon.png",
        "src/zunda_mcp/__init__.py", "tests/conftest.py", "tests/fixtures/schemas/LICENSE.mcpb",
    } <= names  # fmt: skip
    assert not [name for name in names if name.startswith(("build/", ".venv/", "index/g"))]
