"""The table of file endings and the kind of file each stands for, with the most detailed kind of transcript first.

To add an ending to a kind that is already read, add one entry to `ENDINGS`. Formats (`zunda_mcp.reading.formats`) and
transcript readers (`zunda_mcp.reading.transcripts.transcript_file`) refer to kinds, not to endings.
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
"""The kind of file by its ending; endings are in lower case."""

CONVERTED = frozenset({"org", "rst", "asciidoc", "textile", "mediawiki", "latex", "rtf", "docx", "odt", "epub"})
"""Kinds that pandoc converts to Markdown (`zunda_mcp.reading.markdown.pandoc`), under pandoc's names for them."""

OPTIONAL = CONVERTED | {"car"}
"""Kinds that need the packages of the extra ``formats``; without them these kinds are not read."""

EXTRA = 'pip install "zunda-mcp[formats]"'
"""The command that installs those packages."""


def ending_of(name: str) -> str:
    """Return the ending of a file name or path, in lower case and with its dot; ``""`` if it has none."""
    return os.path.splitext(name)[1].lower()  # noqa: PTH122 - a scan has names, not paths


def without_ending(name: str) -> str:
    """Return the file name, without its ending, of a file name or path."""
    return os.path.splitext(os.path.basename(name))[0]  # noqa: PTH119, PTH122 - a scan has names, not paths


def kind_of(name: str) -> str:
    """Return the kind of a file by its name or path; ``""`` if nothing reads such files."""
    return ENDINGS.get(ending_of(name), "")


def endings_of(*kinds: str) -> frozenset[str]:
    """Return all endings that stand for one of these kinds."""
    return frozenset(ending for ending, kind in ENDINGS.items() if kind in kinds)


@cache
def pandoc_program() -> Path | None:
    """Return the path of pandoc, or ``None`` if the extra ``formats`` is not installed."""
    package = find_spec("pypandoc")
    for folder in (package.submodule_search_locations or ()) if package is not None else ():
        program = Path(folder) / "files" / ("pandoc.exe" if sys.platform == "win32" else "pandoc")
        if program.is_file():
            return program
    return None


def is_usable(kind: str) -> bool:
    """Whether the packages that this kind of file needs are installed."""
    if kind in CONVERTED:
        return pandoc_program() is not None
    return kind != "car" or find_spec("libipld") is not None
