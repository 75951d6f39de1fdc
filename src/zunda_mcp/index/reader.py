"""Reading one generation: the narrow interface through which everything above it reads the index.

Documents are numbered from 0 within a generation, in order of publication: the notes of an episode, then its stories.
Deleted documents have no number and count nowhere. So numbers do not depend on how the index grew: one that grew change
by change has the same as one built at once. The reader offers postings of terms, exact keys, days, texts for phrase
checks, records to show, and the vocabulary, but no query, matcher or result object of Whoosh.

The generation's ``meta.json`` lists the segments, their sizes, and their deleted documents, so reading needs neither
Whoosh's pickled table of contents nor most of Whoosh. Files are mapped and read by position, so threads share one
reader without a lock. Decoded postings are cached up to a limit in bytes.
"""

from __future__ import annotations

import datetime as dt
import json
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from zunda_mcp.config.memory import ByteCache, postings_size, shared_property
from zunda_mcp.index import catalog, index_tuning, schema
from zunda_mcp.index.catalog import EpisodeEntry, Meta, SourceFiles
from zunda_mcp.index.generation import WHOOSH
from zunda_mcp.index.postings import Segment
from zunda_mcp.index.vocabulary import Vocabulary
from zunda_mcp.models import Episode, Story

if TYPE_CHECKING:
    from zunda_mcp.topics.glossary import Gloss
    from zunda_mcp.topics.tokens import ArchiveTopic, StoryNames

__all__ = ["IndexReader", "Postings", "RecordReader"]

Postings = dict[int, float]

_NONE: Postings = {}
_DELETED = -1


class _Order(NamedTuple):
    """``stored`` has for each document the place where it is stored, ``documents`` for each place its document."""

    stored: array[int]
    documents: array[int]


class RecordReader:
    """Reads documents by number: their exact keys and stored columns. Thread-safe."""

    name: str
    size: int

    def __init__(self) -> None:
        self._entries: dict[int, EpisodeEntry] = {}

    def keyed(self, key: str) -> Postings:
        """Return the documents with an exact key such as ``site:zenn.dev`` or ``id:2025-07-08-279#2``."""
        raise NotImplementedError

    def _value(self, document: int, name: str) -> bytes:
        """The value of a column for a document."""
        raise NotImplementedError

    def _text(self, document: int, name: str) -> str:
        return self._value(document, name).decode("utf-8", "surrogatepass")

    @cached_property
    def days(self) -> array[int]:
        """The date of every document as its proleptic ordinal."""
        raise NotImplementedError

    def document(self, item_id: str) -> int | None:
        """Return the document of a story id or an episode id, or None."""
        return next(iter(self.keyed(f"id:{item_id}")), None)

    def day_of(self, document: int) -> str | None:
        """Return the ISO day of a document, None if it has no date."""
        day = self.days[document]
        return dt.date.fromordinal(day).isoformat() if day != schema.UNDATED else None

    def item(self, document: int) -> str:
        """Return the id of a document: of a story, or of an episode for its own text."""
        return self._text(document, schema.ITEM)

    @cached_property
    def owners(self) -> array[int]:
        """For every document the notes document of its episode; a notes document is its own."""
        starts = list(self.keyed("kind:notes"))
        owners: array[int] = array("I", range(starts[0] if starts else 0))
        for start, end in zip(starts, [*starts[1:], self.size], strict=False):
            owners.extend(array("I", (start,)) * (end - start))
        return owners

    def is_story(self, document: int) -> bool:
        return self.owners[document] != document

    @cached_property
    def stories(self) -> frozenset[int]:
        """All story documents."""
        return frozenset(self.keyed("kind:story"))

    @cached_property
    def written_stories(self) -> frozenset[int]:
        """All story documents that are not passages."""
        return self.stories.difference(self.passages)

    @property
    def passages(self) -> Collection[int]:
        """The story documents of passages."""
        return self.keyed(schema.PASSAGE).keys()

    @cached_property
    def has_speech(self) -> bool:
        """Whether any document has a transcript."""
        return bool(self.keyed(schema.WITH_SPEECH))

    def plain(self, document: int) -> bytes:
        """Return the normalised text of a document in UTF-8: title, summary and link words, on lines of their own."""
        return self._value(document, schema.PLAIN)

    def plain_speech(self, document: int) -> bytes:
        """Return the normalised speech of a document, in UTF-8; empty if it has none."""
        return self._value(document, schema.PLAIN_SPEECH)

    def speech(self, document: int) -> str:
        """Return the speech of a document as it was read."""
        return self._text(document, schema.SPEECH)

    def moments(self, document: int) -> tuple[tuple[int, float], ...]:
        """Return pairs of a place in a document's speech and the second of the recording at that place."""
        kept = self._value(document, schema.MOMENTS)
        return tuple((at, second) for at, second in json.loads(kept)) if kept else ()

    def entry_of(self, document: int) -> EpisodeEntry:
        """Return the episode that a document belongs to."""
        owner = self.owners[document]
        entry = self._entries.get(owner)
        if entry is None:
            entry = self._entries[owner] = EpisodeEntry.unpacked(self._value(owner, schema.ENTRY))
        return entry

    def story(self, document: int) -> Story:
        """Return the story of a story document."""
        return Story.model_validate_json(self._value(document, schema.RECORD))

    def episode(self, document: int) -> Episode:
        """Return the episode of a notes document, without its stories."""
        return Episode.model_validate_json(self._value(document, schema.RECORD))


class IndexReader(RecordReader):
    """One open generation. Thread-safe. Close it when a newer one is in use.

    On damage it raises whatever the damage leads to (``Exception`` of many kinds), or nothing: the caller checks
    ``Generations.damage`` first, and after an exception. ``meta`` is read from the folder unless it is given.
    ``is_whole``: all archives are read (see ``zunda_mcp.index.archive_view``).
    """

    is_whole = True

    def __init__(self, folder: Path, meta: Meta | None = None) -> None:
        super().__init__()
        self.name = folder.name
        self.folder = folder
        self.meta = meta or catalog.read_meta(folder)
        self.vocabulary = Vocabulary(folder)
        self._segments: list[Segment] = []
        self._stored = 0
        for entry in self.meta.parts:
            self._segments.append(Segment(folder / WHOOSH, entry, self._stored))
            self._stored += entry.documents
        self._offsets = [segment.offset for segment in self._segments]
        self.size = sum(entry.live for entry in self.meta.parts)
        self._postings: ByteCache[tuple[str, str], Postings] = ByteCache(
            index_tuning.CACHED_POSTINGS_BYTES + index_tuning.CACHED_BYTES_PER_DOCUMENT * self.size
        )

    def close(self) -> None:
        """Close the files."""
        for segment in self._segments:
            segment.close()

    # --- postings

    def postings(self, term: str, field: str = schema.TEXT) -> Postings:
        """Return ``{document: impact}`` of a term, in order of documents; it is shared and must not be changed."""
        key = (field, term)
        postings = self._postings.get(key)
        if postings is None:
            postings = self._read_postings(field, term)
            self._postings.put(key, postings, postings_size(postings))
        return postings

    def impacts(self, term: str, documents: Iterable[int], field: str = schema.TEXT) -> Postings:
        """Return the postings of a term for some documents alone; for long lists of which few documents are needed."""
        cached = self._postings.get((field, term))
        if cached is not None:
            return {document: cached[document] for document in documents if document in cached}
        encoded, result = term.encode("utf-8", "surrogatepass"), {}
        blocks = [segment.terms.block(field, encoded) for segment in self._segments]
        for document in sorted(documents):
            place, number = self._place(document)
            block = blocks[place]
            if block is None:
                continue
            numbers, impacts = block
            at = bisect_left(numbers, number)
            if at < len(numbers) and numbers[at] == number:
                result[document] = float(impacts[at])
        return result

    def frequency(self, term: str, field: str = schema.TEXT) -> int:
        """Return how many documents have a term, without caching its postings."""
        cached = self._postings.get((field, term))
        if cached is not None:
            return len(cached)
        encoded = term.encode("utf-8", "surrogatepass")
        return sum(segment.live_count(field, encoded) for segment in self._segments)

    def has_term(self, term: str, field: str = schema.TEXT) -> bool:
        """Whether any document has a term."""
        encoded = term.encode("utf-8", "surrogatepass")
        return any(segment.holds(field, encoded) for segment in self._segments)

    def keyed(self, key: str) -> Postings:
        return self.postings(key, schema.KEY)

    def terms(self, prefix: str, field: str = schema.TEXT) -> list[str]:
        """Return the terms that begin with ``prefix``, in order."""
        encoded = prefix.encode("utf-8", "surrogatepass")
        terms: set[bytes] = set()
        for segment in self._segments:
            own = segment.terms.terms_from(field, encoded)
            terms.update((term for term in own if segment.holds(field, term)) if segment.deleted else own)
        return sorted(term.decode("utf-8", "surrogatepass") for term in terms)

    def _read_postings(self, field: str, term: str) -> Postings:
        encoded = term.encode("utf-8", "surrogatepass")
        order = self._order
        postings: Postings = {}
        for segment in self._segments:
            block = segment.terms.block(field, encoded)
            if block is None:
                continue
            numbers, impacts = block
            if order is None:
                return dict(zip(map(self._numbers.__getitem__, numbers), impacts, strict=True))
            documents = map(self._numbers[segment.offset : segment.offset + segment.size].__getitem__, numbers)
            postings.update(zip(documents, impacts, strict=True))
        postings.pop(_DELETED, None)
        return {document: postings[document] for document in sorted(postings)} or _NONE

    # --- numbers

    @cached_property
    def _numbers(self) -> list[int]:
        """For each place its document: one ``int`` object for a document, which all postings share."""
        numbers = list(range(self.size))
        order = self._order
        return numbers if order is None else [_DELETED if one < 0 else numbers[one] for one in order.documents]

    @cached_property
    def _order(self) -> _Order | None:
        """The order of documents; None if they are stored in order of their numbers."""
        if len(self._segments) == 1 and self._segments[0].in_order and not self._segments[0].deleted:
            return None
        episodes = []
        for segment in self._segments:
            block = segment.terms.block(schema.KEY, b"kind:notes")
            column = segment.column(schema.ENTRY)
            for number in block[0] if block else ():
                if number not in segment.deleted:
                    entry = EpisodeEntry.unpacked(column[number])
                    episodes.append((entry.order, segment.offset + number, entry.stories))
        stored: array[int] = array("I")
        for _, start, stories in sorted(episodes):
            stored.extend(range(start, start + 1 + stories))
        if len(stored) != self.size:
            msg = f"{self.folder}: {self.size} documents are listed in its counts, {len(stored)} in its episodes."
            raise ValueError(msg)
        documents = array("i", (_DELETED,)) * self._stored
        for document, number in enumerate(stored):
            documents[number] = document
        return _Order(stored, documents)

    def stored_numbers(self, documents: Iterable[int]) -> list[int]:
        """Return the places where documents are stored, counted over all segments one after the other."""
        order = self._order
        return list(documents) if order is None else [order.stored[document] for document in documents]

    def _place(self, document: int) -> tuple[int, int]:
        """The place of a document's segment among the segments, and the document's number in it."""
        number = document if self._order is None else self._order.stored[document]
        place = bisect_right(self._offsets, number) - 1
        return place, number - self._offsets[place]

    # --- columns

    @cached_property
    def days(self) -> array[int]:
        days: array[int] = array("i")
        for segment in self._segments:
            days.extend(segment.column(schema.DAY).load())
        return days if self._order is None else array("i", map(days.__getitem__, self._order.stored))

    @cached_property
    def has_speech(self) -> bool:
        return self.frequency(schema.WITH_SPEECH, schema.KEY) > 0

    def stored(self, document: int) -> Iterator[bytes]:
        """Yield all columns that answers depend on: two documents with equal columns are equal in every answer."""
        for column in schema.STORED:
            yield self._value(document, column)

    # --- episodes and files

    @cached_property
    def entries(self) -> list[EpisodeEntry]:
        """All episodes in order of publication."""
        return [self.entry_of(document) for document in self.keyed("kind:notes")]

    @cached_property
    def files(self) -> SourceFiles:
        """The source files and their problems when the generation was made."""
        return catalog.read_files(self.folder)

    # --- records

    def title(self, document: int) -> str:
        """Return the title of a story, or of the episode of a notes document."""
        if self.is_story(document):
            return self._text(document, schema.ENTRY)
        return self.entry_of(document).title

    def whole_episode(self, episode_id: str) -> Episode | None:
        """Return the episode with this id and all its stories; None if there is no such episode."""
        documents = self.keyed(f"episode:{episode_id}")
        own = [document for document in documents if not self.is_story(document)]
        if not own:
            return None
        stories = sorted((self.story(d) for d in documents if self.is_story(d)), key=lambda story: story.place)
        return self.episode(own[0]).model_copy(update={"stories": tuple(stories)})

    def story_names(self) -> list[StoryNames]:
        """Return every story with the names that it mentions, as indexed: topics are found from these."""
        from zunda_mcp.topics.tokens import StoryNames  # start-up

        stories = []
        for document in sorted(self.stories):
            episode = self.entry_of(document)
            names = self.names(document)
            stories.append(StoryNames(self.item(document), episode.id, episode.date, names, self.title(document)))
        return stories

    def names(self, document: int) -> dict[str, int]:
        """Return the names that a story mentions, and the weight of each."""
        names: dict[str, int] = json.loads(self._value(document, schema.NAMES))
        return names

    @shared_property
    def topics(self) -> list[ArchiveTopic]:
        """The topics of the archive: those stored when the index was built whole, or else found now."""
        kept = catalog.read_topics(self.folder)
        return self.find_topics() if kept is None else kept

    def find_topics(self) -> list[ArchiveTopic]:
        """Find the topics of the stories now."""
        from zunda_mcp.topics.discovery import find_topics  # start-up
        from zunda_mcp.topics.glossary import other_names  # start-up

        return find_topics(self.story_names(), other_names(self.glosses()))

    def glosses(self) -> dict[Gloss, int]:
        """Return every gloss of the archive with the number of its stories; both directions count as one gloss."""
        from zunda_mcp.topics.glossary import Gloss  # start-up

        counts: dict[Gloss, int] = {}
        for key in self.terms(schema.GLOSS, schema.KEY):
            name, other, proof = key.removeprefix(schema.GLOSS).split("\t")
            if name < other and (stories := len(self.keyed(key))):
                counts[Gloss(name, other, proof)] = stories
        return counts

    def _value(self, document: int, name: str) -> bytes:
        place, number = self._place(document)
        value: bytes = self._segments[place].column(name)[number]
        return value
