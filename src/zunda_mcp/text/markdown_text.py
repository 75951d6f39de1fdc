"""Markdown as it reads, so that what is looked for in it is found across links, emphasis and entities.

The marks are those of CommonMark (https://spec.commonmark.org/0.31.2/) that show notes have within a line; structure is
the reader's (``zunda_mcp.reading.markdown``).
"""

from __future__ import annotations

import re
from html import unescape

__all__ = ["LINK", "has_markup", "link_targets", "reading"]

LINK = re.compile(r"!?\[([^\[\]\n]{0,500})\]\([^()\s]{0,2000}(?:\s\"[^\"\n]{0,500}\")?\)")
"""A link or a picture in Markdown; its first group is what is read."""
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,500}>|<!--.{0,2000}?-->", re.DOTALL)
_LINE_MARK = re.compile(r"^[^\S\n]*(?:>[^\S\n]?)*[^\S\n]*(?:#{1,6}[^\S\n]+)?", re.MULTILINE)
_MARKS = re.compile(r"\*\*|`|~~|\\(?=[!-/:-@\[-`{-~])")
_BLANKS = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r"\s*\n\s*")

_TARGET = re.compile(r"\]\(<?([^()\s<>]{1,2000}(?:\([^()\s]*\)[^()\s<>]*)?)>?(?:\s|\))")
_MARKUP = re.compile(r"\]\(|[<>&\\#*`]|~~")


def has_markup(text: str) -> bool:
    """Whether a text may read otherwise than it is written, apart from white space; never wrongly False."""
    return _MARKUP.search(text) is not None


def link_targets(markdown: str) -> list[str]:
    """The addresses of the links in Markdown, in order."""
    return _TARGET.findall(markdown) if "](" in markdown else []


def reading(markdown: str) -> str:
    """Markdown as it reads: links as their words, no tags, no marks of emphasis, code, quotation or heading.

    Line breaks stay, one at a time; entities become what they stand for.
    """
    text = _TAG.sub("", LINK.sub(r"\1", markdown)) if "<" in markdown or "](" in markdown else markdown
    text = _MARKS.sub("", _LINE_MARK.sub("", text))
    return _BREAKS.sub("\n", _BLANKS.sub(" ", unescape(text) if "&" in text else text)).strip()
