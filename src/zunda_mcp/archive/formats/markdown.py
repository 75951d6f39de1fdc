"""Markdown show notes with front matter of any kind or none: Jekyll, Hugo, Astro, Eleventy, Pelican and their like."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zunda_mcp.archive.draft import Draft
    from zunda_mcp.archive.origin import Origin
    from zunda_mcp.episode import Problem

SUFFIXES = frozenset({".md", ".markdown", ".mdx", ".mdown", ".mkd", ".njk"})


def read(text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
    """Read one page. It is an episode if it or its name has a date, or if it looks like one without."""
    from zunda_mcp.archive.front_matter import read_page
    from zunda_mcp.archive.labelled import with_labels
    from zunda_mcp.archive.page_draft import draft_of_page

    if not text.strip():
        return [], [origin.problem("This file is empty; it was skipped.", skipped=True)]
    page = read_page(text)
    draft, problems = draft_of_page(with_labels(page) if origin.date is None else page, origin)
    return [draft] if draft else [], problems
