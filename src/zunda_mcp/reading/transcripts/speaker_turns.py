"""Read speech that is written as text: turns of speakers in Markdown, plain text or HTML, with or without times.

A turn begins with a name in bold (``**Name:**``, ``**Name** 00:12``), with one in brackets before a time (``[Name]
[00:12]``), or with the span that Whisper puts before each line, ``[00:01.000 --> 00:05.040]``. It also begins with
``Name:`` or ``Name 00:12`` if the name occurs again and few names are in bold. The text may follow on the next lines.
Times come before or after a name, or within the text, as ``[00:04:01.06]`` (in Markdown with a backslash before each
bracket), or are links. A heading begins a section; a time at its end is that of the section. In the log of a chat, each
line begins with a time of day and a nickname: ``18:00 <ada> hi``.

In HTML as Podcasting 2.0 has it (examples at https://podcastindex.org/namespace/1.0), ``<cite>`` is the speaker,
``<time>`` the time, and ``<p>`` the text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from zunda_mcp.reading.html import web_page
from zunda_mcp.reading.markdown.inline import without_links
from zunda_mcp.reading.splitting.stories import SOURCE_LABELS, SUMMARY_LABELS, TITLE_LABELS
from zunda_mcp.reading.transcripts.subtitles import without_markup
from zunda_mcp.reading.transcripts.transcript import (
    Cue,
    Fault,
    Section,
    Transcript,
    folded,
    in_order,
)
from zunda_mcp.text.lazy_pattern import lazy_pattern
from zunda_mcp.text.timestamps import NICKNAME, STAMP, TIME_LINK, seconds_of, trailing_time

__all__ = ["Piece", "Speech", "Turn", "read_html", "read_speech", "read_turns"]

_BRACKETED = rf"\\?[\[(]({STAMP})(?:[ \t]*-->[ \t]*{STAMP})?\\?[\])]"
_INNER = lazy_pattern(_BRACKETED)
_LEADING = lazy_pattern(rf"(?:{_BRACKETED}(?::(?=[ \t]|\Z))?|({STAMP})(?=[ \t]|\Z))[ \t]*")
_SPAN = lazy_pattern(rf"\\?\[{STAMP}[ \t]*-->")
_BOLD = lazy_pattern(r"(?:\*\*|__)([^*_\n]{1,60}?)[ \t]*(?:[:：][ \t]*(?:\*\*|__)|(?:\*\*|__)[ \t]*[:：])[ \t]*")
_BOLD_AND_TIME = lazy_pattern(rf"(?:\*\*|__)([^*_\n:]{{1,60}}?)(?:\*\*|__)[ \t]+(?={_BRACKETED}|{STAMP}\Z)")
_BRACKETS_AND_TIME = lazy_pattern(rf"\\?\[([^\W\d][^\[\]\n:]{{0,40}})\\?\][ \t]+(?={_BRACKETED})")
_NAME_AND_TIME = lazy_pattern(rf"([^\d\W][^\n:\[\]()*]{{0,40}}?)[ \t]+(?={_BRACKETED}|{STAMP}\Z)")
_LOG = 0.9
"""The share of lines that begin with a nickname if a page is a log: if fewer do, the page is notes with a log below."""
_SURE = (_BOLD, _BOLD_AND_TIME, _BRACKETS_AND_TIME)
_SIGNS = r"\s*:：,;!?。、！？\"“”\[\]()<>/"
_NAME = lazy_pattern(
    rf"(?=[^\n]{{1,40}}[:：])((?![a-z])[^\W\d_][^{_SIGNS}]*(?: [^{_SIGNS}]+){{0,5}}|[a-z][^{_SIGNS}]*)"
    rf"[ \t]*(?P<time>{_BRACKETED}|{STAMP})?(?:[ \t]*：|:(?=[ \t]|\Z))[ \t]*"
)
"""A name and a colon: up to six words, or a single one if it begins with a small letter."""
_LABELS = frozenset({*SOURCE_LABELS, *TITLE_LABELS, *SUMMARY_LABELS, "link", "links", "url", "source", "via", "title"})
_FEW = 4
"""Other names count only if more than so many times as many lines begin with them as with names in bold."""
_HEADING = lazy_pattern(r"#{1,6}[ \t]+")
_RULE = lazy_pattern(r"[-*_]{3,}\Z")


class Piece(NamedTuple):
    """A paragraph, or the part of it after a time: the number of its first line (from 0), its time in seconds if one is
    stated, and its lines of Markdown.
    """

    line: int
    start: float | None
    rows: list[str]

    @property
    def text(self) -> str:
        """All of it on one line."""
        return folded("\n".join(self.rows))


class Turn(NamedTuple):
    """The pieces of one speaker (``""`` if nobody is named), from the ``line`` with the name on. ``sure`` means that
    the form leaves no doubt: a name in bold or in brackets, a nickname in a log, or a span of Whisper.
    """

    line: int
    speaker: str
    sure: bool
    pieces: list[Piece]


class Speech(NamedTuple):
    """A text as turns; the first contains what precedes any name. ``strangers`` counts what may be a name but occurs
    only once, and so begins no turn.
    """

    turns: list[Turn]
    sections: list[Section]
    strangers: int


class _Name(NamedTuple):
    """The name that a line begins with, the time next to it, the text after both, and whether its form is ``sure``."""

    name: str
    start: float | None
    rest: str
    sure: bool


def read_speech(lines: Sequence[str]) -> Speech:
    """Read the lines of a text, which is one turn if it has neither names nor spans of Whisper."""
    stripped = [TIME_LINK.sub(r"(\1)", line).strip() if "](" in line else line.strip() for line in lines]
    timed, names = _beginnings(stripped)
    counts = Counter(one.name for one in names if one and not one.sure)
    doubtful = counts.total() > _FEW * sum(one is not None and one.sure for one in names)
    speakers = {name for name, count in counts.items() if count > 1 and doubtful}
    turns, sections = [Turn(0, "", sure=False, pieces=[])], list[Section]()
    start: float | None = None
    goes_on = False
    for place, (line, (own, rest), name) in enumerate(zip(stripped, timed, names, strict=True)):
        if not line:
            goes_on = False
        elif heading := _HEADING.match(line):
            sections.append(_section(line[heading.end() :]))
            start, goes_on = sections[-1].start, False
        if not line or heading or _RULE.match(line):
            continue
        text = rest
        if own is not None:
            start, goes_on = own, False
        if name and (name.sure or name.name in speakers):
            turns.append(Turn(place, name.name, name.sure, []))
            start = name.start if own is None and name.start is not None else start
            text, goes_on = name.rest, False
        elif own is not None and _SPAN.match(line):
            turns.append(Turn(place, turns[-1].speaker, sure=True, pieces=[]))
        first, *stamped = _INNER.split(text)
        for stamp, piece in [(None, first), *zip(stamped[::2], stamped[1::2], strict=True)]:
            if stamp is not None:
                start, goes_on = seconds_of(stamp), False
            if not piece.strip(" \t*_"):
                continue
            if goes_on:
                turns[-1].pieces[-1].rows.append(piece.strip())
            else:
                turns[-1].pieces.append(Piece(place, start, [piece.strip()]))
                start = None
            goes_on = True
    return Speech(turns, sections, sum(doubtful and count == 1 for count in counts.values()))


def _beginnings(lines: Sequence[str]) -> tuple[list[tuple[float | None, str]], list[_Name | None]]:
    """Split each line into the time it begins with and the rest, and read the name that the rest begins with."""
    timed = [_stamp(line) for line in lines]
    nicknames = [_nickname(rest) if time is not None else None for time, rest in timed]
    if sum(map(bool, nicknames)) > _LOG * sum(map(bool, lines)):
        return [(None if name else time, rest) for name, (time, rest) in zip(nicknames, timed, strict=True)], nicknames
    return timed, [_name(rest) if ":" in rest or "：" in rest else None for _, rest in timed]


def _nickname(line: str) -> _Name | None:
    """Read the nickname that a line of a log begins with, once its time of day is cut off."""
    match = NICKNAME.match(line)
    return _Name(match[1], None, line[match.end() :], sure=True) if match else None


def _name(line: str) -> _Name | None:
    """Read the name that a line begins with, once its time is cut off; ``None`` for a label such as ``Source:``."""
    sure = next((match for form in _SURE if (match := form.match(line))), None)
    match = sure or _NAME_AND_TIME.match(line) or _NAME.match(line)
    if match is None:
        return None
    name, rest = folded(match[1]), line[match.end() :]
    start = None
    if within := next((one for one in _LEADING.finditer(name) if one.end() == len(name)), None):
        start, name = seconds_of(within[1] or within[2]), name[: within.start()].strip()
    if not name or name.casefold() in _LABELS or rest.startswith("http"):
        return None
    later, rest = _stamp(rest)
    return _Name(name, later if start is None else start, rest.removeprefix(":").lstrip(), sure is not None)


def _section(heading: str) -> Section:
    """Make a section from a heading, which may end with its time."""
    words = heading.rstrip("# \t")
    timed = trailing_time(words, bare=True)
    return Section(timed.start if timed else None, _plain(timed.text if timed else words), None)


def _stamp(line: str) -> tuple[float | None, str]:
    """Split a line into the time it begins with, ``None`` if it does not, and the rest."""
    match = _LEADING.match(line)
    start = seconds_of(match[1] or match[2]) if match else None
    return (None, line) if match is None or start is None else (start, line[match.end() :])


# --- as a transcript

_FRONT_MATTER = lazy_pattern(r"\A---[ \t]*\n.*?\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_QUOTED = lazy_pattern(r"\A(?:>[ \t]*)+|\A[-*+][ \t]+")
_MARKS = lazy_pattern(r"\*\*|`|(?<![\w*\\])[*_](?=\S)|(?<=[^\s\\])[*_](?![\w*])")
_ESCAPED = lazy_pattern(r"\\([!-/:-@\[-`{-~])")


def read_turns(text: str) -> Transcript:
    """Read a transcript in Markdown or plain text; without turns or times, each paragraph becomes a cue."""
    faults: list[Fault] = []
    text = _FRONT_MATTER.sub(lambda fence: "\n" * fence[0].count("\n"), text.lstrip("\ufeff"), count=1)
    speech = read_speech(text.split("\n"))
    placed = (
        Cue(piece.start, None, turn.speaker or None, folded("\n".join(map(_plain, piece.rows))), piece.line + 1)
        for turn in speech.turns
        for piece in turn.pieces
    )
    cues = in_order(placed, faults)
    ends = [*(cue.start for cue in cues[1:]), None][: len(cues)]  # each ends where the next one begins
    cues = tuple(cue if cue.start is None else cue._replace(end=end) for cue, end in zip(cues, ends, strict=True))
    return Transcript(cues, tuple(speech.sections), faults)


def _plain(text: str) -> str:
    text = _ESCAPED.sub(r"\1", _MARKS.sub("", without_links(_QUOTED.sub("", text))))
    return without_markup(text)


_CITE = lazy_pattern(r"<cite\b[^<>]*>\s*([^<>]*?)[:：\s]*</cite>", re.IGNORECASE)
_TIME = lazy_pattern(r"<time\b[^<>]*>\s*[\[(]?([^<>]*?)[\])]?\s*</time>", re.IGNORECASE)


def read_html(text: str) -> Transcript:
    """Read a transcript in HTML, in which ``<cite>`` is a speaker and ``<time>`` a time."""
    return read_turns(web_page.read_html(_TIME.sub(r" [\1] ", _CITE.sub(r"<p>**\1:** ", text))).body)
