"""Read transcripts written as text: turns of speakers in Markdown, plain text or HTML, with or without times.

A turn begins with ``**Name:**`` (its text may follow on the next lines), with ``Name:`` at the beginning of a
paragraph, or with a time. Times stand before or after a name, or within the text, as ``[00:04:01.06]`` (in Markdown
with a backslash before each bracket) or ``[00:01.000 --> 00:05.040]`` (Whisper). A heading is a section; a time at its
end is the section's.

In HTML as Podcasting 2.0 has it (examples at https://podcastindex.org/namespace/1.0), ``<cite>`` is the speaker,
``<time>`` the time, and ``<p>`` the text.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from zunda_mcp.reading.html.to_markdown import Markdown
from zunda_mcp.reading.markdown.inline import without_links
from zunda_mcp.reading.transcripts.subtitles import LONGEST_NAME, name_before, without_markup
from zunda_mcp.reading.transcripts.transcript import (
    Cue,
    Fault,
    Section,
    Transcript,
    TranscriptResult,
    folded,
    in_order,
)
from zunda_mcp.text.timestamps import STAMP, seconds_of

__all__ = ["read_html", "read_turns"]

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n.*?\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_BRACKETED = rf"\\?[\[(]({STAMP})(?:[ \t]*-->[ \t]*{STAMP})?\\?[\])]"
_INNER = re.compile(_BRACKETED)
_LEADING = re.compile(rf"(?:{_BRACKETED}|({STAMP})(?=[ \t]|\Z))[ \t]*")
_BOLD = re.compile(r"(?:\*\*|__)([^*_\n]{1,60}?)[ \t]*(?:(:|：)[ \t]*(?:\*\*|__)|(?:\*\*|__)[ \t]*(:|：))[ \t]*")
_NAME_AND_TIME = re.compile(rf"([^\d\W][^\n:\[\]()]{{0,40}}?)[ \t]+{_BRACKETED}:?[ \t]*(?=\S|\Z)")
_HEADING = re.compile(r"#{1,6}[ \t]+")
_LAST_TIME = re.compile(rf"(?:\A|(?<=[ \t]))\\?[\[(]?({STAMP})\\?[\])]?\Z")
_QUOTED = re.compile(r"\A(?:>[ \t]*)+|\A[-*+][ \t]+")
_MARKS = re.compile(r"\*\*|`|(?<![\w*\\])[*_](?=\S)|(?<=[^\s\\])[*_](?![\w*])")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_RULE = re.compile(r"[-*_]{3,}\Z")


class _Turn(NamedTuple):
    """How a line begins: its time and name if it has them (``sure`` if the form leaves no doubt), and the rest."""

    start: float | None
    name: str | None
    sure: bool
    rest: str


def read_turns(text: str) -> TranscriptResult:
    """Read a transcript in Markdown or plain text; without turns or times, each paragraph becomes a cue."""
    faults: list[Fault] = []
    text = text.lstrip("\ufeff")
    fence = _FRONT_MATTER.match(text)
    skipped = fence.group().count("\n") if fence else 0
    lines = text.split("\n")
    turns = [_turn(line.strip()) for line in lines]
    counts = Counter(turn.name for turn in turns if turn.name and not turn.sure)
    placed: list[Cue] = []
    pieces: list[list[str]] = []
    sections: list[Section] = []
    speaker: str | None = None
    start: float | None = None
    open_cue = False
    for number, (line, turn) in enumerate(zip(lines, turns, strict=True), start=1):
        stripped = line.strip()
        if number <= skipped or _RULE.match(stripped):
            continue
        if not stripped:
            open_cue = False
            continue
        if heading := _HEADING.match(stripped):
            sections.append(_section(stripped[heading.end() :]))
            start, open_cue = sections[-1].start, False
            continue
        spoken = stripped
        if turn.start is not None:
            start, spoken, open_cue = turn.start, turn.rest, False
        if turn.name and (turn.sure or counts[turn.name] > 1):
            speaker, spoken, open_cue = turn.name, turn.rest, False
        elif turn.name and turn.start is not None:
            spoken = f"{turn.name}: {turn.rest}"
        first, *stamped = _INNER.split(spoken)
        for stamp, piece in [(None, first), *zip(stamped[::2], stamped[1::2], strict=True)]:
            if stamp is not None:
                start, open_cue = seconds_of(stamp), False
            words = _plain(piece)
            if not words:
                continue
            if open_cue and placed:
                pieces[-1].append(words)
            else:
                placed.append(Cue(start, None, speaker, "", number))
                pieces.append([words])
                start = None
            open_cue = True
    texts = (rows[0] if len(rows) == 1 else folded("\n".join(rows)) for rows in pieces)
    placed = [cue._replace(text=text) for cue, text in zip(placed, texts, strict=True)]
    cues = in_order(placed, faults)
    ends = [*(cue.start for cue in cues[1:]), None][: len(cues)]  # each ends where the next one begins
    cues = tuple(cue if cue.start is None else cue._replace(end=end) for cue, end in zip(cues, ends, strict=True))
    return TranscriptResult(Transcript(cues, tuple(sections)), faults)


def _turn(line: str) -> _Turn:
    start, rest = _stamp(line)
    if match := _BOLD.match(rest):
        name, rest = folded(match[1]), rest[match.end() :]
        within = _LEADING.search(name)
        if within and within.end() == len(name):
            start = seconds_of(within[1] or within[2]) if start is None else start
            name = name[: within.start()].strip()
        later, rest = _stamp(rest)
        return _Turn(later if start is None else start, name or None, True, rest)
    if match := _NAME_AND_TIME.match(rest):
        return _Turn(seconds_of(match[2]), folded(match[1]).strip("*_ "), True, rest[match.end() :])
    named = name_before(rest)
    if named and len(named[0]) <= LONGEST_NAME:
        later, left = _stamp(named[1])
        return _Turn(later if start is None else start, named[0], False, left)
    return _Turn(start, None, False, rest)


def _section(heading: str) -> Section:
    """Make a section from a heading, which may end with its time."""
    words = heading.rstrip("# \t")
    last = words.rsplit(maxsplit=1)[-1:]
    match = _LAST_TIME.match(last[0]) if last else None
    start = seconds_of(match[1]) if match else None
    return Section(start, _plain(words if start is None else words[: -len(last[0])]), None)


def _stamp(line: str) -> tuple[float | None, str]:
    """Split a line into the time it begins with, ``None`` if it does not, and the rest."""
    match = _LEADING.match(line)
    start = seconds_of(match[1] or match[2]) if match else None
    return (None, line) if match is None or start is None else (start, line[match.end() :])


def _plain(text: str) -> str:
    text = _ESCAPED.sub(r"\1", _MARKS.sub("", without_links(_QUOTED.sub("", text))))
    return without_markup(text)


_ASIDE = frozenset({"head", "nav", "header", "footer", "aside", "title"})
_CITE = re.compile(r"<cite\b[^<>]*>\s*([^<>]*?)[:：\s]*</cite>", re.IGNORECASE)
_TIME = re.compile(r"<time\b[^<>]*>\s*[\[(]?([^<>]*?)[\])]?\s*</time>", re.IGNORECASE)


def read_html(text: str) -> TranscriptResult:
    """Read a transcript in HTML, its speakers (``<cite>``) and times (``<time>``) as Markdown has them."""
    return read_turns(Markdown(_TIME.sub(r" [\1] ", _CITE.sub(r"<p>**\1:** ", _body(text)))).text)


def _body(text: str) -> str:
    """Return a page without its head, menus, header and footer."""
    parts: list[str] = []
    at = 0
    skipping = False
    for match in re.finditer(r"<(/?)([a-z]+)\b[^<>]*>", text, re.IGNORECASE):
        if match[2].lower() in _ASIDE and skipping == bool(match[1]):
            if not skipping:
                parts.append(text[at : match.start()])
            at = match.end()
            skipping = not skipping
    return "".join([*parts, text[at:]])
