"""Transcripts in HTML as Podcasting 2.0 has them: ``<cite>`` is who speaks, ``<time>`` when, ``<p>`` what is said
(the examples of https://podcastindex.org/namespace/1.0).
"""

from __future__ import annotations

import re

from zunda_mcp.archive.feeds.tags import Tag, tokens
from zunda_mcp.archive.transcripts import turns
from zunda_mcp.archive.transcripts.clock import seconds_of
from zunda_mcp.archive.transcripts.model import Cue, Fault, Heard, Placed, Transcript, folded, in_order

_BLOCKS = frozenset({"p", "div", "section", "article", "li", "dd", "blockquote", "br"})
_ASIDE = frozenset({"head", "nav", "header", "footer", "aside", "title"})
_MARKED = re.compile(r"<(?:cite|time)[\s>]", re.IGNORECASE)


def read(text: str) -> Heard:
    """Read one page; without ``<cite>`` and ``<time>`` its text is read as a transcript in Markdown."""
    if not _MARKED.search(text):
        from zunda_mcp.archive.feeds.markup import Markdown

        return turns.read(Markdown(_body(text)).text)
    faults: list[Fault] = []
    placed: list[Placed] = []
    speaker: str | None = None
    start: float | None = None
    inside = ""
    held: list[str] = []

    def said() -> None:
        nonlocal start
        words = folded("".join(held))
        held.clear()
        if words:
            placed.append(Placed(None, Cue(start, None, speaker, words)))
            start = None

    for token in tokens(_body(text)):
        if isinstance(token, Tag):
            if token.name in ("cite", "time"):
                if token.opens:
                    said()
                    inside = token.name
                elif inside == "cite":
                    speaker, inside = folded("".join(held)).rstrip(":： ") or None, ""
                    held.clear()
                elif inside == "time":
                    start, inside = seconds_of("".join(held).strip().strip("[]()")), ""
                    held.clear()
            elif token.name in _BLOCKS and not inside:
                said()
        else:
            held.append(token)
    said()
    return Heard(Transcript(in_order(placed, faults)), faults)


def _body(text: str) -> str:
    """The page without what stands around every page of a site."""
    kept: list[str] = []
    at = 0
    for match in re.finditer(r"<(/?)([a-z]+)\b[^<>]*>", text, re.IGNORECASE):
        if match[2].lower() in _ASIDE:
            if not match[1] and at >= 0:
                kept.append(text[at : match.start()])
                at = -1 - match.end()
            elif match[1] and at < 0:
                at = match.end()
    return "".join([*kept, text[at:]]) if at >= 0 else "".join([*kept, text[-1 - at :]])
