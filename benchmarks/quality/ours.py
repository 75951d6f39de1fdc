"""zunda-mcp itself, by words and with the bundled model: its hits, and what that costs in time and space."""

from __future__ import annotations

import gc
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.quality.judged import DEPTH, Key, Query
from zunda_mcp.answers import SEARCH_MAX_CHARS, SearchResult
from zunda_mcp.config.load import load_settings
from zunda_mcp.library import Library

PLAIN, SEMANTIC = "zunda-mcp, words alone", "zunda-mcp"
EMBEDDERS = {PLAIN: "none", SEMANTIC: "auto"}
_ROUNDS = 5
_WHOLE = 200_000
_WARMING = (
    "episodes about 音声合成を手元の計算機で動かす話"  # opens the index, and loads the model, which names do without
)


@dataclass
class Edition:
    """One of the two, open. ``first`` and ``again`` are seconds by query: asked first, and the fastest later."""

    library: Library
    build: float
    size: int
    first: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)

    def ask(self, query: Query) -> list[Key]:
        """The first twenty hits, over as many pages as it takes."""
        hits: list[Key] = []
        cursor: str | None = None
        while len(hits) < DEPTH:
            page = _search(self.library, query, limit=DEPTH, cursor=cursor, max_chars=_WHOLE)
            hits += [(hit.episode_id, hit.url) for hit in page.hits]
            cursor = page.next_cursor
            if cursor is None or not page.hits:
                break
        return hits[:DEPTH]

    def reopen(self) -> None:
        """Open the same index anew, so that nothing that was asked is remembered."""
        self.library.close()
        self.library = Library(self.library.settings)

    def costs(self) -> dict[str, float]:
        """In seconds and bytes."""
        first, again = sorted(self.first), sorted(self.again)
        return {"build": self.build, "size": self.size} | {
            "first50": _quantile(first, 0.5),
            "first95": _quantile(first, 0.95),
            "again50": _quantile(again, 0.5),
            "again95": _quantile(again, 0.95),
        }


@contextmanager
def editions(names: Sequence[str], episodes: Sequence[Path], out: Path) -> Iterator[dict[str, Edition]]:
    """Each of ``names``, open over an index made anew below ``out``."""
    with ExitStack() as stack:
        opened = {}
        for name in names:
            place = out / f"index-{EMBEDDERS[name]}"
            shutil.rmtree(place, ignore_errors=True)
            settings = load_settings(episodes=episodes, index=place, embedder=EMBEDDERS[name])
            library = stack.enter_context(Library(settings))
            started = time.perf_counter()
            library.refresh()
            opened[name] = Edition(library, time.perf_counter() - started, _size(place))
        yield opened


def time_queries(opened: dict[str, Edition], queries: Sequence[Query]) -> None:
    """Ask all of ``opened`` in turns, as a user asks: with the default size of an answer."""
    for edition in opened.values():
        edition.library.search(_WARMING)
    gc.collect()
    gc.freeze()
    taken: dict[str, list[list[float]]] = {name: [[] for _ in queries] for name in opened}
    for turn in range(_ROUNDS):
        for at, query in enumerate(queries):
            order = [*opened] if (turn + at) % 2 else [*reversed(opened)]
            for name in order:
                started = time.perf_counter()
                _search(opened[name].library, query)
                taken[name][at].append(time.perf_counter() - started)
    gc.unfreeze()
    for name, edition in opened.items():
        edition.first = [times[0] for times in taken[name]]
        edition.again = [min(times[1:]) for times in taken[name]]


def _search(
    library: Library,
    query: Query,
    *,
    limit: int | None = None,
    cursor: str | None = None,
    max_chars: int = SEARCH_MAX_CHARS,
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
