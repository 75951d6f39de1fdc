"""Everything in the archive that a regular expression matches, written and spoken, in order of date.

Texts are searched as they read (``zunda_mcp.text.markdown_text``), normalised (``zunda_mcp.text.normalize``); the index
stores most of them that way. In a large archive the index also tells which documents contain the strings that the
pattern needs (``zunda_mcp.query.pattern``), as code search does with trigrams.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from zunda_mcp.config.memory import shared_property
from zunda_mcp.engine.base import Excerpt, PatternMatches, SpokenTurn, TextMatch, TextPart
from zunda_mcp.engine.filtering import Narrowing, allowed
from zunda_mcp.engine.turns import overlap, turns_of
from zunda_mcp.index import schema
from zunda_mcp.index.reader import RecordReader
from zunda_mcp.models import OWN
from zunda_mcp.query.filters import Filters
from zunda_mcp.query.pattern import TextPattern
from zunda_mcp.reading.transcripts.written_turns import name_at, speakers_of, written_turns
from zunda_mcp.text.markdown_text import link_targets, reading
from zunda_mcp.text.normalize import aligned, normalize

__all__ = ["TextSearch"]

_MOST_READINGS = 20_000
"""How many texts with markup are cached as they read: about 20 MB."""
_LARGE = 20_000
"""From this many documents on the index is asked first: searching so many texts takes a tenth of a second."""


_MOST_STRINGS = 20
"""How many matching strings are kept for one story: more than any name has spellings."""


class _Part(NamedTuple):
    where: TextPart
    text: str


class _Tally(NamedTuple):
    """How often a pattern matches each part of a story, and how often it matches each string, case-folded."""

    counts: Counter[TextPart]
    strings: Counter[str]

    def add(self, where: TextPart, strings: Sequence[str]) -> None:
        self.counts[where] += len(strings)
        for string in strings:
            if string in self.strings or len(self.strings) < _MOST_STRINGS:
                self.strings[string] += 1


class TextSearch:
    """Searches one generation for patterns. Thread-safe if its reader is. If there are more than ``large`` documents,
    ``narrowing`` limits a search to those that contain the strings a pattern needs.
    """

    def __init__(self, reader: RecordReader, narrowing: Narrowing | None = None, *, large: int = _LARGE) -> None:
        self._reader = reader
        self._narrowing = narrowing
        self._large = large
        self._readings: dict[int, bytes] = {}

    def search(self, pattern: TextPattern, filters: Filters) -> PatternMatches:
        pool = allowed(self._reader, filters)
        tallies = self._tallies(pattern, pool)
        others = 0
        if pattern.keeps_case:
            others = len(self._tallies(pattern.ignoring_case(), pool).keys() - tallies.keys())
        stories = self._reader.written_stories
        looked_through = len(stories) if pool is None else sum(document in pool for document in stories)
        matches = [self._match(document, tallies[document]) for document in sorted(tallies)]
        return PatternMatches(matches, others, looked_through, self._reader.has_speech)

    def _match(self, document: int, tally: _Tally) -> TextMatch:
        episode_id = self._reader.entry_of(document).id
        return TextMatch(self._reader.item(document), episode_id, self._reader.day_of(document), *tally)

    def _tallies(self, pattern: TextPattern, pool: Container[int] | None) -> dict[int, _Tally]:
        tallies: defaultdict[int, _Tally] = defaultdict(lambda: _Tally(Counter(), Counter()))
        of_stories: dict[int, set[str]] = {}
        for document, where, text, spans in self._written(pattern, pool):
            matches = [text[start:end].casefold() for start, end in spans]
            unit, owner = self._unit(document), self._reader.owners[document]
            if unit != owner:
                of_stories.setdefault(owner, set()).update(matches)
            elif where == "notes" and owner in of_stories:
                matches = [match for match in matches if match not in of_stories[owner]]
            if matches:
                tallies[unit].add(where, matches)
        for document, where, matches in self._spoken_matches(pattern, pool):
            tallies[self._unit(document)].add(where, matches)
        return tallies

    def _spoken_matches(
        self, pattern: TextPattern, pool: Container[int] | None
    ) -> Iterator[tuple[int, TextPart, list[str]]]:
        """The matches in the speech of each document, without what a passage repeats of the one before it. A match in
        the name of a speaker whom the notes do not name counts among people, once for each episode.
        """
        reader, passages = self._reader, self._reader.passages
        speakers: dict[int, set[str]] = {}
        named: dict[int, set[str]] = defaultdict(set)

        def speaker_at(text: str, owner: int, start: int, end: int) -> str | None:
            name = name_at(text, text.rfind("\n", 0, start) + 1)
            if name is None or end > name.end():
                return None
            if owner not in speakers:
                speakers[owner] = self._speakers(owner, pattern)
                named[owner] |= set(self._hosts(owner, pattern))
            return name[1] if name[1] in speakers[owner] else None

        for document in self._speaking_candidates(pattern, pool):
            text, owner = self._speech(document, pattern), reader.owners[document]
            repeated = 0
            if document in passages and document - 1 in passages and reader.owners[document - 1] == owner:
                repeated = overlap(self._speech(document - 1, pattern), text)
            spoken: list[str] = []
            for start, end in pattern.spans(text):
                speaker = speaker_at(text, owner, start, end)
                if speaker is not None and speaker not in named[owner]:
                    named[owner].add(speaker)
                    yield owner, "people", [text[start:end].casefold()]
                elif speaker is None and end > repeated:
                    spoken.append(text[start:end].casefold())
            if spoken:
                yield document, "spoken", spoken

    def _speech(self, document: int, pattern: TextPattern) -> str:
        """The normalised speech of a document, in its own case if the pattern keeps case."""
        if pattern.keeps_case:
            return normalize(self._reader.speech(document), fold_case=False)
        return self._reader.plain_speech(document).decode("utf-8", "surrogatepass")

    def _speakers(self, owner: int, pattern: TextPattern) -> set[str]:
        reader = self._reader
        documents = reader.keyed(f"episode:{reader.item(owner)}").keys() & reader.keyed(schema.WITH_SPEECH).keys()
        return speakers_of(
            [self._speech(document, pattern) for document in sorted(documents)], self._hosts(owner, pattern)
        )

    def _hosts(self, owner: int, pattern: TextPattern) -> list[str]:
        return [normalize(host, fold_case=not pattern.keeps_case) for host in self._reader.entry_of(owner).hosts]

    def _written(
        self, pattern: TextPattern, pool: Container[int] | None
    ) -> Iterator[tuple[int, TextPart, str, list[tuple[int, int]]]]:
        """The matches in written texts: document, part, normalised text and places; stories before notes."""
        candidates = list(self._candidates(pattern, pool))

        def texts(*, of_stories: bool) -> Iterator[tuple[int, _Part]]:
            chosen = (document for document in candidates if self._reader.is_story(document) == of_stories)
            return ((document, part) for document in chosen for part in self._texts(document, pattern))

        lines = (item for item in self._lines.matching(pattern) if pool is None or item[0] in pool)
        for document, part in chain(texts(of_stories=True), lines, texts(of_stories=False)):
            if spans := pattern.spans(part.text):
                yield document, part.where, part.text, spans

    def _texts(self, document: int, pattern: TextPattern) -> Iterator[_Part]:
        """The texts of a document that the index stores normalised, in their own case if the pattern keeps case."""
        if pattern.keeps_case:
            for part in self._parts(document):
                if part.where in ("title", "summary", "notes"):
                    yield _Part(part.where, normalize(part.text, fold_case=False))
            return
        title, _, text = self._as_read(document).decode("utf-8", "surrogatepass").partition("\n")
        if not self._own(document):
            yield _Part("title", title)
        yield _Part("notes" if self._unit(document) == self._reader.owners[document] else "summary", text)

    def excerpts(self, pattern: TextPattern, match: TextMatch) -> Iterator[Excerpt]:
        unit = self._number(match.id)
        documents = [unit]
        owner = self._reader.owners[unit]
        if owner == unit:
            documents += self._own(owner)
        parts = [part for document in documents for part in self._parts(document) if part.where in match.counts]
        hosts = self._reader.entry_of(owner).hosts
        for part in sorted(parts, key=lambda part: part.where == "link"):
            yield from self._in_part(pattern, part, hosts)
        turns = turns_of(self._reader, match.episode_id) if {"spoken", "people"} & match.counts.keys() else []
        speakers = dict.fromkeys(turn.speaker for turn in turns if turn.speaker and turn.speaker not in hosts)
        for speaker in speakers if "people" in match.counts else ():
            yield from (Excerpt("people", speaker, *span) for span in self._places(pattern, speaker))
        for turn in turns if "spoken" in match.counts else ():
            yield from self._spoken(pattern, turn, unit)

    def _in_part(self, pattern: TextPattern, part: _Part, hosts: Sequence[str]) -> Iterator[Excerpt]:
        """The matches in a written text; in speech that it quotes, each with only its turn, speaker and time."""
        places = self._places(pattern, part.text)
        turns = written_turns(part.text, hosts) if places and part.where in ("summary", "notes") else []
        texts = [part.text[turn.start : turn.end].rstrip() for turn in turns]
        for start, end in places:
            at = bisect_right(turns, start, key=lambda turn: turn.start) - 1
            if at < 0 or end > turns[at].start + len(texts[at]):
                yield Excerpt(part.where, part.text, start, end)
                continue
            first, _, speaker, second = turns[at]
            yield Excerpt(part.where, texts[at], start - first, end - first, speaker, second)

    def _spoken(self, pattern: TextPattern, turn: SpokenTurn, unit: int) -> Iterator[Excerpt]:
        for start, end in self._places(pattern, turn.text):
            _, second, item = turn.moment(start)
            if self._unit(self._number(item)) == unit:
                yield Excerpt("spoken", turn.text, start, end, turn.speaker, second, item)

    def _number(self, item: str) -> int:
        number = self._reader.document(item)
        if number is None:
            msg = f"{item} is not in generation {self._reader.name}."
            raise ValueError(msg)
        return number

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
            if not self._own(document):
                yield _Part("title", episode.title)
            yield _Part("notes", reading(f"{episode.description}\n{episode.prose}"))
        yield from self._short_parts(document)

    def _short_parts(self, document: int) -> Iterator[_Part]:
        """The addresses of a document, and the people of an episode: no normalised text contains them unchanged."""
        reader = self._reader
        if reader.is_story(document):
            story = reader.story(document)
            url, markdown = story.url, story.summary
        else:
            entry, episode = reader.entry_of(document), reader.episode(document)
            yield from (_Part("people", host) for host in entry.hosts)
            url, markdown = None, f"{episode.description}\n{episode.prose}"
        addresses = dict.fromkeys([*([url] if url else []), *link_targets(markdown)])
        yield from (_Part("link", address) for address in addresses)

    def _own(self, owner: int) -> list[int]:
        """The document with the text of an episode that is its own only story."""
        following = owner + 1
        is_own = following < self._reader.size and following in self._reader.keyed(f"kind:{OWN}")
        return [following] if is_own and self._reader.owners[following] == owner else []

    def _unit(self, document: int) -> int:
        """What a match in a document counts for: its story, or its episode."""
        reader = self._reader
        whole = document in reader.passages or document in reader.keyed(f"kind:{OWN}")
        return reader.owners[document] if whole else document

    def _as_read(self, document: int) -> bytes:
        """The normalised title of a story or an episode, and its summary or notes as they read."""
        reading_text = self._readings.get(document)
        if reading_text is not None:
            return reading_text
        reader = self._reader
        plain = reader.plain(document)
        plain = plain[: plain.rfind(b"\n")]  # without link words and people, which ``_lines`` has
        marked = document in reader.keyed(schema.WITH_MARKUP)
        if not marked:
            return plain
        title, _, text = plain.decode("utf-8", "surrogatepass").partition("\n")
        kept = f"{normalize(reading(title))}\n{normalize(reading(text))}".encode("utf-8", "surrogatepass")
        if len(self._readings) < _MOST_READINGS:
            self._readings[document] = kept
        return kept

    @staticmethod
    def _places(pattern: TextPattern, text: str) -> list[tuple[int, int]]:
        """Where a pattern matches the original text."""
        if not pattern.spans(normalize(text, fold_case=not pattern.keeps_case)):
            return []
        read = aligned(text, fold_case=not pattern.keeps_case)
        return [read.span(start, end) for start, end in pattern.spans(read.plain)]

    # --- what can match at all

    def _candidates(self, pattern: TextPattern, pool: Container[int] | None) -> Iterator[int]:
        """Documents whose title, summary or notes can match, in order."""
        reader = self._reader
        passages = reader.passages
        documents: Collection[int] = range(reader.size)
        if self._narrowing is not None and reader.size > self._large:
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
        """Documents whose speech can match, in order."""
        reader = self._reader
        documents: Collection[int] = reader.keyed(schema.WITH_SPEECH).keys()
        if self._narrowing is not None and len(documents) > self._large:
            narrowed = self._narrowing.documents(pattern.literals, (schema.SPOKEN,))
            documents = documents if narrowed is None else narrowed
        return sorted(
            document
            for document in documents
            if (pool is None or document in pool) and pattern.may_match(reader.plain_speech(document))
        )

    @shared_property
    def _lines(self) -> _Lines:
        """What no normalised text contains unchanged: addresses, and people of episodes."""
        reader = self._reader
        passages = reader.passages
        return _Lines(
            (document, part._replace(text=normalize(part.text, fold_case=False)))
            for document in range(reader.size)
            if document not in passages
            for part in self._short_parts(document)
        )


class _Lines:
    """Short texts of documents as one text, one on each line, so that one search covers them all."""

    def __init__(self, parts: Iterable[tuple[int, _Part]]) -> None:
        self._documents: array[int] = array("I")
        self._starts: array[int] = array("Q")
        self._kinds: list[TextPart] = []
        text = bytearray()
        for document, part in parts:
            self._documents.append(document)
            self._starts.append(len(text))
            self._kinds.append(part.where)
            text += part.text.replace("\n", " ").encode("utf-8", "surrogatepass") + b"\n"
        self._text = bytes(text)

    def matching(self, pattern: TextPattern) -> Iterator[tuple[int, _Part]]:
        """Yield the lines with a match or a part of one, and their documents, folded unless case counts."""
        done = -1
        for start, end in pattern.lines(self._text):
            first, last = (bisect_right(self._starts, at) - 1 for at in (start, end - 1))
            for line in range(max(first, done + 1), last + 1):
                stop = self._starts[line + 1] if line + 1 < len(self._starts) else len(self._text)
                text = self._text[self._starts[line] : stop - 1].decode("utf-8", "surrogatepass")
                text = text if pattern.keeps_case else normalize(text)
                yield self._documents[line], _Part(self._kinds[line], text)
            done = max(done, last)
