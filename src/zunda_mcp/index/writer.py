"""Writing one generation: turns episodes into a complete folder."""

from __future__ import annotations

import errno
import os
import sys
from array import array
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zunda_mcp.index import schema, whoosh_documents
from zunda_mcp.index.catalog import SegmentEntry, read_meta
from zunda_mcp.index.generation import WHOOSH
from zunda_mcp.index.impact import Lengths
from zunda_mcp.index.postings import COLUMNS, Segment, column_file
from zunda_mcp.index.vocabulary import VocabularyWriter, names_of
from zunda_mcp.models import OWN, PASSAGE, Episode
from zunda_mcp.reading.draft import SpokenText
from zunda_mcp.text.tokenizer import count_terms
from zunda_mcp.topics.candidates import mentions
from zunda_mcp.topics.glossary import Gloss, glosses
from zunda_mcp.topics.tokens import StoryNames, plain

if TYPE_CHECKING:
    from zunda_mcp.index.reader import IndexReader

__all__ = ["GenerationWriter", "Progress"]

Progress = Callable[[int, int, str], None]


class GenerationWriter:
    """Adds and deletes episodes in the Whoosh index of a generation folder that is not current yet.

    ``base`` is the generation whose segments the folder starts with, None for an empty folder. ``names`` and
    ``glosses`` collect what topics are found from, for the stories added; ``segments`` lists the segments after
    ``commit``. The segments named in ``merging`` are merged with what is added.
    """

    def __init__(
        self, folder: Path, lengths: Lengths, base: Path | None, merging: Container[str] = frozenset()
    ) -> None:
        from whoosh.index import LockError  # start-up

        from zunda_mcp.index.codec import ArrayPool, MappedStorage, PackedCodec, PresetIndex  # start-up

        self._words = VocabularyWriter(base)
        storage = MappedStorage(str(folder / WHOOSH))
        self._index = PresetIndex(storage, whoosh_documents.schema(), read_meta(base).parts if base else ())
        try:
            self._writer: Any = self._index.writer(codec=PackedCodec())
        except LockError as error:  # the folder is new and the writer's lock held, so nobody else has it
            raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK), str(folder)) from error
        self._writer.pool.cleanup()
        self._writer.pool = self._pool = ArrayPool(leaving=self._add_words, folder=folder)
        self._merging = merging
        self.names: list[StoryNames] = []
        self.glosses: Counter[Gloss] = Counter()
        self.segments: list[SegmentEntry] = []
        self._deleted_terms: set[str] = set()
        self._deleted_names: set[str] = set()
        self._folder = folder
        self._lengths = lengths

    def delete(self, reader: IndexReader, episode_id: str) -> None:
        """Delete an episode; ``reader`` reads the generation that this one started from."""
        documents = reader.keyed(f"episode:{episode_id}")
        for document in documents:
            story = reader.story(document) if reader.is_story(document) else None
            texts = (
                whoosh_documents.story_texts(story) if story else whoosh_documents.notes_texts(reader.episode(document))
            )
            self._deleted_terms.update(*map(count_terms, texts))
            self._deleted_names |= names_of(reader.names(document) if story else ())
        for number in reader.stored_numbers(documents):
            self._writer.delete_document(number)

    def add(self, episode: Episode, spoken_text: SpokenText | None = None) -> None:
        """Add an episode: its notes, its stories, and its speech."""
        spoken_text = spoken_text or SpokenText()
        self._writer.add_document(**whoosh_documents.notes_document(episode, self._lengths, spoken_text.besides))
        for place, story in enumerate(episode.stories):
            spoken = spoken_text.stories[place] if place < len(spoken_text.stories) else ""
            moments = spoken_text.moments[place] if place < len(spoken_text.moments) else ()
            unwritten = not story.summary and story.kind in (OWN, PASSAGE)
            mentioned = mentions(story.title, spoken if unwritten else story.summary)
            names = {sys.intern(name): weight for name, weight in mentioned.items()}
            if not unwritten:
                self._words.add_names(names_of(names))
            in_story = glosses(plain(f"{story.title}\n{story.summary}"))
            self.glosses.update({gloss.in_order() for gloss in in_story if gloss.name != gloss.other})
            day = episode.date.isoformat() if episode.date else ""
            self.names.append(StoryNames(story.id, episode.id, day, names, story.title))
            document = whoosh_documents.story_document(episode, story, self._lengths, names, in_story, spoken=spoken)
            self._writer.add_document(**document, **(whoosh_documents.moments_column(moments) if spoken else {}))

    def commit(self) -> None:
        """Write everything."""
        kept: list[Any] = []

        def merged(writer: Any, segments: list[Any]) -> list[Any]:
            kept[:] = self._merged(writer, segments)
            return kept

        self._writer.commit(mergetype=merged)
        self._index.close()
        self.segments = [self._entry(segment) for segment in kept]
        self._forget_words()
        self._words.write(self._folder)

    def _forget_words(self) -> None:
        """Remove the words from the vocabulary that only deleted documents had."""
        if not self._deleted_terms and not self._deleted_names:
            return
        segments = [Segment(self._folder / WHOOSH, entry, 0) for entry in self.segments]

        def is_gone(term: str, *fields: str) -> bool:
            encoded = term.encode("utf-8", "surrogatepass")
            return not any(segment.live_count(field, encoded) for segment in segments for field in fields)

        try:
            terms = [term for term in self._deleted_terms if is_gone(term, schema.TEXT, schema.NOTES)]
            names = [name for name in self._deleted_names if is_gone(f"{schema.NAME}{name}", schema.KEY)]
        finally:
            for segment in segments:
                segment.close()
        self._words.remove(terms, names)

    def _add_words(self, field: str, terms: Iterable[str]) -> None:
        if field not in (schema.KEY, schema.SPOKEN):
            self._words.add(terms)

    def _merged(self, writer: Any, segments: list[Any]) -> list[Any]:
        """The segments that stay as they are; the documents of the others go into the one being written.

        This is a merge policy in the form that ``whoosh.writing`` expects. Postings are copied block by block.
        """
        from whoosh.reading import SegmentReader  # start-up

        kept = []
        for segment in segments:
            if segment.make_filename("") not in self._merging:
                kept.append(segment)
                continue
            entry = self._entry(segment)
            blocks = Segment(self._folder / WHOOSH, entry, 0)
            reader = SegmentReader(writer.storage, writer.schema, segment)
            try:
                base = writer.docnum
                documents = writer.write_per_doc(set(writer.schema.names()), reader)
                for field, term, numbers, impacts in blocks.terms.blocks():
                    self._pool.add_packed(field, term, _renumbered(numbers, impacts, base, documents))
                writer._added = writer._added or writer.docnum > base
            finally:
                reader.close()
                blocks.close()
        return kept

    def _entry(self, segment: Any) -> SegmentEntry:
        name = segment.make_filename("")
        present = [column for column in COLUMNS if (self._folder / WHOOSH / column_file(name, column)).exists()]
        return SegmentEntry(name, segment.doc_count_all(), sorted(segment.deleted_docs()), present)

    def cancel(self) -> None:
        """Discard what was written."""
        with suppress(Exception):  # a failed commit has closed it; its own error matters
            self._writer.cancel()
        self._index.close()


def _renumbered(documents: array[int], impacts: bytes, base: int, kept: Mapping[int, int] | None) -> array[int]:
    """Packed postings with new document numbers: from ``base`` on, or if some are deleted as ``kept`` maps them."""
    pairs = zip(documents, impacts, strict=True)
    if kept is None:
        return array("I", [(base + document) << 8 | impact for document, impact in pairs])
    return array("I", [kept[document] << 8 | impact for document, impact in pairs if document in kept])
