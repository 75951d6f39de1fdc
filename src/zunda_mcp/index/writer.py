"""Writing one generation: episodes in, a complete folder out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from zunda_mcp.episode import Episode
from zunda_mcp.index import layout, schema
from zunda_mcp.index.catalog import SegmentEntry
from zunda_mcp.index.generation import WHOOSH
from zunda_mcp.index.impact import Lengths
from zunda_mcp.index.vocabulary import VocabularyWriter
from zunda_mcp.topics import StoryNames, mentions

Progress = Callable[[int, int, str], None]


class GenerationWriter:
    """Adds and deletes episodes in the Whoosh index of a generation folder that is not current yet.

    ``base`` is the generation whose segments the folder starts with, None for an empty one. ``names`` gathers what
    topics are found from, for the stories added; ``segments`` is what the folder holds after ``commit``.
    """

    def __init__(self, folder: Path, lengths: Lengths, base: Path | None) -> None:
        from zunda_mcp.index.packed import MappedStorage, PackedCodec
        from zunda_mcp.index.pool import ArrayPool

        storage = MappedStorage(str(folder / WHOOSH))
        self._index = storage.create_index(schema.schema()) if base is None else storage.open_index()
        self._writer: Any = self._index.writer(codec=PackedCodec())
        self._writer.pool.cleanup()
        self._writer.pool = ArrayPool()
        self._words = VocabularyWriter(base)
        self.names: list[StoryNames] = []
        self.segments: list[SegmentEntry] = []
        self._folder = folder
        self._lengths = lengths

    def delete(self, documents: Iterable[int]) -> None:
        """Delete by the document numbers of the generation this one started from."""
        for document in documents:
            self._writer.delete_document(document)

    def add(self, episode: Episode) -> None:
        """Add an episode: its notes and its stories."""
        notes = schema.notes_document(episode, self._lengths)
        self._words.add(notes[layout.NOTES])
        self._writer.add_document(**notes)
        for story in episode.stories:
            names = mentions(story.title, story.summary)
            self.names.append(StoryNames(story.id, episode.id, episode.date.isoformat(), names, story.title))
            document = schema.story_document(episode, story, self._lengths, names)
            self._words.add(document[layout.TEXT])
            self._writer.add_document(**document)

    def commit(self) -> None:
        """Write everything; segments are never merged here, a rebuild makes one of many."""
        from whoosh.index import TOC

        self._words.write(self._folder)
        self._writer.commit(merge=False)
        self._index.close()
        toc = TOC.read(self._index.storage, self._index.indexname)
        self.segments = [
            SegmentEntry(segment.make_filename(""), segment.doc_count_all(), sorted(segment.deleted_docs()))
            for segment in toc.segments
        ]

    def cancel(self) -> None:
        """Give up without a trace."""
        self._writer.cancel()
        self._index.close()
