"""``make bench-cluster``: the embedded engine and the same archive in a cluster, in one run.

Measures the rate of writing, what the index takes, and how long queries of several classes take at 1, 8 and 32 clients
at once; with ``--kill`` once more while a node of the cluster of ``make cluster`` is killed and started again. Writes
``cluster-TIMES.json`` and prints it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

from benchmarks.speed.corpus import Corpus, make
from benchmarks.speed.queries import Query, draw
from zunda_mcp.engine.opensearch.connection import Address, Connection
from zunda_mcp.errors import EngineError
from zunda_mcp.library import Library

sys.path.append(str(Path(__file__).resolve().parents[1] / "qa" / "cluster"))

from running_cluster import CACHE, RunningCluster

_KILLED_AFTER, _BACK_AFTER = 2.0, 10.0
"""Seconds from the first question on."""


def main() -> None:
    """Measure the sizes that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", type=int, default=[1])
    parser.add_argument("--out", type=Path, default=Path("build/bench"))
    parser.add_argument("--engine", default=os.environ.get("ZUNDA_TEST_OPENSEARCH_URL"), help="the cluster's address")
    parser.add_argument("--clients", nargs="+", type=int, default=[1, 8, 32])
    parser.add_argument("--each", type=int, default=12, help="queries of each class")
    parser.add_argument("--kill", action="store_true", help="kill a node while questions are asked")
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
        rows["index at home, s"] = _seconds(home.refresh)
    with Library.open(corpus.folders, engine=engine, **named) as writing:
        rows["write to the cluster, s"] = _seconds(writing.refresh)
        rows["nothing changed, s"] = _seconds(writing.refresh)
    rows |= _taken(engine)
    drawn = draw(corpus, arguments.each)
    queries = [(name, query) for name, some in drawn.items() for query in some[: arguments.each]]
    with Library.open(corpus.folders, **named) as home, Library.open((), engine=engine, embedder="none") as asked:
        for name, library in (("embedded", home), ("cluster", asked)):
            for clients in arguments.clients:
                rows[f"{name}, {clients} clients"] = _asked_by(library, queries, clients)
    if arguments.kill:
        with Library.open((), engine=engine, embedder="none") as asked, _one_killed():
            rows["cluster, 8 clients, a node killed"] = _asked_by(asked, queries, 8)
    rows["load at the end"] = os.getloadavg()[0]
    return rows


def _taken(engine: str) -> dict[str, Any]:
    """What the index takes in the cluster, and how much of its heap each node uses."""
    connection = Connection(Address.parse(engine))
    stored = connection.request("GET", f"/{connection.address.name}/_stats/store,docs")["_all"]["primaries"]
    nodes = connection.request("GET", "/_nodes/stats/jvm")["nodes"].values()
    connection.close()
    documents = stored["docs"]["count"]
    return {
        "documents": documents,
        "bytes a document": stored["store"]["size_in_bytes"] / documents,
        "heap used, MB": [node["jvm"]["mem"]["heap_used_in_bytes"] // 1_000_000 for node in nodes],
    }


@contextmanager
def _one_killed() -> Iterator[None]:
    """A node of the cluster of `make cluster` is killed meanwhile, and comes back."""
    cluster = RunningCluster.load(CACHE / "running.json")
    node = cluster.nodes[-1]

    def fail() -> None:
        time.sleep(_KILLED_AFTER)
        cluster.kill(node)
        time.sleep(_BACK_AFTER - _KILLED_AFTER)
        cluster.start_node(node)
        cluster.save_again()

    failing = threading.Thread(target=fail)
    failing.start()
    try:
        yield
    finally:
        failing.join()
        cluster.wait_for("green", nodes=len(cluster.nodes))


def _asked_by(library: Library, queries: Sequence[tuple[str, Query]], clients: int) -> dict[str, Any]:
    """p50 and p95 in milliseconds, and answers a second, of so many clients at once: of queries that are unseen at
    first and then seen, and of one client also by class.
    """

    def ask(asked: tuple[str, Query]) -> tuple[str, float | None]:
        name, query = asked
        text = query.text or " ".join(f'"{word}"' if query.phrase else word for word in query.words)
        begun = time.perf_counter()
        try:
            library.search(text if query.every or query.text else text.replace(" ", " OR "))
        except EngineError:
            return name, None
        return name, 1000 * (time.perf_counter() - begun)

    library.search("")  # what is opened once is not of a question
    begun = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        unseen = list(pool.map(ask, queries))
        seen = list(pool.map(ask, queries))
    whole = time.perf_counter() - begun
    measured: dict[str, Any] = {
        "unseen": _percentiles(taken for _, taken in unseen),
        "seen": _percentiles(taken for _, taken in seen),
        "a second": (len(unseen) + len(seen)) / whole,
        "refused": sum(taken is None for _, taken in (*unseen, *seen)),
    }
    if clients == 1:
        classes = groupby(unseen, key=lambda one: one[0])
        measured["unseen, by class"] = {name: _percentiles(taken for _, taken in some) for name, some in classes}
    return measured


def _percentiles(taken: Iterator[float | None]) -> dict[str, float]:
    good = sorted(one for one in taken if one is not None)
    return {"p50": good[len(good) // 2], "p95": good[int(len(good) * 0.95)]} if good else {}


def _seconds(run: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


def _print(rows: Mapping[str, Any], indent: str = "") -> None:
    for name, value in rows.items():
        if isinstance(value, Mapping):
            print(f"{indent}{name}:")
            _print(value, f"{indent}  ")
        else:
            print(f"{indent}{name}: {value:.1f}" if isinstance(value, float) else f"{indent}{name}: {value}")


if __name__ == "__main__":
    main()
