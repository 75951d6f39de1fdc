"""What a cluster stores of a whole archive, in the index of words: the state, and lists.

The state is one small document that says which generation there is and how long each list is. It is read after each
answer, by a request that sees the last write at once. A list, such as the metadata, is cut into documents of a few
thousand rows. While the documents of a new state become visible, shard by shard, the state says that it is *changing*:
what is read meanwhile may mix two states.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from zunda_mcp.engine.opensearch.connection import QUESTION_SECONDS, Connection
from zunda_mcp.engine.opensearch.index_mapping import MAPPING_VERSION
from zunda_mcp.errors import EngineError
from zunda_mcp.index.catalog import Meta
from zunda_mcp.index.schema import VERSION

__all__ = [
    "META", "STATE", "IndexState", "changed_soon", "list_documents", "parts_of_list", "read_list", "read_meta",
    "read_state", "settled_state", "topics_of", "words_of",
]  # fmt: skip

STATE, META = "state", "meta"
_ROWS = 2000
_CHANGING_SECONDS, _PAUSE = 60.0, 0.05
"""How long a state may be changing: as long as a writer's lease, since one that takes longer has died."""


def words_of(name: str) -> str:
    """Return the alias of the words of an index."""
    return f"{name}.words"


def topics_of(archive: str) -> str:
    """Return the name of the list of topics of one of several archives."""
    return f"topics of {archive}"


@dataclass(frozen=True, slots=True)
class IndexState:
    """The generation in a cluster. ``lists`` says how many documents each list takes, ``content`` is a digest of all
    lists, and until ``changing`` (seconds since 1970, 0: no) documents of the next generation may be becoming visible.
    """

    generation: str
    mapping: int = MAPPING_VERSION
    schema: int = VERSION
    lists: dict[str, int] = field(default_factory=dict)
    mostly_cjk: bool = False
    embedder: str = ""
    changing: float = 0.0
    content: str = ""

    def document(self) -> dict[str, Any]:
        """Return the state as a JSON document for the cluster."""
        return {"kind": STATE, "name": self.generation, "content": {"state": json.dumps(asdict(self))}}


def read_state(connection: Connection) -> IndexState | None:
    """Return the state of the index; None if no index was ever completed. Raises ``EngineError`` if the index is not
    one of zunda-mcp, or of another version of it.
    """
    name = connection.address.name
    result = connection.request("GET", f"/{words_of(name)}/_doc/{STATE}", missing=True)
    if not result.get("found"):
        _check_ours(connection)
        return None
    rows = json.loads(result["_source"]["content"]["state"])
    if (rows.get("mapping"), rows.get("schema")) != (MAPPING_VERSION, VERSION):
        raise EngineError(
            f"The index {name} was made by another version of zunda-mcp; "
            f"run: zunda-mcp index --engine {connection.address}"
        )
    return IndexState(**rows)


def read_meta(connection: Connection, state: IndexState) -> Meta:
    """Return the metadata of the generation. Raises as ``read_list`` does."""
    (row,) = read_list(connection, state, META)
    return Meta(**row)


def settled_state(connection: Connection) -> IndexState | None:
    """As ``read_state``, once it is not changing; raises ``EngineError`` too if that outlasts a question."""
    end = time.monotonic() + QUESTION_SECONDS
    while (state := read_state(connection)) is not None and state.changing > time.time():
        if time.monotonic() > end:
            raise EngineError(f"{connection.address} is being updated; ask again in a moment.")
        time.sleep(_PAUSE)
    return state


def changed_soon(state: IndexState) -> IndexState:
    """Return the state to show while the documents of the next one become visible."""
    return replace(state, changing=time.time() + _CHANGING_SECONDS)


def _check_ours(connection: Connection) -> None:
    """Raise ``EngineError`` if there is an index of this name that zunda-mcp did not make."""
    name = connection.address.name
    for index, about in connection.request("GET", f"/{name}", missing=True).items():
        if "zunda_mcp" not in about.get("mappings", {}).get("_meta", {}):
            raise EngineError(f"{index} in the cluster is not an index of zunda-mcp; choose another name than {name}.")


def parts_of_list(rows: Sequence[Any]) -> int:
    """Return how many documents a list takes."""
    return -(-len(rows) // _ROWS)


def list_documents(generation: str, name: str, rows: Sequence[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the ids and bodies of the documents of a list."""
    for part, start in enumerate(range(0, len(rows), _ROWS)):
        content = json.dumps(rows[start : start + _ROWS], ensure_ascii=True, separators=(",", ":"))
        yield _id(generation, name, part), {"kind": "list", "name": generation, "content": {"rows": content}}


def read_list(connection: Connection, state: IndexState, name: str) -> list[Any]:
    """Return a list of this state. Raises ``EngineError`` if a part of it is gone because a newer state replaced it."""
    ids = [_id(state.generation, name, part) for part in range(state.lists.get(name, 0))]
    if not ids:
        return []
    rows: list[Any] = []
    for start in range(0, len(ids), 16):
        answer = connection.request(
            "POST", f"/{words_of(connection.address.name)}/_mget", {"ids": ids[start : start + 16]}
        )
        for one in answer["docs"]:
            if not one.get("found"):
                raise EngineError(f"The list of {name} was replaced while it was read; ask again.")
            rows += json.loads(one["_source"]["content"]["rows"])
    return rows


def _id(generation: str, name: str, part: int) -> str:
    return f"{generation}:{name}:{part}"
