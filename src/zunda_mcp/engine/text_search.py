"""Everything in the archive that a regular expression matches: written and spoken, all of it, in order of date.

Texts are looked at as they read (``zunda_mcp.text.markdown_text``), in one spelling (``zunda_mcp.text.normalize``). What
is kept beside the index decides quickly which documents can match at all; only those are read and looked at closely. In
a large archive the index says first which documents hold the strings that the pattern needs
(``zunda_mcp.query.literals``), as code search does with trigrams.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Container, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from zunda_mcp.engine.turns import Turn, turns_of
from zunda_mcp.index import schema
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.models import OWN, PASSAGE
from zunda_mcp.query.filters import Filters, allowed
from zunda_mcp.query.narrowing import Narrowing
from zunda_mcp.query.pattern import TextPattern
from zunda_mcp.text.aligned import aligned
from zunda_mcp.text.markdown_text import has_markup, link_targets, reading
from zunda_mcp.text.normalize import normalize

__all__ = ["Excerpt", "TextMatch", "TextSearch", "Where"]

Where = Literal["title", "summary", "link", "notes", "people", "spoken"]
"""In which part of a story or an episode a match stands."""

_LARGE = 20_000
"""Documents from which on the index is asked first: looking at so many texts takes a tenth of a second."""


class TextMatch(NamedTuple):
    """A story, or an episode by its notes document, with how often each part of it matches."""

    document: int
    counts: Mapping[Where, int]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """One match, ``text[start:end]``; of speech who says it, at what second, and which document has it."""

    where: Where
    text: str
    start: int
    end: int
    speaker: str | None = None
    second: float | None = None
    document: int | None = None


class _Part(NamedTuple):
    where: Where
    text: str


class TextSearch:
    """Looks for patterns in one generation. Thread-safe as its reader is."""

    def __init__(self, reader: IndexReader, *, large: int = _LARGE) -> None:
        self._reader = reader
        self._large = large

    def search(self, pattern: TextPattern, filters: Filters) -> list[TextMatch]:
        """All stories and episodes that match, oldest first. A match in speech that belongs to no story, in notes, and
        in the text of an episode without stories is one of the episode.
        """
        pool = allowed(self._reader, filters)
        counts: dict[int, dict[Where, int]] = {}
        for document in sorted(self._candidates(pattern, pool)):
            for part in self._parts(document):
                if many := len(self._spans(pattern, part.text)):
                    of_unit = counts.setdefault(self._unit(document), {})
                    of_unit[part.where] = of_unit.get(part.where, 0) + many
        for owner in self._speaking_candidates(pattern, pool):
            for turn in turns_of(self._reader, owner):
                for start, _ in self._spans(pattern, turn.text):
                    document = turn.moment(start).document
                    if pool is None or document in pool:
                        of_unit = counts.setdefault(self._unit(document), {})
                        of_unit["spoken"] = of_unit.get("spoken", 0) + 1
        return [TextMatch(document, counts[document]) for document in sorted(counts)]

    def excerpts(self, pattern: TextPattern, match: TextMatch) -> Iterator[Excerpt]:
        """The matches of one story or episode: title, summary and notes first, then links, then speech."""
        documents = [match.document]
        owner = self._reader.owners[match.document]
        if owner == match.document:
            documents += self._own(owner)
        parts = [part for document in documents for part in self._parts(document) if part.where in match.counts]
        for part in sorted(parts, key=lambda part: part.where == "link"):
            for start, end in self._places(pattern, part.text):
                yield Excerpt(part.where, part.text, start, end)
        if "spoken" in match.counts:
            for turn in turns_of(self._reader, owner):
                yield from self._spoken(pattern, turn, match.document)

    def _spoken(self, pattern: TextPattern, turn: Turn, unit: int) -> Iterator[Excerpt]:
        for start, end in self._places(pattern, turn.text):
            _, second, document = turn.moment(start)
            if self._unit(document) == unit:
                yield Excerpt("spoken", turn.text, start, end, turn.speaker, second, document)

    # --- texts

    def _parts(self, document: int) -> Iterator[_Part]:
        """The written texts of a document, as they read."""
        reader = self._reader
        if document in reader.passages:
            return
        if reader.is_story(document):
            story = reader.story(document)
            yield _Part("title", story.title)
            yield _Part("notes" if story.kind == OWN else "summary", reading(story.summary))
            yield from (_Part("link", url) for url in _links(story.url, story.summary))
            return
        entry, episode = reader.entry_of(document), reader.episode(document)
        if not self._own(document):
            yield _Part("title", entry.title)
        yield _Part("notes", reading(f"{episode.description}\n{episode.prose}"))
        yield from (_Part("people", host) for host in entry.hosts)
        yield from (_Part("link", url) for url in _links(None, f"{episode.description}\n{episode.prose}"))

    def _own(self, owner: int) -> list[int]:
        """The document of the text of an episode that is its own one story."""
        following = owner + 1
        is_own = following < self._reader.size and following in self._reader.keyed(f"kind:{OWN}")
        return [following] if is_own and self._reader.owners[following] == owner else []

    def _unit(self, document: int) -> int:
        """What a match in a document counts for: a story, or else its episode."""
        reader = self._reader
        whole = document in reader.passages or document in reader.keyed(f"kind:{OWN}")
        return reader.owners[document] if whole else document

    @staticmethod
    def _spans(pattern: TextPattern, text: str) -> list[tuple[int, int]]:
        return pattern.spans(normalize(text, fold_case=not pattern.keeps_case))

    @staticmethod
    def _places(pattern: TextPattern, text: str) -> list[tuple[int, int]]:
        """Where a pattern matches a text as it is written."""
        known = aligned(text, fold_case=not pattern.keeps_case)
        return [known.span(start, end) for start, end in pattern.spans(known.plain)]

    # --- what can match at all

    def _candidates(self, pattern: TextPattern, pool: Container[int] | None) -> set[int]:
        """Documents whose written text can match."""
        reader = self._reader
        passages = reader.passages
        documents: Collection[int] = range(reader.size)
        if reader.size > self._large:
            narrowed = self._narrowing.documents(pattern.literals, (schema.TEXT, schema.NOTES))
            if narrowed is not None:
                documents = narrowed | reader.keyed(schema.WITH_MARKUP).keys()
        found = {
            document
            for document in documents
            if document not in passages
            and (pool is None or document in pool)
            and pattern.may_match(_as_read(reader.plain(document)))
        }
        return found | {document for document in self._lines.documents(pattern) if pool is None or document in pool}

    def _speaking_candidates(self, pattern: TextPattern, pool: Container[int] | None) -> list[int]:
        """The notes documents of episodes whose speech can match."""
        reader = self._reader
        documents: Collection[int] = reader.keyed(schema.WITH_SPEECH).keys()
        if len(documents) > self._large:
            narrowed = self._narrowing.documents(pattern.literals, (schema.SPOKEN,))
            documents = documents if narrowed is None else narrowed
        return sorted(
            {
                reader.owners[document]
                for document in documents
                if (pool is None or document in pool) and pattern.may_match(reader.plain_speech(document))
            }
        )

    @cached_property
    def _narrowing(self) -> Narrowing:
        return Narrowing(self._reader)

    @cached_property
    def _lines(self) -> _Lines:
        """What stands in no document's normalised text: addresses, and titles and people of episodes."""
        reader = self._reader
        lines: list[bytes] = []
        documents: list[int] = []
        for document in range(reader.size):
            for part in self._parts(document):
                if part.where in ("link", "people") or (part.where == "title" and not reader.is_story(document)):
                    lines.append(normalize(part.text, fold_case=False).encode("utf-8", "surrogatepass"))
                    documents.append(document)
        return _Lines(lines, documents)


class _Lines:
    """Short texts of documents as one text, a line each, so that all are looked at in one go."""

    def __init__(self, lines: list[bytes], documents: list[int]) -> None:
        self._text = b"\n".join(lines)
        self._documents = documents
        self._starts = []
        at = 0
        for line in lines:
            self._starts.append(at)
            at += len(line) + 1

    def documents(self, pattern: TextPattern) -> set[int]:
        """The documents that have a line with a match, or with a part of one."""
        found = set()
        for start, end in pattern.lines(self._text):
            first, last = (bisect_right(self._starts, at) - 1 for at in (start, end - 1))
            found.update(self._documents[first : last + 1])
        return found


def _links(url: str | None, markdown: str) -> list[str]:
    return list(dict.fromkeys([*([url] if url else []), *link_targets(markdown)]))


def _as_read(plain: bytes) -> bytes:
    """A normalised text as ``_parts`` has it, without the marks of Markdown."""
    text = plain.decode("utf-8", "surrogatepass")
    return normalize(reading(text)).encode("utf-8", "surrogatepass") if has_markup(text) else plain
