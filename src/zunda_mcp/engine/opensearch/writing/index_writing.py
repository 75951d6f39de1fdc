"""Bringing the index in a cluster level with a generation at home: what differs by its digest, and no more.

The machine that writes builds its index at home as always; here the episodes that the cluster has otherwise are sent
to it, whole. What was written becomes visible when all of it was: readers see the last state until then, and a writer
that is killed is followed by one that sends only what is still missing. Where fields or terms are others than they
were, a new index is filled beside the old one, and two aliases are moved in one step.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any, NamedTuple

from zunda_mcp.engine.opensearch.connection import Connection
from zunda_mcp.engine.opensearch.index_mapping import MAPPING_VERSION, document_index, word_index
from zunda_mcp.engine.opensearch.kept_lists import STATE, IndexState, list_documents, read_state, topics_of, words_of
from zunda_mcp.engine.opensearch.vector_cells import StoryVectors
from zunda_mcp.engine.opensearch.writing.bulk_writing import Action, write_all
from zunda_mcp.engine.opensearch.writing.index_documents import episode_digest, episode_documents, routing_of
from zunda_mcp.engine.opensearch.writing.word_documents import word_documents
from zunda_mcp.engine.opensearch.writing.write_lease import WriteLease, leased
from zunda_mcp.errors import EngineError
from zunda_mcp.index.archive_view import ArchiveView
from zunda_mcp.index.catalog import EpisodeEntry
from zunda_mcp.index.reader import IndexReader

__all__ = ["Progress", "Written", "write_index"]

Progress = Callable[[int, int, str], None]
_PAGE = 5000
_WAIT = 600.0


class Written(NamedTuple):
    """What a run wrote and deleted: episodes and words; and whether the index was filled anew."""

    episodes: int
    removed: int
    words: int
    anew: bool


class _Names(NamedTuple):
    """The indices behind the aliases."""

    documents: str
    words: str


def write_index(
    connection: Connection,
    reader: IndexReader,
    progress: Progress = lambda done, total, what: None,
    *,
    anew: bool = False,
    wait: float = _WAIT,
) -> Written:
    """Bring the index level with ``reader``; ``anew`` fills another one beside it. ``wait`` is how many seconds another
    writer is waited for.

    Raises ``EngineError`` where the cluster cannot be written to, ``IndexingError`` where another writer is at work.
    """
    connection.check()
    with leased(connection, wait) as lease:
        names = None if anew else _current(connection)
        made_anew = names is None
        if names is None:
            names = _make(connection)
        written = _Writing(connection, reader, names, lease, progress).run(switch=made_anew)
        return written._replace(anew=made_anew)


class _Writing:
    def __init__(
        self, connection: Connection, reader: IndexReader, names: _Names, lease: WriteLease, progress: Progress
    ) -> None:
        self._connection = connection
        self._reader = reader
        self._names = names
        self._lease = lease
        self._progress = progress
        self._vectors = StoryVectors.of(reader)

    def run(self, *, switch: bool) -> Written:
        there = {} if switch else dict(_episodes_there(self._connection, self._names.documents))
        owners = list(self._reader.keyed("kind:notes"))
        entries = [(number, self._reader.entry_of(number)) for number in owners]
        changed = [one for one in entries if self._is_changed(*one, there)]
        present = {entry.id for _, entry in entries}
        removed = [one for one in there if one not in present]
        actions = self._actions(changed, removed, there)
        total = len(changed)

        def after_batch(count: int) -> None:
            self._lease.check()
            self._progress(min(self._done, total), total, f"writing {count:,} documents")

        self._done = 0
        write_all(self._connection, actions, after_batch)
        words = write_all(self._connection, self._word_actions(anew=switch), lambda count: self._lease.check())
        state = self._write_lists()
        self._lease.check()
        for name in self._names:
            self._refresh(name)
        if switch:
            self._connection.request("PUT", f"/{self._names.words}/_doc/{STATE}", state.document())
            _switch(self._connection, self._names)
        else:
            self._connection.request("PUT", f"/{self._names.words}/_doc/{STATE}", state.document())
        self._forget_lists(state.generation)
        return Written(len(changed), len(removed), words, switch)

    def _is_changed(
        self, number: int, entry: EpisodeEntry, there: Mapping[str, tuple[str, list[str], str | None]]
    ) -> bool:
        cached = there.get(entry.id)
        return cached is None or cached[0] != self._digest(number, entry)

    def _digest(self, number: int, entry: EpisodeEntry) -> str:
        digest = episode_digest(self._reader, number, entry.stories)
        vectors = self._vectors
        return (
            digest if vectors is None else f"{digest} {vectors.digest(range(number + 1, number + 1 + entry.stories))}"
        )

    def _actions(
        self,
        changed: Iterable[tuple[int, EpisodeEntry]],
        removed: Iterable[str],
        there: Mapping[str, tuple[str, list[str], str | None]],
    ) -> Iterator[Action]:
        index = self._names.documents
        for episode_id in removed:
            _, items, routing = there[episode_id]
            yield from (Action(index, item, None, routing) for item in (episode_id, *items))
        for number, entry in changed:
            routing, ids = routing_of(entry), set()
            digest = self._digest(number, entry)
            for place, (item, body) in enumerate(episode_documents(self._reader, number, entry)):
                if not place:
                    body["digest"] = body["record"]["digest"] = digest
                elif self._vectors is not None:
                    body.update(self._vectors.fields(number + place))
                ids.add(item)
                yield Action(index, item, body, routing)
            if entry.id not in there:
                continue
            _, items, before = there[entry.id]
            gone = items if before == routing else [entry.id, *items]
            yield from (Action(index, item, None, before) for item in gone if before != routing or item not in ids)
            self._done += 1

    def _word_actions(self, *, anew: bool) -> Iterator[Action]:
        there = set() if anew else set(_ids_there(self._connection, self._names.words))
        self._progress(0, 0, "writing words")
        for name, body in word_documents(self._reader.vocabulary):
            if name in there:
                there.discard(name)
            else:
                yield Action(self._names.words, name, body)
        yield from (Action(self._names.words, name, None) for name in there)

    def _write_lists(self) -> IndexState:
        """The lists of this generation, and the state that names them."""
        reader, generation = self._reader, f"{self._reader.name}-{int(time.time() * 1000):x}"
        lists: dict[str, Iterable[Any]] = {
            "topics": [asdict(topic) for topic in reader.topics],
            "problems": [problem.model_dump(mode="json") for problem in reader.files.problems()],
            "digests": list(reader.files.digests().items()),
        }
        for name in filter(None, reader.meta.descriptions):
            lists[topics_of(name)] = [asdict(topic) for topic in ArchiveView(reader, {name}).topics]
        if self._vectors is not None:
            lists |= self._vectors.lists()
        counts: dict[str, int] = {}

        def actions() -> Iterator[Action]:
            for name, rows in lists.items():
                counts[name] = 0
                for item, body in list_documents(generation, name, rows):
                    counts[name] += 1
                    yield Action(self._names.words, item, body)

        write_all(self._connection, actions())
        return IndexState(
            generation=generation,
            meta=asdict(reader.meta),
            lists=counts,
            mostly_cjk=reader.vocabulary.mostly_cjk,
            embedder=self._vectors.embedder if self._vectors is not None else "",
        )

    def _forget_lists(self, generation: str) -> None:
        """Delete the lists of states before this one and the one before it, which questions may still read."""
        body = {
            "query": {"term": {"kind": "list"}},
            "size": _PAGE,
            "_source": False,
            "docvalue_fields": ["name"],
        }
        hits = self._connection.search(self._names.words, body)["hits"]["hits"]
        states = sorted({hit["fields"]["name"][0] for hit in hits}, key=lambda one: one.rpartition("-")[2])
        old = {one for one in states[:-2] if one != generation}
        gone = [Action(self._names.words, hit["_id"], None) for hit in hits if hit["fields"]["name"][0] in old]
        write_all(self._connection, gone)

    def _refresh(self, index: str) -> None:
        answer = self._connection.request("POST", f"/{index}/_refresh", timeout=60.0)
        if answer.get("_shards", {}).get("failed"):
            raise EngineError(f"Not all shards of {index} could be brought level; index again when they are back.")


# --- what is there


def _current(connection: Connection) -> _Names | None:
    """The indices behind the aliases; None where there are none, or ones of another version. Raises ``EngineError``
    where something else has the name.
    """
    name = connection.address.name
    try:
        if read_state(connection) is None:
            return None
    except EngineError as error:
        if "another version" in str(error):
            return None
        raise
    return _Names(*(next(iter(connection.request("GET", f"/{alias}"))) for alias in (name, words_of(name))))


def _make(connection: Connection) -> _Names:
    """New indices beside those there are; what a writer that died left of its own is removed."""
    name = connection.address.name
    nodes = connection.request("GET", "/_cluster/health").get("number_of_data_nodes", 1)
    replicas = (1 if nodes > 1 else 0) if connection.replicas is None else connection.replicas
    stem = f"{name}-{MAPPING_VERSION}-{int(time.time() * 1000):x}"
    used = {index for alias in (name, words_of(name)) for index in connection.request("GET", f"/{alias}", missing=True)}
    for index in connection.request("GET", f"/{name}-*", params={"expand_wildcards": "open"}, missing=True):
        if index not in used:
            connection.request("DELETE", f"/{index}")
    names = _Names(stem, f"{stem}.words")
    connection.request("PUT", f"/{names.documents}", document_index(connection.shards or nodes, replicas), timeout=60.0)
    connection.request("PUT", f"/{names.words}", word_index(replicas), timeout=60.0)
    return names


def _switch(connection: Connection, names: _Names) -> None:
    """Let both aliases name these indices, in one step, and delete those they named."""
    actions: list[dict[str, Any]] = []
    old: list[str] = []
    for alias, index in zip((connection.address.name, words_of(connection.address.name)), names, strict=True):
        for before in connection.request("GET", f"/{alias}", missing=True):
            actions.append({"remove": {"index": before, "alias": alias}})
            old.append(before)
        actions.append({"add": {"index": index, "alias": alias}})
    connection.request("POST", "/_aliases", {"actions": actions})
    for index in old:
        connection.request("DELETE", f"/{index}", missing=True)


def _episodes_there(connection: Connection, index: str) -> Iterator[tuple[str, tuple[str, list[str], str | None]]]:
    """The episodes that an index has: id, digest, ids of stories, routing. What was written and is not yet visible
    counts, so that a run that was killed goes on where it ended.
    """
    connection.request("POST", f"/{index}/_refresh", timeout=60.0)
    after: list[Any] | None = None
    while True:
        body: dict[str, Any] = {
            "query": {"term": {"key": "kind:notes"}},
            "size": _PAGE,
            "sort": ["item"],
            "_source": ["record.digest", "record.stories"],
        }
        if after:
            body["search_after"] = after
        hits = connection.search(index, body)["hits"]["hits"]
        for hit in hits:
            record = hit["_source"]["record"]
            yield hit["_id"], (record["digest"], record["stories"], hit.get("_routing"))
        if len(hits) < _PAGE:
            return
        after = hits[-1]["sort"]


def _ids_there(connection: Connection, index: str) -> Iterator[str]:
    """The ids of all words that an index has."""
    connection.request("POST", f"/{index}/_refresh", timeout=60.0)
    after: list[Any] | None = None
    while True:
        body: dict[str, Any] = {
            "query": {"exists": {"field": "word"}},
            "size": _PAGE,
            "sort": ["word", "kind"],
            "_source": False,
        }
        if after:
            body["search_after"] = after
        hits = connection.search(index, body)["hits"]["hits"]
        yield from (hit["_id"] for hit in hits)
        if len(hits) < _PAGE:
            return
        after = hits[-1]["sort"]
