"""Files to episodes and problems: reads an archive, and never fails for a fault in one file.

>>> reader = ArchiveReader([Path("episodes")])          # doctest: +SKIP
>>> episodes, problems = read_archive(reader)           # doctest: +SKIP

An indexer goes step by step instead: ``scan`` (names, sizes and times only), ``read`` for the files that changed,
``boilerplate_links`` over the drafts of all files, then ``Draft.episode``.
Nothing heavy (YAML, Markdown) is imported before the first ``read``.
"""

from __future__ import annotations

from zunda_mcp.archive.boilerplate import boilerplate_links
from zunda_mcp.archive.conventions import STRATEGIES, Strategy
from zunda_mcp.archive.draft import Draft, Said
from zunda_mcp.archive.profile import Profile
from zunda_mcp.archive.reader import (
    ArchiveReader,
    Reading,
    duplicate_problem,
    made_one,
    read_archive,
    which_count,
)
from zunda_mcp.archive.scan import Scan
from zunda_mcp.archive.shelf import Shelf
from zunda_mcp.archive.source_file import SourceFile
from zunda_mcp.archive.survey import Survey

Readable = ArchiveReader | Shelf
"""What an index is made from: one archive, or several on a shelf."""

__all__ = [
    "STRATEGIES",
    "ArchiveReader",
    "Draft",
    "Profile",
    "Readable",
    "Reading",
    "Said",
    "Scan",
    "Shelf",
    "SourceFile",
    "Strategy",
    "Survey",
    "boilerplate_links",
    "duplicate_problem",
    "made_one",
    "read_archive",
    "which_count",
]
