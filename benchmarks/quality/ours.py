"""zunda-mcp itself, by words and with the bundled model: its hits, and what that costs in time and space."""

from __future__ import annotations

import gc
import shutil
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.quality.judged import DEPTH, Key, Query
from zunda_mcp.answers import DEFAULT_LIMIT, DEFAULT_MAX_CHARS, SearchResult
from zunda_mcp.config.load import load_settings
from zunda_mcp.library import Library

PLAIN, SEMANTIC = "zunda-mcp", "zunda-mcp, semantic"
EMBEDDERS = {PLAIN: "none", SEMANTIC: "auto"}
_ROUNDS = 5
_WHOLE = 200_000
_WARMING = (
    "episodes about 音声合成を手元の計算機で動かす話"  # opens the index, and loads the model, which names do without
)


@dataclass
class Edition:
    """What one of the two did. ``first`` and ``again`` are seconds by query: asked first, and the fastest later."""

    build: float
    size: int
    answers: dict[str, list[Key]] = field(default_factory=dict)
    first: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)

    def costs(self) -> dict[str, float]:
        """In seconds and bytes."""
        first, again = sorted(self.first), sorted(self.again)
        return {"build": self.build, "size": self.size} | {
            "first50": _quantile(first, 0.5),
            "first95": _quantile(first, 0.95),
            "again50": _quantile(again, 0.5),
            "again95": _quantile(again, 0.95),
        }


def measure(names: Sequence[str], episodes: Sequence[Path], queries: Sequence[Query], out: Path) -> dict[str, Edition]:
    """Build and ask each of ``names``, in turns, on indexes made anew below ``out``.

    Timed is the question as a user asks it: ten hits, 6,000 characters. Scored are the first twenty.
    """
    editions = {}
    with ExitStack() as stack:
        libraries = {}
        for name in names:
            place = out / f"index-{EMBEDDERS[name]}"
            shutil.rmtree(place, ignore_errors=True)
            settings = load_settings(episodes=episodes, index=place, embedder=EMBEDDERS[name])
            library = libraries[name] = stack.enter_context(Library(settings))
            started = time.perf_counter()
            library.refresh()
            editions[name] = Edition(time.perf_counter() - started, _size(place))
            library.search(_WARMING)
        gc.collect()
        gc.freeze()
        taken: dict[str, list[list[float]]] = {name: [[] for _ in queries] for name in libraries}
        for turn in range(_ROUNDS):
            for at, query in enumerate(queries):
                order = [*libraries] if (turn + at) % 2 else [*reversed(libraries)]
                for name in order:
                    started = time.perf_counter()
                    _ask(libraries[name], query)
                    taken[name][at].append(time.perf_counter() - started)
        gc.unfreeze()
        for name, library in libraries.items():
            editions[name].first = [times[0] for times in taken[name]]
            editions[name].again = [min(times[1:]) for times in taken[name]]
            editions[name].answers = {query.id: _hits(library, query) for query in queries}
    return editions


def _hits(library: Library, query: Query) -> list[Key]:
    """The first twenty hits, over as many pages as it takes."""
    hits: list[Key] = []
    cursor: str | None = None
    while len(hits) < DEPTH:
        page = _ask(library, query, limit=DEPTH, cursor=cursor, max_chars=_WHOLE)
        hits += [(hit.episode_id, hit.url) for hit in page.hits]
        cursor = page.next_cursor
        if cursor is None or not page.hits:
            break
    return hits[:DEPTH]


def _ask(
    library: Library,
    query: Query,
    *,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
    max_chars: int = DEFAULT_MAX_CHARS,
) -> SearchResult:
    since, until, host, site = map(query.filters.get, ("since", "until", "host", "site"))
    return library.search(
        query.text, since=since, until=until, host=host, site=site, limit=limit, cursor=cursor, max_chars=max_chars
    )


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _size(folder: Path) -> int:
    """Bytes on disk: a file that two generations share (a hard link) counts once."""
    found = [path.stat() for path in folder.rglob("*") if path.is_file()]
    return sum({(file.st_dev, file.st_ino): file.st_size for file in found}.values())
