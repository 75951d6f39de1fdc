"""How a file's text becomes stories: one module for each way, one way for an archive.

A way takes a ``Body`` and returns a ``Split``: the entries in their order, and the lines that belong to them or to
nothing anybody looks for (sponsors). What no entry shows stays the episode's own text (``notes_of``): no word is lost.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import unescape
from typing import NamedTuple

from zunda_mcp.reading.detection.conventions import Conventions, Ignored
from zunda_mcp.reading.draft import Entry
from zunda_mcp.reading.markdown.blocks import Block, Document
from zunda_mcp.reading.metadata.fields import AND, TITLE, Fields
from zunda_mcp.reading.splitting.stories import SOURCE_LABELS, SUMMARY_LABELS, TITLE_LABELS
from zunda_mcp.text.normalize import letters

__all__ = ["BETWEEN", "Body", "Split", "ignored_lines", "notes_of", "sections", "with_headings", "without_footer"]


@dataclass(frozen=True, slots=True)
class Body:
    """The body of one file. ``first`` is the line of the file before its own first, ``page`` the episode's address that
    relative links are resolved against, if it has one.
    """

    document: Document
    fields: Fields
    first: int
    page: str | None
    conventions: Conventions


class Split(NamedTuple):
    """Entries, the lines of the body (from 0) that they are to show, who speaks, and the lines ``shown`` for sure."""

    entries: tuple[Entry, ...] = ()
    claimed: frozenset[int] = frozenset()
    speakers: tuple[str, ...] = ()
    shown: frozenset[int] = frozenset()


def sections(document: Document) -> Iterator[tuple[Block, int]]:
    """Yield every heading with the line where its section ends: at the next heading of its level or above."""
    headings = [block for block in document.blocks if block.kind == "heading"]
    ends: list[int] = [len(document.lines)] * len(headings)
    waiting: list[int] = []
    for place, heading in enumerate(headings):
        while waiting and headings[waiting[-1]].level >= heading.level:
            ends[waiting.pop()] = heading.start
        waiting.append(place)
    yield from zip(headings, ends, strict=True)


def with_headings(body: Body, entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return entries with the headings over them, from the outermost; without the title of the page, and without those
    that many files have, which say nothing of one story.
    """
    document = body.document
    headings = [(block, end, document.plain_text(block.text)) for block, end in sections(document)]
    title = body.fields.plain(*TITLE)
    if headings:
        (first, end, text), *others = headings
        alone = all(block.level > first.level for block, *_ in others)
        if text == title or (alone or not title if first.level == 1 else alone and others and not title):
            headings[0] = first, end, ""
    shown = [(block.start, end, text) for block, end, text in headings if not body.conventions.has_section(text)]
    return tuple(_under(entry, shown, entry.line - body.first - 1) for entry in entries)


def _under(entry: Entry, headings: Sequence[tuple[int, int, str]], line: int) -> Entry:
    above = (text for start, end, text in headings if start < line < end and text != entry.title)
    section = " › ".join(filter(None, above))
    return replace(entry, section=section) if section and entry.kind is None else entry


def without_footer(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Return entries without the rules that end their texts, and the last one without what stands below its last rule:
    that is the page's footer, unless others have rules in them, too, or there are headings.
    """
    texts = [_RULES_AT_END.sub("", entry.summary) for entry in entries]
    *above, last = (_RULE.split(text) for text in texts) if texts else ((),)
    if len(texts) > 1 and len(last) > 1 and last[0] and not any(parts[1:] for parts in above) and "\n#" not in last[-1]:
        texts[-1] = texts[-1][: -len(last[-1])].rstrip().rstrip("-*_ ").rstrip()
    return tuple(
        entry if entry.summary == text else replace(entry, summary=text)
        for entry, text in zip(entries, texts, strict=True)
    )


def ignored_lines(document: Document, ignored: Ignored) -> set[int]:
    """Return the lines of all sections whose heading is to be ignored."""
    lines: set[int] = set()
    for heading, end in sections(document):
        if heading.start not in lines and ignored.title(document.plain_text(heading.text)):
            lines.update(range(heading.start, end))
    return lines


_RULE = re.compile(r"(?:\A|\n[ \t]*\n) {0,3}(?:-{3,}|\*{3,}|_{3,})[ \t]*(?:\n|\Z)")
_RULES_AT_END = re.compile(rf"(?:{_RULE.pattern}\s*)+\Z")


# --- what a body says besides its stories

_TARGET = re.compile(r"\]\((?:[^()\s]|\([^()\s]*\))*(?:\s+\"[^\"]*\")?\)|\]\[[^\[\]]*\]|<[^<>]*>|https?://\S+")
_REFERENCE = re.compile(r"\s{0,3}\[[^\]]+\]:\s")
_MARKER = re.compile(r"\s*(?:[-*+>]\s+|\d{1,9}(?:[.)]\s+|[、．）])|#{1,6}\s+|\[[ xX]\]\s+)*")
_TIME = re.compile(r"\d{1,3}:\d{2}(?::\d{2})?(?:\.\d+)?")
_LABEL = re.compile(rf"\A\W*(?:{'|'.join((*SOURCE_LABELS, *TITLE_LABELS, *SUMMARY_LABELS))})\W*[:：]")
BETWEEN = rf"[\s,;、，]*(?:(?:{AND}|[eyと和及])\s*)?"
"""What stands between links that are titles each: a comma, ``and``."""
_PIECES = re.compile(rf"[!?()*_\"]*\]{BETWEEN}\[|" r"[\[\]|*_`()（）<>\":：;,、。!?]+|\s[-–—]+\s|\.\s")


def notes_of(document: Document, entries: Collection[Entry], claimed: Collection[int], dropped: Collection[int]) -> str:
    """Return the lines of a body that no entry shows, in their order. ``claimed`` are the lines that a splitter took,
    ``dropped`` those that are shown elsewhere (the title, the frame of a video).
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
    return _TIME.sub("", _TARGET.sub("]", text))
