"""Brings the index in a cluster up to date with a local generation: sends only what differs by digest.

The machine that writes builds its local index as usual and sends the episodes that differ whole. Readers see the last
state until everything is written. If a writer is killed, the next one sends only what is missing; while that one
writes, readers may see what the first one sent. If fields or terms have changed, a new index is filled beside the old
one, and two aliases are moved in one step.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

from zunda_mcp.engine.opensearch.cluster_meaning import as_array
from zunda_mcp.engine.opensearch.connection import Connection
from zunda_mcp.engine.opensearch.index_documents import (
    Action,
    episode_digest,
    episode_documents,
    routing_of,
    word_documents,
    write_all,
)
from zunda_mcp.engine.opensearch.index_mapping import MAPPING_VERSION, document_index, word_index
from zunda_mcp.engine.opensearch.index_vectors import IndexVectors
from zunda_mcp.engine.opensearch.kept_lists import (
    META,
    STATE,
    IndexState,
    changed_soon,
    list_documents,
    parts_of_list,
    read_list,
    read_state,
    topics_of,
    words_of,
)
from zunda_mcp.engine.opensearch.write_lease import WriteLease, leased
from zunda_mcp.errors import EngineError
from zunda_mcp.index.archive_view import ArchiveView
from zunda_mcp.index.catalog import EpisodeEntry
from zunda_mcp.index.reader import IndexReader

if TYPE_CHECKING:
    from zunda_mcp.embeddings.embedder import Vectors

__all__ = ["Progress", "Written", "write_index"]

Progress = Callable[[int, int, str], None]
_PAGE = 5000
_EPISODES = 500
"""How many episodes are written before their notes: a few thousand documents."""
_WAIT = 600.0
"""Seconds to wait for another writer."""
_DOCUMENTS_OF_SHARD = 1_000_000
"""At 23 kB each they stay below the 30 GB that OpenSearch recommends for a shard; every search asks every shard."""


class Written(NamedTuple):
    """How many episodes and words a run wrote and deleted, and whether it filled a new index."""

    episodes: int
    removed: int
    words: int
    anew: bool

    @property
    def is_nothing(self) -> bool:
        """Whether nothing differed."""
        return not any(self)


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
) -> Written:
    """Bring the index up to date with ``reader``; ``anew`` fills a new one beside it.

    Raises ``EngineError`` if the cluster cannot be written to, ``IndexingError`` if another writer keeps the lease.
    """
    connection.check()
    with leased(connection, _WAIT) as lease:
        names = None if anew else _current(connection)
        made_anew = names is None
        if names is None:
            names = _unfinished(connection, anew=anew) or _make(connection, reader.meta.stories + reader.meta.episodes)
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
        self._vectors: IndexVectors | None = None

    def run(self, *, switch: bool) -> Written:
        before = None if switch else read_state(self._connection)
        self._vectors = IndexVectors.of(self._reader, lambda *about: self._centroids(before, *about))
        unfinished = switch or self._lease.follows_unfinished
        if unfinished:
            for name in self._names:
                self._refresh(name)  # to see what the writer before this one wrote
        there = _digests_there(self._connection, self._names.documents, whole=not unfinished)
        entries = {entry.id: (number, entry) for number, entry in self._entries()}
        digests = {episode: self._digest(*one) for episode, one in entries.items()}
        changed = [one for one in {**there, **digests} if there.get(one) != digests.get(one)]
        for start in range(0, len(changed), _EPISODES):
            some = changed[start : start + _EPISODES]
            self._write_episodes({one: entries.get(one) for one in some}, digests, start, len(changed))
        words = write_all(self._connection, self._word_actions(), lambda count: self._lease.check())
        removed = sum(one not in digests for one in changed)
        written = Written(len(changed) - removed, removed, words, switch)
        lists = self._lists()
        state = self._state(lists)
        if before is not None and replace(state, generation=before.generation) == before and written.is_nothing:
            return written
        documents = (one for name, rows in lists.items() for one in list_documents(state.generation, name, rows))
        write_all(self._connection, (Action(self._names.words, *one) for one in documents))
        self._lease.check()
        if before is not None:
            self._put(changed_soon(before))
        for name in self._names:
            self._refresh(name)
        self._put(state)
        if switch:
            _switch(self._connection, self._names)
        self._forget_lists(state.generation)
        return written

    def _centroids(self, state: IndexState | None, embedder: str, kind: str) -> Vectors | None:
        """The centroids that a state has for an embedder and a kind of vectors."""
        name = f"{kind} centroids"
        if state is None or state.embedder != embedder or name not in state.lists:
            return None
        return as_array(read_list(self._connection, state, name))

    def _put(self, state: IndexState) -> None:
        self._connection.request("PUT", f"/{self._names.words}/_doc/{STATE}", state.document())

    def _digest(self, number: int, entry: EpisodeEntry) -> str:
        digest, stories = episode_digest(self._reader, number, entry.stories), range(1, 1 + entry.stories)
        vectors = self._vectors
        return digest if vectors is None else f"{digest} {vectors.digest(number + place for place in stories)}"

    def _entries(self) -> Iterator[tuple[int, EpisodeEntry]]:
        return ((number, self._reader.entry_of(number)) for number in self._reader.keyed("kind:notes"))

    def _write_episodes(
        self, some: Mapping[str, tuple[int, EpisodeEntry] | None], digests: Mapping[str, str], before: int, total: int
    ) -> None:
        """Write some episodes, or delete those that are None. Notes are written last, because their digest marks an
        episode as complete: if a writer is killed before, the next one sends the episode again.
        """
        index = self._names.documents
        gone, notes = _ids_of(self._connection, index, list(some)), list[Action]()
        done = 0

        def actions() -> Iterator[Action]:
            nonlocal done
            for episode_id, present in some.items():
                if present is None:
                    continue
                number, entry = present
                documents = episode_documents(self._reader, number, entry, digests[episode_id])
                for place, (item, body) in enumerate(documents):
                    gone.pop(item, None)
                    if place and self._vectors is not None:
                        body.update(self._vectors.fields(number + place))
                    action = Action(index, item, body, routing_of(entry))
                    if place:
                        yield action
                    else:
                        notes.append(action)
                done += 1
            yield from (Action(index, item, None, routing) for item, routing in gone.items() if item not in some)

        def after_batch(count: int) -> None:
            self._lease.check()
            self._progress(before + done, total, f"writing {count:,} documents")

        write_all(self._connection, actions(), after_batch)
        notes += (Action(index, item, None, routing) for item, routing in gone.items() if item in some)
        write_all(self._connection, notes, after_batch)

    def _word_actions(self) -> Iterator[Action]:
        there = set(_ids_there(self._connection, self._names.words))
        self._progress(0, 0, "writing words")
        for name, body in word_documents(self._reader):
            if name in there:
                there.discard(name)
            else:
                yield Action(self._names.words, name, body)
        yield from (Action(self._names.words, name, None) for name in there)

    def _lists(self) -> dict[str, list[Any]]:
        """The lists of this generation."""
        reader = self._reader
        lists: dict[str, list[Any]] = {
            META: [asdict(reader.meta)],
            "topics": [asdict(topic) for topic in reader.topics],
            "problems": [problem.model_dump(mode="json") for problem in reader.files.problems()],
            "digests": list(reader.files.digests().items()),
        }
        for name in filter(None, reader.meta.descriptions):
            lists[topics_of(name)] = [asdict(topic) for topic in ArchiveView(reader, {name}).topics]
        if self._vectors is not None:
            lists |= self._vectors.lists()
        return lists

    def _state(self, lists: Mapping[str, list[Any]]) -> IndexState:
        """The state for these lists."""
        reader = self._reader
        return IndexState(
            generation=f"{reader.name}-{int(time.time() * 1000):x}",
            lists={name: parts_of_list(rows) for name, rows in lists.items()},
            content=blake2b(json.dumps(lists).encode(), digest_size=12).hexdigest(),
            mostly_cjk=reader.vocabulary.mostly_cjk,
            embedder=self._vectors.embedder if self._vectors is not None else "",
        )

    def _forget_lists(self, generation: str) -> None:
        """Delete the lists of all states but this one and the one before it, which questions may still read."""
        body = {"query": {"term": {"kind": "list"}}, "size": _PAGE, "_source": False, "docvalue_fields": ["name"]}
        hits = self._connection.search(self._names.words, body)["hits"]["hits"]
        states = sorted({hit["fields"]["name"][0] for hit in hits}, key=lambda one: one.rpartition("-")[2])
        old = {one for one in states[:-2] if one != generation}
        gone = [Action(self._names.words, hit["_id"], None) for hit in hits if hit["fields"]["name"][0] in old]
        write_all(self._connection, gone)

    def _refresh(self, index: str) -> None:
        answer = self._connection.request("POST", f"/{index}/_refresh", timeout=60.0)
        if answer.get("_shards", {}).get("failed"):
            raise EngineError(f"Not all shards of {index} could be updated; index again when they are back.")


# --- what is there


def _current(connection: Connection) -> _Names | None:
    """The indices behind the aliases; None if there are none, or if they are of another version. Raises ``EngineError``
    if something else has the name.
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


def _unfinished(connection: Connection, *, anew: bool) -> _Names | None:
    """The indices of a writer that did not finish, to continue with; None if there are none, or if all is to be written
    ``anew``. Other indices that no alias names are deleted.
    """
    name = connection.address.name
    ours = re.compile(rf"{re.escape(name)}-\d+-[0-9a-f]+(\.words)?")  # no index whose name only begins like it
    there = connection.request("GET", f"/{name}-*", params={"expand_wildcards": "open"}, missing=True)
    left = sorted(index for index, about in there.items() if ours.fullmatch(index) and not about.get("aliases"))
    pairs = [_Names(index, words_of(index)) for index in left if index.startswith(f"{name}-{MAPPING_VERSION}-")]
    kept = None if anew else next((names for names in reversed(pairs) if names.words in left), None)
    for index in left:
        if kept is None or index not in kept:
            connection.request("DELETE", f"/{index}")
    return kept


def _make(connection: Connection, documents: int) -> _Names:
    """Create new indices beside the present ones."""
    name = connection.address.name
    nodes = connection.request("GET", "/_cluster/health").get("number_of_data_nodes", 1)
    replicas = (1 if nodes > 1 else 0) if connection.replicas is None else connection.replicas
    shards = connection.shards or max(-(-documents // _DOCUMENTS_OF_SHARD), 1)
    stem = f"{name}-{MAPPING_VERSION}-{int(time.time() * 1000):x}"
    names = _Names(stem, words_of(stem))
    connection.request("PUT", f"/{names.documents}", document_index(shards, replicas), timeout=60.0)
    connection.request("PUT", f"/{names.words}", word_index(replicas), timeout=60.0)
    return names


def _switch(connection: Connection, names: _Names) -> None:
    """Point both aliases at these indices in one step, and delete the previous ones."""
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


def _digests_there(connection: Connection, index: str, *, whole: bool) -> dict[str, str]:
    """The digests of the episodes in an index, by id. Unless all are known to be ``whole``, every document is checked:
    an episode without notes, or with documents of another digest, has the digest "".
    """
    result, noted = dict[str, str](), set[str]()
    query = {"term": {"key": "kind:notes"}} if whole else {"match_all": {}}
    body = {"size": _PAGE, "query": query, "sort": ["item"], "_source": False, "docvalue_fields": ["episode", "digest"]}
    for hit in connection.scan(index, body):
        episode, digest = hit["fields"]["episode"][0], hit["fields"].get("digest", [""])[0]
        result[episode] = digest if result.get(episode, digest) == digest else ""
        if hit["_id"] == episode:
            noted.add(episode)
    return {episode: digest if episode in noted else "" for episode, digest in result.items()}


def _ids_of(connection: Connection, index: str, episodes: Sequence[str]) -> dict[str, str | None]:
    """The ids of all documents of ``episodes``, each with its routing."""
    body = {"size": _PAGE, "query": {"terms": {"episode": list(episodes)}}, "sort": ["item"], "_source": False}
    return {hit["_id"]: hit.get("_routing") for hit in connection.scan(index, body)}


def _ids_there(connection: Connection, index: str) -> Iterator[str]:
    """The ids of all words in an index."""
    body = {"size": _PAGE, "query": {"exists": {"field": "word"}}, "sort": ["word", "kind"], "_source": False}
    yield from (hit["_id"] for hit in connection.scan(index, body))
