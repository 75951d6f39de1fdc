"""The one table of file endings: which kind of file has which, the most detailed kind of transcript first.

A new ending of a kind that is read already is one entry here. Formats (`zunda_mcp.reading.formats`) and transcript
readers (`zunda_mcp.reading.transcripts.transcript_file`) name kinds, not endings.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

__all__ = [
    "CONVERTED", "ENDINGS", "EXTRA", "OPTIONAL", "ending_of", "endings_of", "is_usable", "kind_of", "pandoc_program",
    "without_ending",
]  # fmt: skip

ENDINGS = {
    ".json": "json",
    ".yml": "yaml", ".yaml": "yaml",
    ".vtt": "captions", ".srt": "captions",
    ".txt": "text",
    ".md": "markdown", ".markdown": "markdown", ".mdx": "markdown", ".mdown": "markdown", ".mkd": "markdown",
    ".njk": "markdown",
    ".html": "html", ".htm": "html", ".xhtml": "html",
    ".eml": "mail",
    ".mbox": "mbox",
    ".org": "org", ".rst": "rst", ".adoc": "asciidoc", ".asciidoc": "asciidoc", ".textile": "textile",
    ".wiki": "mediawiki", ".mediawiki": "mediawiki", ".tex": "latex", ".rtf": "rtf", ".docx": "docx", ".odt": "odt",
    ".epub": "epub",
    ".xml": "feed", ".rss": "feed", ".atom": "feed", ".rdf": "feed",
    ".feed": "kept feed",
    ".csv": "csv",
    ".tsv": "rows", ".jsonl": "rows", ".ndjson": "rows",
    ".zip": "zip",
    ".car": "car",
}  # fmt: skip
"""The kind of file that has each ending, in lower case."""

CONVERTED = frozenset({"org", "rst", "asciidoc", "textile", "mediawiki", "latex", "rtf", "docx", "odt", "epub"})
"""Kinds that are converted to Markdown (`zunda_mcp.reading.markdown.pandoc`), by the names that pandoc has for them."""

OPTIONAL = CONVERTED | {"car"}
"""Kinds that take packages of the extra ``formats``; without these they have no format."""

EXTRA = 'pip install "zunda-mcp[formats]"'
"""What makes them readable."""


def ending_of(name: str) -> str:
    """Return the ending of a file name or path, in lower case with its dot; ``""`` where it has none."""
    return os.path.splitext(name)[1].lower()  # noqa: PTH122 - a scan has names alone


def without_ending(name: str) -> str:
    """Return the name of a file by its name or path, without its ending."""
    return os.path.splitext(os.path.basename(name))[0]  # noqa: PTH119, PTH122 - a scan has names alone


def kind_of(name: str) -> str:
    """Return the kind of file that a name or path stands for, ``""`` for one that nothing reads."""
    return ENDINGS.get(ending_of(name), "")


def endings_of(*kinds: str) -> frozenset[str]:
    """Return the endings of all files of these kinds."""
    return frozenset(ending for ending, kind in ENDINGS.items() if kind in kinds)


@cache
def pandoc_program() -> Path | None:
    """Return the program that converts documents, ``None`` without the extra."""
    package = find_spec("pypandoc")
    for folder in (package.submodule_search_locations or ()) if package is not None else ():
        program = Path(folder) / "files" / ("pandoc.exe" if sys.platform == "win32" else "pandoc")
        if program.is_file():
            return program
    return None


def is_usable(kind: str) -> bool:
    """Whether the packages that a kind of file takes are installed."""
    if kind in CONVERTED:
        return pandoc_program() is not None
    return kind != "car" or find_spec("libipld") is not None
