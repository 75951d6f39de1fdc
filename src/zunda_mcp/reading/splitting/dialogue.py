"""Pages that are transcripts: turns of speakers (``transcripts.speaker_turns``) as stories.

A story is a passage of whole turns. Its words are spoken ones: they are searched, and never shown as a summary.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence

from zunda_mcp.models import PASSAGE as PASSAGE_KIND
from zunda_mcp.reading.draft import Entry
from zunda_mcp.reading.markdown.blocks import Document
from zunda_mcp.reading.markdown.inline import only_link, without_links
from zunda_mcp.reading.splitting.body import Body, Split
from zunda_mcp.reading.transcripts.speaker_turns import Piece, Turn, read_speech

__all__ = ["is_transcript", "split_turns"]

_PASSAGE = 1500
"""Characters after which a passage ends with its turn; in one long turn, with its paragraph."""

_BETWEEN = "\n\n"
_LONGEST_TITLE = 100
_FEWEST = 4
_MOST_SPEAKERS = 20
_AGENDA = 2
_SHORT = 24
"""A sentence shorter than this (a greeting) is no title alone."""


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
    if sum(turn.sure for turn in turns) * 2 < len(turns):
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
    """Split a transcript into passages."""
    turns = _turns(body.document.lines)
    if not turns:
        return Split()
    claimed = frozenset(range(turns[0].line, len(body.document.lines)))
    return Split(_passages(turns, body.first), claimed, _speakers(turns))


def _speakers(turns: Iterable[Turn]) -> tuple[str, ...]:
    """Who speaks twice or more, those who speak first before the others; names with a digit (Speaker 1) are none."""
    counts = Counter(turn.speaker for turn in turns)
    names = (name for name, count in counts.items() if count > 1 and not any(map(str.isdigit, name)))
    return tuple(filter(None, names))[:_MOST_SPEAKERS]


def is_transcript(document: Document) -> bool:
    """Whether a text is turns and no minutes of a meeting, whose turns stand under the headings of an agenda."""
    turns = _turns(document.lines)
    return bool(turns) and not _has_agenda(document, turns)


def _has_agenda(document: Document, turns: list[Turn]) -> bool:
    """Whether two headings or more have turns of their own, most of them, and none tells when in a recording it is."""
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
