"""``make bench-cluster``: the embedded engine and the same archive in a cluster, in one run.

Measures the rate of writing, and how long queries of several classes take at 1, 8 and 32 clients at once. Writes
``cluster-TIMES.json`` and prints it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.speed.corpus import Corpus, make
from benchmarks.speed.queries import Query, draw
from zunda_mcp.errors import EngineError
from zunda_mcp.library import Library


def main() -> None:
    """Measure the sizes that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", type=int, default=[1])
    parser.add_argument("--out", type=Path, default=Path("build/bench"))
    parser.add_argument("--engine", default=os.environ.get("ZUNDA_TEST_OPENSEARCH_URL"), help="the cluster's address")
    parser.add_argument("--clients", nargs="+", type=int, default=[1, 8, 32])
    parser.add_argument("--each", type=int, default=12, help="queries of each class")
    arguments = parser.parse_args()
    if not arguments.engine:
        sys.exit("Name a cluster with --engine or ZUNDA_TEST_OPENSEARCH_URL; `make cluster` starts one.")
    arguments.out.mkdir(parents=True, exist_ok=True)
    for times in arguments.sizes:
        measured = _measure(make(times, arguments.out), arguments, f"{arguments.engine}/bench-{times}")
        (arguments.out / f"cluster-{times}.json").write_text(json.dumps(measured, indent=1), encoding="utf-8")
        _print(measured)


def _measure(corpus: Corpus, arguments: argparse.Namespace, engine: str) -> dict[str, Any]:
    index = arguments.out / f"cluster-index-{corpus.times}"
    named: dict[str, Any] = {"index": index, "embedder": "none"}
    rows: dict[str, Any] = {"times": corpus.times, "stories": corpus.count, "load": os.getloadavg()[0]}
    with Library.open(corpus.folders, **named) as home:
        rows["index at home"] = _seconds(home.refresh)
    with Library.open(corpus.folders, engine=engine, **named) as writing:
        rows["write to the cluster"] = _seconds(writing.refresh)
        rows["nothing changed"] = _seconds(writing.refresh)
    queries = [query for some in draw(corpus, arguments.each).values() for query in some[: arguments.each]]
    with Library.open(corpus.folders, **named) as home, Library.open((), engine=engine, embedder="none") as remote:
        for name, library in (("embedded", home), ("cluster", remote)):
            for clients in arguments.clients:
                rows[f"{name}, {clients} clients"] = _asked_by(library, queries, clients)
    return rows


def _asked_by(library: Library, queries: list[Query], clients: int) -> dict[str, float]:
    """p50 and p95 in milliseconds, and answers a second, of so many clients at once; each query twice, the first time
    unseen.
    """

    def ask(query: Query) -> float | None:
        text = query.text or " ".join(f'"{word}"' if query.phrase else word for word in query.words)
        begun = time.perf_counter()
        try:
            library.search(text if query.every or query.text else text.replace(" ", " OR "))
        except EngineError:
            return None
        return time.perf_counter() - begun

    begun = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        taken = list(pool.map(ask, [*queries, *queries]))
    whole = time.perf_counter() - begun
    good = sorted(one for one in taken if one is not None)
    return {
        "p50 ms": 1000 * good[len(good) // 2],
        "p95 ms": 1000 * good[int(len(good) * 0.95)],
        "a second": len(good) / whole,
        "refused": len(taken) - len(good),
    }


def _seconds(run: Any) -> float:
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def _print(rows: dict[str, Any]) -> None:
    for name, value in rows.items():
        shown = value if not isinstance(value, dict) else ", ".join(f"{k} {v:.1f}" for k, v in value.items())
        print(f"{name}: {shown:.2f}" if isinstance(shown, float) else f"{name}: {shown}")


if __name__ == "__main__":
    main()
