"""What a body says besides its stories. No text is lost: each visible line stands in a story or in the notes.

A splitter decides what a story is; here is decided, by comparing texts, which lines none of its stories shows: headings
over stories, sections that are no stories (sponsors, letter forms), credits, banners.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from html import unescape

from zunda_mcp.reading.draft import Entry
from zunda_mcp.reading.markdown.blocks import Document
from zunda_mcp.reading.splitting.stories import SOURCE_LABELS, SUMMARY_LABELS, TITLE_LABELS
from zunda_mcp.text.normalize import letters

__all__ = ["notes_of"]

_TARGET = re.compile(r"\]\((?:[^()\s]|\([^()\s]*\))*(?:\s+\"[^\"]*\")?\)|\]\[[^\[\]]*\]|<[^<>]*>|https?://\S+")
_REFERENCE = re.compile(r"\s{0,3}\[[^\]]+\]:\s")
_MARKER = re.compile(r"\s*(?:[-*+>]\s+|\d{1,9}[.)]\s+|#{1,6}\s+)*")
_TIME = re.compile(r"\d{1,3}:\d{2}(?::\d{2})?(?:\.\d+)?")
_LABEL = re.compile(rf"\A\W*(?:{'|'.join((*SOURCE_LABELS, *TITLE_LABELS, *SUMMARY_LABELS))})\W*[:：]")
_PIECES = re.compile(r"[\[\]|*_`()（）<>\":：;,、。!?]+|\s[-–—]+\s|\.\s")


def notes_of(document: Document, entries: Collection[Entry], claimed: Collection[int], dropped: Collection[int]) -> str:
    """Return the lines of a body that no entry shows, in their order.

    ``claimed`` are the lines that a splitter took, of which those that its entries do not show are returned as well;
    ``dropped`` are lines that are shown elsewhere (the title, the frame of a video).
    """
    texts = (text for entry in entries for text in (entry.title, entry.summary, entry.spoken))
    shown = letters("\n".join(_bare(text) for text in texts))
    lines: list[str] = []
    for place, line in enumerate(document.lines):
        if place in dropped or (place in claimed and (not line.strip() or _is_shown(line, shown))):
            if lines and lines[-1]:
                lines.append("")
        else:
            lines.append(line.rstrip())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _is_shown(line: str, shown: str) -> bool:
    """Whether the words of a line of Markdown stand in ``shown``."""
    if _REFERENCE.match(line):
        return True
    line = _bare(_LABEL.sub("", unescape(_MARKER.sub("", line, count=1))))
    return letters(line) in shown or all(letters(piece) in shown for piece in _PIECES.split(line))


def _bare(text: str) -> str:
    """Return a text without addresses, tags and times."""
    return _TIME.sub("", _TARGET.sub("]", text))
