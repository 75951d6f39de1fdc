"""The survey of an archive as text, for a terminal and for a model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from zunda_mcp.rendering.answer_text import QUOTED, count
from zunda_mcp.rendering.sanitize import clean, one_line, shorten

if TYPE_CHECKING:
    from zunda_mcp.sources.archive_survey import ArchiveSurvey, EpisodeSeen, NotUnderstood, RuleCount

__all__ = ["survey"]

_STEPS = ((5, 20), (3, 10), (2, 5), (1, 3), (0, 1))
"""How many episodes and causes are shown at each step of tightening."""
_FIELD, _VALUE = 9, 90


def survey(surveys: Sequence[ArchiveSurvey], max_chars: int | None = None) -> str:
    """Return the surveys of all archives, in at most ``max_chars`` characters where that is said."""
    text = ""
    for examples, causes in _STEPS:
        text = "\n\n".join("\n".join(_archive(one, examples, causes)) for one in surveys)
        text = f"{text}\n\n{_LEGEND}"
        if max_chars is None or len(text) <= max_chars:
            return text
    return shorten(text, max_chars or len(text))


def _archive(one: ArchiveSurvey, examples: int, causes: int) -> Iterable[str]:
    looked = count(one.files, "file") if one.read == one.files else f"{one.read:,} of {count(one.files, 'file')}"
    undated = f", {one.undated:,} of them without a day" if one.undated else ""
    yield f"{one_line(one.name)}: {count(one.episodes, 'episode')} in {looked}{undated}. {QUOTED}"
    if one.advice:
        yield one_line(one.advice)
    yield ""
    yield "Kinds of files, and how many were understood"
    yield from (f"  {kind.ending or '(no ending)'}: {kind.understood:,} of {kind.files:,}" for kind in one.kinds)
    if one.rules:
        yield ""
        yield "Found by (episodes)"
        yield from _rules(one.rules)
    if one.examples and examples:
        yield ""
        yield "Episodes, one for each way in which they are written"
        for episode in one.examples[:examples]:
            yield from _episode(episode)
    if one.not_understood and causes:
        yield ""
        yield "Not understood (times, cause, one place)"
        yield from map(_cause, one.not_understood[:causes])
        if len(one.not_understood) > causes:
            yield f"  … and {len(one.not_understood) - causes} more causes"
    yield ""
    if one.episodes:
        yield f"The table that stands for this. To change how the archive is read, change it in {one_line(one.file)}:"
        yield ""
        yield clean(one.mapping)
    else:
        yield f"Nothing was understood that a table could stand for. To write one, make {one_line(one.file)}."


_LEGEND = """\
How to write a table (docs/mapping.md): date, title, number, people, guests and language each take a key ("aired"), a
place with a pattern of RE2 ({ path = '(?P<year>\\d{4})/(?P<month>\\d\\d)-(?P<day>\\d\\d)' }; a place is path, title,
heading or text), a value ({ value = "ja" }), or a list of these, of which the first that is there counts.
{ path = true } is what is read there without a pattern. stories takes a level of headings (2) or link-heads,
list-items, headings, timed-headings, turns, front-matter-list, json-list, whole (one story for each episode).
episode takes a pattern over headings that begin one, where a file holds several. date_order takes "dmy" or "mdy",
include and exclude take globs (["posts/**"]). [[archive.part]] has include and the lines that differ there. What the
table does not name is read as before. A server reads the archive again at the next question."""


def _rules(rows: Sequence[RuleCount]) -> Iterable[str]:
    for name in dict.fromkeys(row.field for row in rows):
        rules = (f"{one_line(row.rule)} {row.episodes:,}" for row in rows if row.field == name)
        yield f"  {name:<{_FIELD}}{', '.join(rules)}"


def _episode(episode: EpisodeSeen) -> Iterable[str]:
    yield f"  {one_line(episode.id)} in {one_line(episode.path)}"
    for one in episode.fields:
        place = f", line {one.line}: {shorten(one_line(one.text or ''), _VALUE)}" if one.line else ""
        yield f"    {one.field:<{_FIELD}}{shorten(one_line(one.value), _VALUE)} ← {one_line(one.rule)}{place}"


def _cause(one: NotUnderstood) -> str:
    skipped = " [skipped]" if one.skipped and "skipped" not in one.cause else ""
    return f"  {one.times:,} × {one_line(one.cause)}{skipped} {one_line(one.example)}"
