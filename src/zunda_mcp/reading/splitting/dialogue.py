"""Pages that are transcripts: turns of speakers (``transcripts.speaker_turns``), or all on a line, as machines write.

A story is a passage of it. Its words are spoken ones: they are searched, and never shown as a summary.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence

from zunda_mcp.models import PASSAGE as PASSAGE_KIND
from zunda_mcp.reading.draft import Entry
from zunda_mcp.reading.markdown.blocks import Document
from zunda_mcp.reading.markdown.inline import first_url, only_link, without_links
from zunda_mcp.reading.splitting.body import Body, Split
from zunda_mcp.reading.transcripts.speaker_turns import Piece, Turn, read_speech, read_turns
from zunda_mcp.reading.transcripts.transcript import passages, speakers_of
from zunda_mcp.text.normalize import letters

__all__ = ["is_transcript", "split_turns"]

_PASSAGE = 1500
"""Characters after which a passage ends with its turn; in one long turn, with its paragraph."""

_BETWEEN = "\n\n"
_LONGEST_TITLE = 100
_FEWEST = 4
_AGENDA = 2
_SHORT = 24
"""A sentence shorter than this (a greeting) is no title alone."""
_ENDLESS, _MOST = 10_000, 0.8
"""Characters without a blank line that nobody writes, and their share of a text: in 11,000 public pages no line has
half as many, more lines are logs, with names or marks before them; 84 talks that machines heard have 28,000 to 620,000.
"""
_MARKED = re.compile(r"[^\w\s\"'“‘「『(（]|[^\n:：]{1,40}[:：]\s")


def _turns(lines: Sequence[str]) -> list[Turn]:
    """Read the turns of a text, ``[]`` where it is none: at least four, by speakers who come back, most of the text.
    Names that are not in bold may be labels: not where many lines are items of lists or links, or nobody's.
    """
    speech = read_speech(lines)
    turns = [turn for turn in speech.turns if turn.pieces and (turn.speaker or turn.sure)]
    if len(turns) < _FEWEST:
        return []
    names = len({turn.speaker for turn in turns}) + speech.strangers
    inside, before = (_length(several) for several in (turns, [one for one in speech.turns if one not in turns]))
    if names * 2 > len(turns) + speech.strangers or inside < 4 * before:
        return []
    if sum(turn.sure or turn.pieces[0].start is not None for turn in turns) * 2 < len(turns):
        items = sum(line.lstrip().startswith(("- ", "* ", "+ ")) or only_link(line) is not None for line in lines)
        if items * 4 >= len(turns) or _quoted(turns):
            return []
    return turns


def _length(turns: Iterable[Turn]) -> int:
    return sum(len(row) for turn in turns for piece in turn.pieces for row in piece.rows)


def _quoted(turns: list[Turn]) -> bool:
    """Whether these are words quoted in an account: names before their words, and many paragraphs by nobody."""
    inline = sum(turn.pieces[0].line == turn.line for turn in turns)
    return inline * 2 > len(turns) and sum(len(turn.pieces) for turn in turns) * 2 > len(turns) * 3


def split_turns(body: Body) -> Split:
    """Split a transcript into passages. One with times ends at a heading that has neither time nor name below."""
    turns = _turns(body.document.lines)
    if not turns:
        return _split_endless(body)
    lines = body.document.lines
    times = [piece.line for turn in turns for piece in turn.pieces if piece.start is not None]
    last = max(turns[-1].line, times[-1]) if times else len(lines)
    headings = [block.start for block in body.document.blocks if block.kind == "heading"]
    end = next((line for line in headings if line > last), len(lines))
    kept = [turn._replace(pieces=[piece for piece in turn.pieces if piece.line < end]) for turn in turns]
    above = letters("\n".join(lines[: turns[0].line]))  # where a table of contents may have the headings
    listed = frozenset(line for line in headings if turns[0].line < line < end and letters(lines[line]) in above)
    speakers = speakers_of(turn.speaker for turn in turns)
    return Split(_passages(kept, body.first), frozenset(range(turns[0].line, end)), speakers, listed)


def _endless(document: Document) -> range:
    """The lines that are most of a text and that nobody wrote: without a blank one, without links, few with a name."""
    text = "\n".join(document.lines)
    run = max(re.split(r"\n\s*\n", text), key=len)
    lines = run.split("\n")
    marked = sum(_MARKED.match(line) is not None for line in lines)
    if len(run) < max(_ENDLESS, _MOST * len(text)) or marked > 1 + len(lines) / 10 or first_url(run, None):
        return range(0)
    first = text.count("\n", 0, text.index(run))
    return range(first, first + len(lines))


def _split_endless(body: Body) -> Split:
    """Cut what a machine heard into passages."""
    run = _endless(body.document)
    parts = passages(read_turns("\n".join(body.document.lines[run.start : run.stop])).cues)
    at = body.first + run.start + 1
    entries = (Entry("", None, None, None, "", at, spoken=part.text, kind=PASSAGE_KIND) for part in parts)
    return Split(tuple(entries), shown=frozenset(run))


def is_transcript(document: Document) -> bool:
    """Whether a text is speech and no minutes of a meeting, whose turns stand under the headings of an agenda."""
    turns = _turns(document.lines)
    return not _has_agenda(document, turns) if turns else bool(_endless(document))


def _has_agenda(document: Document, turns: list[Turn]) -> bool:
    """Whether two headings or more have turns of their own, most of them, and none gives its time in a recording."""
    if any(piece.start is not None for turn in turns for piece in turn.pieces):
        return False
    headings = [block.start for block in document.blocks if block.kind == "heading"]
    below = Counter(place for turn in turns if (place := bisect_right(headings, turn.line)))
    return len(below) >= _AGENDA and sum(below.values()) * 2 >= len(turns)


def _passages(turns: Iterable[Turn], first: int) -> tuple[Entry, ...]:
    """Join turns into passages of about ``_PASSAGE`` characters, twice as many in a monologue."""
    groups: list[list[tuple[Turn, Piece]]] = [[]]
    size = 0
    for turn in turns:
        for place, piece in enumerate(turn.pieces, start=1):
            groups[-1].append((turn, piece))
            size += len(piece.text)
            if size >= _PASSAGE * (1 if place == len(turn.pieces) else 2):
                groups.append([])
                size = 0
    return tuple(_passage(group, first) for group in groups if group)


def _passage(group: list[tuple[Turn, Piece]], first: int) -> Entry:
    """A passage of pieces, titled with who begins to say what. Each that tells a time is a moment of it."""
    turn, piece = group[0]
    title, start, line = _named(turn.speaker, _opening(piece.text)), piece.start, piece.line
    spoken = ""
    moments: list[tuple[int, float]] = []
    for turn, piece in group:
        named = _named(turn.speaker, piece.text) if piece is turn.pieces[0] or not spoken else piece.text
        spoken += f"{_BETWEEN}{named}" if spoken else named
        if piece.start is not None:
            moments.append((len(spoken) - len(piece.text), piece.start))
    return Entry(title, None, None, None, "", first + line + 1, start, spoken, PASSAGE_KIND, moments=tuple(moments))


def _named(speaker: str, text: str) -> str:
    return f"{speaker}: {text}" if speaker else text


def _opening(text: str) -> str:
    plain = re.sub(r"[*_`]+|\\(?=[\[\]])", "", without_links(text))
    sentence = ""
    for part in re.split(r"(?<=[.!?])\s+|(?<=[。！？])", plain):
        if len(sentence) >= _SHORT:
            break
        sentence = f"{sentence} {part}".strip()
    return sentence if len(sentence) <= _LONGEST_TITLE else f"{sentence[: _LONGEST_TITLE - 1]}…"
