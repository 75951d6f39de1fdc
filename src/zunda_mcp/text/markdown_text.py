"""The text of Markdown without its marks, so that a search finds words across links, emphasis and entities.

It knows the marks of CommonMark (https://spec.commonmark.org/0.31.2/) that show notes have within a line. Blocks are
read in ``zunda_mcp.reading.markdown``.
"""

from __future__ import annotations

import re
from html import unescape

__all__ = ["LINK", "has_markup", "link_targets", "reading"]

LINK = re.compile(r"!?\[([^\[\]\n]{0,500})\]\([^()\s]{0,2000}(?:\s\"[^\"\n]{0,500}\")?\)")
"""A link or a picture in Markdown; its first group is the text that is shown."""
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,500}>|<!--.{0,2000}?-->", re.DOTALL)
_LINE_MARK = re.compile(r"^[^\S\n]*(?:>[^\S\n]?)*[^\S\n]*(?:#{1,6}[^\S\n]+)?", re.MULTILINE)
_MARKS = re.compile(r"\*\*|`|~~|\\(?=[!-/:-@\[-`{-~])")
_BLANKS = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r"\s*\n\s*")

_TARGET = re.compile(r"\]\(<?([^()\s<>]{1,2000}(?:\([^()\s]*\)[^()\s<>]*)?)>?(?:\s|\))")
_MARKUP = re.compile(r"\]\(|[<>&\\#*`]|~~")


def has_markup(text: str) -> bool:
    """Whether ``reading`` may change more of a text than its white space; never wrongly False."""
    return _MARKUP.search(text) is not None


def link_targets(markdown: str) -> list[str]:
    """The addresses of the links in Markdown, in order."""
    return _TARGET.findall(markdown) if "](" in markdown else []


def reading(markdown: str) -> str:
    """The text of Markdown: links as their words, without tags and marks of emphasis, code, quotation or heading.

    Blank lines disappear, other line breaks stay; entities become their characters.
    """
    text = _TAG.sub("", LINK.sub(r"\1", markdown)) if "<" in markdown or "](" in markdown else markdown
    text = _MARKS.sub("", _LINE_MARK.sub("", text))
    return _BREAKS.sub("\n", _BLANKS.sub(" ", unescape(text) if "&" in text else text)).strip()
