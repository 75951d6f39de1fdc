"""Everything in the archive that a regular expression matches: written and spoken, all of it, in order of date.

Texts are looked at as they read (``zunda_mcp.text.markdown_text``), in one spelling (``zunda_mcp.text.normalize``).
The index keeps most of them so. In a large archive it also says which documents hold the strings that the pattern needs
(``zunda_mcp.query.literals``), as code search does with trigrams.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from zunda_mcp.engine.turns import Turn, turns_of
from zunda_mcp.index import schema
from zunda_mcp.index.reader import IndexReader
from zunda_mcp.models import OWN
from zunda_mcp.query.filters import Filters, allowed
from zunda_mcp.query.narrowing import Narrowing
from zunda_mcp.query.pattern import TextPattern
from zunda_mcp.text.aligned import aligned
from zunda_mcp.text.markdown_text import link_targets, reading
from zunda_mcp.text.normalize import normalize

__all__ = ["Excerpt", "TextMatch", "TextMatches", "TextSearch", "Where"]

Where = Literal["title", "summary", "link", "notes", "people", "spoken"]
"""In which part of a story or an episode a match stands."""

_MOST_READINGS = 20_000
"""Texts with links in them that are kept as they read: about 20 MB."""
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


class TextMatches(NamedTuple):
    """What matches, oldest first, and how many stories and episodes more match where case does not count."""

    matches: list[TextMatch]
    in_other_case: int


_Counts = dict[int, dict[Where, int]]


class TextSearch:
    """Looks for patterns in one generation. Thread-safe as its reader is.

    A match in speech that belongs to no story, in notes, and in the text of an episode without stories is one of the
    episode. Notes count only with what no story of theirs has: many repeat the titles of the stories.
    """

    def __init__(self, reader: IndexReader, *, large: int = _LARGE) -> None:
        self._reader = reader
        self._large = large
        self._readings: dict[int, bytes] = {}

    def search(self, pattern: TextPattern, filters: Filters) -> TextMatches:
        """All stories and episodes that match."""
        counts = self._counts(pattern, filters)
        others = 0
        if pattern.keeps_case:
            others = len(self._counts(pattern.ignoring_case(), filters).keys() - counts.keys())
        return TextMatches([TextMatch(document, counts[document]) for document in sorted(counts)], others)

    def _counts(self, pattern: TextPattern, filters: Filters) -> _Counts:
        pool = allowed(self._reader, filters)
        counts: _Counts = {}
        strings: dict[int, set[str]] = {}
        for document, where, text, matches in self._written(pattern, pool):
            spans = matches
            unit, owner = self._unit(document), self._reader.owners[document]
            if unit != owner:
                strings.setdefault(owner, set()).update(text[start:end].casefold() for start, end in spans)
            elif where == "notes" and owner in strings:
                spans = [(start, end) for start, end in matches if text[start:end].casefold() not in strings[owner]]
            if spans:
                of_unit = counts.setdefault(unit, {})
                of_unit[where] = of_unit.get(where, 0) + len(spans)
        for owner in self._speaking_candidates(pattern, pool):
            for turn in turns_of(self._reader, owner):
                for start, _ in self._spans(pattern, turn.text):
                    document = turn.moment(start).document
                    if pool is None or document in pool:
                        of_unit = counts.setdefault(self._unit(document), {})
                        of_unit["spoken"] = of_unit.get("spoken", 0) + 1
        return counts

    def _written(
        self, pattern: TextPattern, pool: Container[int] | None
    ) -> Iterator[tuple[int, Where, str, list[tuple[int, int]]]]:
        """The matches in written texts: document, part, normalised text and where it matches; stories before notes."""
        reader = self._reader
        last: list[int] = []
        for document in self._candidates(pattern, pool):
            if not reader.is_story(document):
                last.append(document)
                continue
            for part in self._texts(document, pattern):
                if spans := pattern.spans(part.text):
                    yield document, part.where, part.text, spans
        for document, part in self._lines.matching(pattern):
            if (pool is None or document in pool) and (spans := pattern.spans(part.text)):
                yield document, part.where, part.text, spans
        for document in last:
            for part in self._texts(document, pattern):
                if spans := pattern.spans(part.text):
                    yield document, part.where, part.text, spans

    def _texts(self, document: int, pattern: TextPattern) -> Iterator[_Part]:
        """The texts of a document that the index keeps normalised, with their capitals where these count."""
        if pattern.keeps_case:
            for part in self._parts(document):
                if part.where in ("summary", "notes") or (part.where == "title" and self._reader.is_story(document)):
                    yield _Part(part.where, normalize(part.text, fold_case=False))
            return
        text = self._as_read(document).decode("utf-8", "surrogatepass")
        if self._reader.is_story(document):
            title, _, text = text.partition("\n")
            yield _Part("title", title)
        yield _Part("notes" if self._unit(document) == self._reader.owners[document] else "summary", text)

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
        else:
            episode = reader.episode(document)
            yield _Part("notes", reading(f"{episode.description}\n{episode.prose}"))
        yield from self._short_parts(document)

    def _short_parts(self, document: int) -> Iterator[_Part]:
        """The addresses of a document, and title and people of an episode: what no normalised text has as it is."""
        reader = self._reader
        if reader.is_story(document):
            story = reader.story(document)
            url, markdown = story.url, story.summary
        else:
            entry, episode = reader.entry_of(document), reader.episode(document)
            if not self._own(document):
                yield _Part("title", entry.title)
            yield from (_Part("people", host) for host in entry.hosts)
            url, markdown = None, f"{episode.description}\n{episode.prose}"
        addresses = dict.fromkeys([*([url] if url else []), *link_targets(markdown)])
        yield from (_Part("link", address) for address in addresses)

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

    def _as_read(self, document: int) -> bytes:
        """The normalised title of a story and its summary as it reads, or the notes of an episode."""
        reading_text = self._readings.get(document)
        if reading_text is not None:
            return reading_text
        reader = self._reader
        plain = reader.plain(document)
        marked = document in reader.keyed(schema.WITH_MARKUP)
        if reader.is_story(document):
            plain = plain[: plain.rfind(b"\n")]  # without the words of the link: the whole address is among the lines
        if not marked:
            return plain
        title, _, text = plain.decode("utf-8", "surrogatepass").partition("\n")
        kept = f"{normalize(reading(title))}\n{normalize(reading(text))}".encode("utf-8", "surrogatepass")
        if len(self._readings) < _MOST_READINGS:
            self._readings[document] = kept
        return kept

    @staticmethod
    def _spans(pattern: TextPattern, text: str) -> list[tuple[int, int]]:
        return pattern.spans(normalize(text, fold_case=not pattern.keeps_case))

    @staticmethod
    def _places(pattern: TextPattern, text: str) -> list[tuple[int, int]]:
        """Where a pattern matches a text as it is written."""
        read = aligned(text, fold_case=not pattern.keeps_case)
        return [read.span(start, end) for start, end in pattern.spans(read.plain)]

    # --- what can match at all

    def _candidates(self, pattern: TextPattern, pool: Container[int] | None) -> Iterator[int]:
        """Documents whose title, summary or notes can match, in order."""
        reader = self._reader
        passages = reader.passages
        documents: Collection[int] = range(reader.size)
        if reader.size > self._large:
            narrowed = self._narrowing.documents(pattern.literals, (schema.TEXT, schema.NOTES))
            if narrowed is not None:
                documents = sorted(narrowed | reader.keyed(schema.WITH_MARKUP).keys())
        for document in documents:
            if (
                document not in passages
                and (pool is None or document in pool)
                and pattern.may_match(self._as_read(document))
            ):
                yield document

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
        passages = reader.passages
        return _Lines(
            (document, part._replace(text=normalize(part.text, fold_case=False)))
            for document in range(reader.size)
            if document not in passages
            for part in self._short_parts(document)
        )


class _Lines:
    """Short texts of documents as one text, a line each, so that all are looked at in one go."""

    def __init__(self, parts: Iterable[tuple[int, _Part]]) -> None:
        self._documents: array[int] = array("I")
        self._starts: array[int] = array("Q")
        self._kinds: list[Where] = []
        text = bytearray()
        for document, part in parts:
            self._documents.append(document)
            self._starts.append(len(text))
            self._kinds.append(part.where)
            text += part.text.replace("\n", " ").encode("utf-8", "surrogatepass") + b"\n"
        self._text = bytes(text)

    def matching(self, pattern: TextPattern) -> Iterator[tuple[int, _Part]]:
        """The lines that hold a match, or a part of one: with their documents, folded unless capitals count."""
        done = -1
        for start, end in pattern.lines(self._text):
            first, last = (bisect_right(self._starts, at) - 1 for at in (start, end - 1))
            for line in range(max(first, done + 1), last + 1):
                stop = self._starts[line + 1] if line + 1 < len(self._starts) else len(self._text)
                text = self._text[self._starts[line] : stop - 1].decode("utf-8", "surrogatepass")
                text = text if pattern.keeps_case else normalize(text)
                yield self._documents[line], _Part(self._kinds[line], text)
            done = max(done, last)
