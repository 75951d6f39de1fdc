"""Writing one generation: episodes in, a complete folder out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from zunda_mcp.episode import Episode
from zunda_mcp.index import schema
from zunda_mcp.index.generation import WHOOSH
from zunda_mcp.index.impact import Lengths

Progress = Callable[[int, int, str], None]

_MEMORY_MB = 256


class GenerationWriter:
    """Adds and deletes episodes in the Whoosh index of a generation folder that is not current yet."""

    def __init__(self, folder: Path, lengths: Lengths, *, fresh: bool) -> None:
        from whoosh import index as whoosh_index

        where = str(folder / WHOOSH)
        opened = whoosh_index.create_in(where, schema.schema()) if fresh else whoosh_index.open_dir(where)
        self._index = opened
        self._writer: Any = opened.writer(limitmb=_MEMORY_MB)
        self._lengths = lengths

    def delete(self, documents: Iterable[int]) -> None:
        """Delete by the document numbers of the generation this one started from."""
        for document in documents:
            self._writer.delete_document(document)

    def add(self, episode: Episode) -> None:
        """Add an episode: its notes and its stories."""
        self._writer.add_document(**schema.notes_document(episode, self._lengths))
        for story in episode.stories:
            self._writer.add_document(**schema.story_document(episode, story, self._lengths))

    def commit(self) -> None:
        """Write everything; segments are never merged here, a rebuild makes one of many."""
        self._writer.commit(merge=False)
        self._index.close()

    def cancel(self) -> None:
        """Give up without a trace."""
        self._writer.cancel()
        self._index.close()
