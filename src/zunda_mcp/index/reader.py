"""Reading one generation: the narrow interface through which everything above speaks to the engine.

Documents are numbered from 0 within a generation; the numbers mean nothing outside it. What is offered: postings of a
term, exact keys, days, texts for phrase checks, records to show. No Whoosh query, matcher or result object leaves
this room, so another engine needs only these methods.

One Whoosh reader must not be used by two threads at once (it seeks in shared files), so file access is behind a lock;
decoded postings are cached and shared.
"""

from __future__ import annotations

import json
import threading
from array import array
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from zunda_mcp.episode import Episode, Story
from zunda_mcp.errors import IndexingError
from zunda_mcp.index import catalog, schema
from zunda_mcp.index.generation import WHOOSH, whoosh_files

Postings = dict[int, float]

_CACHED_TERMS = 4096
_NONE: Postings = {}


class IndexReader:
    """One open generation. Thread-safe. Close it when a newer one is in use.

    Raises ``IndexingError`` where files are missing or cut short, and what Whoosh raises on damage inside them
    (``Exception`` of many kinds): the caller rebuilds.
    """

    def __init__(self, folder: Path) -> None:
        from whoosh import index as whoosh_index

        self.name = folder.name
        self.meta = catalog.read_meta(folder)
        self.catalog = catalog.read_catalog(folder)
        self.episodes = {entry.id: entry for entry in self.catalog.episodes}
        if whoosh_files(folder) != self.meta.whoosh:
            msg = f"The files of {folder} are not those that were written."
            raise IndexingError(msg)
        self._lock = threading.RLock()
        self._postings: dict[tuple[str, str], Postings] = {}
        self._reader = whoosh_index.open_dir(str(folder / WHOOSH), schema=schema.schema()).reader()
        self._leaves: list[tuple[Any, int]] = self._reader.leaf_readers()
        self._plain = [(offset, leaf.column_reader(schema.PLAIN)) for leaf, offset in self._leaves]
        self.size: int = self._reader.doc_count_all()
        self.segments = len(self._leaves)

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            self._reader.close()

    # --- postings

    def postings(self, term: str, field: str = schema.TEXT) -> Postings:
        """``{document: impact}`` of a term, deleted documents left out; shared, so not to be changed."""
        key = (field, term)
        found = self._postings.get(key)
        if found is None:
            found = self._read_postings(field, term)
            if len(self._postings) >= _CACHED_TERMS:
                self._postings.clear()
            self._postings[key] = found
        return found

    def frequency(self, term: str, field: str = schema.TEXT) -> int:
        """How many documents hold a term, without reading its postings; deleted ones may still be counted."""
        found = self._postings.get((field, term))
        if found is not None:
            return len(found)
        with self._lock:
            count: int = self._reader.doc_frequency(field, term.encode("utf-8", "surrogatepass"))
        return count

    def keyed(self, key: str) -> Postings:
        """The documents with an exact key such as ``site:zenn.dev`` or ``id:2025-07-08-279#2``."""
        return self.postings(key, schema.KEY)

    def terms(self, prefix: str, field: str = schema.TEXT) -> list[str]:
        """The terms that begin with ``prefix``, in order."""
        encoded = prefix.encode("utf-8", "surrogatepass")
        found: dict[str, None] = {}
        with self._lock:
            for leaf, _ in self._leaves:
                for term in leaf.expand_prefix(field, encoded):
                    raw = term if isinstance(term, bytes) else str(term).encode("utf-8")
                    found[raw.decode("utf-8", "surrogatepass")] = None
        return sorted(found)

    def _read_postings(self, field: str, term: str) -> Postings:
        encoded = term.encode("utf-8", "surrogatepass")
        found: Postings = {}
        with self._lock:
            for leaf, offset in self._leaves:
                if (field, encoded) not in leaf:
                    continue
                matcher = leaf.postings(field, encoded)
                while matcher.is_active():
                    found[offset + matcher.id()] = matcher.weight()
                    matcher.next()
        return found or _NONE

    # --- columns

    @cached_property
    def days(self) -> array[int]:
        """The date of every document as its proleptic ordinal."""
        days: array[int] = array("i")
        with self._lock:
            for leaf, _ in self._leaves:
                days.extend(leaf.column_reader(schema.DAY).load())
        return days

    @cached_property
    def items(self) -> list[str]:
        """The id of every document: of a story, or of an episode for its own text."""
        found: list[str] = []
        with self._lock:
            for leaf, _ in self._leaves:
                column = leaf.column_reader(schema.ITEM)
                found += [column[i].decode("utf-8", "surrogatepass") for i in range(leaf.doc_count_all())]
        return found

    def episode_id(self, document: int) -> str:
        """The episode a document belongs to."""
        return self.items[document].rpartition("#")[0] or self.items[document]

    @cached_property
    def stories(self) -> frozenset[int]:
        """All story documents."""
        return frozenset(self.keyed("kind:story"))

    @cached_property
    def notes(self) -> frozenset[int]:
        """All documents that hold an episode's own text."""
        return frozenset(self.keyed("kind:notes"))

    def plain(self, document: int) -> bytes:
        """The normalised text of a document in UTF-8: title, summary and link words, a line each or more."""
        with self._lock:
            for offset, column in reversed(self._plain):
                if document >= offset:
                    text: bytes = column[document - offset]
                    return text
        raise IndexError(document)

    # --- records

    def story(self, document: int) -> Story:
        """The story of a story document."""
        return schema.read_story(self._record(document))

    def episode(self, document: int) -> Episode:
        """The episode of a notes document, without its stories."""
        return schema.read_episode(self._record(document))

    def whole_episode(self, episode_id: str) -> Episode | None:
        """An episode with its stories, or None."""
        documents = self.keyed(f"episode:{episode_id}")
        own = [document for document in documents if document in self.notes]
        if not own:
            return None
        stories = sorted((self.story(d) for d in documents if d in self.stories), key=lambda story: story.place)
        return self.episode(own[0]).model_copy(update={"stories": tuple(stories)})

    def document(self, item_id: str) -> int | None:
        """The document of a story id or an episode id, or None."""
        return next(iter(self.keyed(f"id:{item_id}")), None)

    def names(self, document: int) -> dict[str, int]:
        """The names a story mentions, as topics found them at indexing time."""
        found: dict[str, int] = json.loads(self._stored(document, schema.NAMES))
        return found

    def _record(self, document: int) -> str:
        return self._stored(document, schema.RECORD)

    def _stored(self, document: int, field: str) -> str:
        with self._lock:
            value: str = self._reader.stored_fields(document)[field]
        return value

    def all_words(self) -> Iterator[str]:
        """Latin words of the index, in order: the vocabulary that near spellings are drawn from."""
        for first in "abcdefghijklmnopqrstuvwxyz0123456789":
            yield from self.terms(first)
