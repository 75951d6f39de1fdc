"""The survey of an archive as text, for a terminal and for a model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from zunda_mcp.rendering.answer_lines import QUOTED
from zunda_mcp.rendering.messages import ENGLISH, Messages
from zunda_mcp.rendering.sanitize import clean, clean_line, shorten

if TYPE_CHECKING:
    from zunda_mcp.sources.archive_survey import ArchiveSurvey, EpisodeSeen, NotUnderstood, RuleCount

__all__ = ["survey"]

_STEPS = ((5, 20), (3, 10), (2, 5), (1, 3), (0, 1))
"""Most episodes and causes that are shown at each level, from the full text to the shortest."""
_FIELD, _VALUE = 9, 90


def survey(surveys: Sequence[ArchiveSurvey], max_chars: int | None = None, say: Messages = ENGLISH) -> str:
    """Return the surveys of all archives as text, in at most ``max_chars`` characters (None: no limit)."""
    text = ""
    for examples, causes in _STEPS:
        text = "\n\n".join("\n".join(_archive(one, examples, causes, say)) for one in surveys)
        text = f"{text}\n\n{say(_HOW) if say.japanese else _LEGEND}"
        if max_chars is None or len(text) <= max_chars:
            return text
    return shorten(text, max_chars or len(text))


def _archive(one: ArchiveSurvey, examples: int, causes: int, say: Messages) -> Iterable[str]:
    looked = say.count(one.files, "file")
    if one.read != one.files:
        looked = say("{number} of {files}", number=f"{one.read:,}", files=looked)
    undated = say(", {number} of them without a day", number=f"{one.undated:,}") if one.undated else ""
    episodes = say.count(one.episodes, "episode")
    head = say("{archive}: {episodes} in {files}", archive=clean_line(one.name), episodes=episodes, files=looked)
    yield f"{head}{undated}" if say.japanese else f"{head}{undated}. {QUOTED}"
    if one.advice:
        yield clean_line(say.translated(one.advice))
    yield ""
    yield say("Kinds of files, and how many were understood")
    for kind in one.kinds:
        understood, files = f"{kind.understood:,}", f"{kind.files:,}"
        ending = kind.ending or say("(no ending)")
        yield say("  {ending}: {understood} of {number}", ending=ending, understood=understood, number=files)
    if one.rules:
        yield ""
        yield say("Rules that decided (episodes)")
        yield from _rules(one.rules, say)
    if one.examples and examples:
        yield ""
        yield say("Episodes, one for each way in which they are written")
        for episode in one.examples[:examples]:
            yield from _episode(episode, say)
    if one.not_understood and causes:
        yield ""
        yield say("Not understood (count, cause, one place)")
        yield from (_cause(cause, say) for cause in one.not_understood[:causes])
        if len(one.not_understood) > causes:
            yield say("  … and {number} more causes", number=len(one.not_understood) - causes)
    yield ""
    file = clean_line(one.file)
    if one.episodes:
        yield say("The table that stands for this. To change how the archive is read, change it in {file}:", file=file)
        yield ""
        yield clean(one.mapping)
    else:
        yield say("Nothing was understood that a table could stand for. To write one, make {file}.", file=file)


_LEGEND = """\
How to write a table (docs/mapping.md): date, title, number, people, guests and language each take a key ("aired"), a
place with a pattern of RE2 ({ path = '(?P<year>\\d{4})/(?P<month>\\d\\d)-(?P<day>\\d\\d)' }; a place is path, title,
heading or text), a value ({ value = "ja" }), or a list of these, of which the first that is there counts.
{ path = true } is what is read there without a pattern. stories takes a level of headings (2) or link-heads,
list-items, headings, timed-headings, turns, front-matter-list, json-list, whole (one story for each episode).
episode takes a pattern over headings that begin one, or the key of a list of them. date_order takes "dmy" or "mdy",
include and exclude take globs (["posts/**"]). [[archive.part]] has include and the lines that differ there. What the
table does not name is read as before. A server reads the archive again at the next question."""
_HOW = "How to write a table: docs/mapping.md. A server reads the archive again at the next question."
"""Replaces ``_LEGEND`` for those who read Japanese."""


def _rules(rows: Sequence[RuleCount], say: Messages) -> Iterable[str]:
    for name in dict.fromkeys(row.field for row in rows):
        rules = (f"{clean_line(say.translated(row.rule))} {row.episodes:,}" for row in rows if row.field == name)
        yield f"  {name:<{_FIELD}}{', '.join(rules)}"


def _episode(episode: EpisodeSeen, say: Messages) -> Iterable[str]:
    yield say("  {id} in {path}", id=clean_line(episode.id), path=clean_line(episode.path))
    for one in episode.fields:
        text = shorten(clean_line(one.text or ""), _VALUE)
        place = say(", line {line}: {text}", line=one.line, text=text) if one.line else ""
        rule = clean_line(say.translated(one.rule))
        yield f"    {one.field:<{_FIELD}}{shorten(clean_line(one.value), _VALUE)} ← {rule}{place}"


def _cause(one: NotUnderstood, say: Messages) -> str:
    skipped = say(" [skipped]") if one.skipped and "skipped" not in one.cause else ""
    return f"  {one.times:,} × {clean_line(say.translated(one.cause))}{skipped} {clean_line(one.example)}"
