"""``make bench-cluster``: the embedded engine and the same archive in a cluster, in one run.

Measures what writing takes, what the index takes, and how long queries of several classes take at 1, 8 and 32 clients;
with ``--kill`` once more while a node of the cluster of ``make cluster`` is killed and started again. Beside each
time stand the load of the machine and the seconds of processor that this process and the nodes took: these are the same
however busy the machine is, so that costs can be compared. Writes ``cluster-TIMES.json`` and prints it, and for several
sizes how the costs grow.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.speed.corpus import Corpus, make
from benchmarks.speed.queries import Query, draw
from zunda_mcp.engine.opensearch.connection import ClusterAddress, Connection
from zunda_mcp.errors import EngineError
from zunda_mcp.library import Library

sys.path.append(str(Path(__file__).resolve().parents[1] / "qa" / "cluster"))

from running_cluster import CACHE, RunningCluster

_KILLED_AFTER, _BACK_AFTER = 2.0, 10.0
"""Seconds from the first question on."""

Asked = tuple[str, Query]
Rows = dict[str, Any]
_T = TypeVar("_T")


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
    measured = []
    for times in arguments.sizes:
        cluster = Cluster(f"{arguments.engine}/bench-{times}")
        measured.append(_measure(make(times, arguments.out), arguments, cluster))
        (arguments.out / f"cluster-{times}.json").write_text(json.dumps(measured[-1], indent=1), encoding="utf-8")
        _print(measured[-1])
        cluster.connection.close()
    for first, second in pairwise(measured):
        print(f"from {first['documents']:,} to {second['documents']:,} documents, cost grows with the power of")
        _print(_growth(first, second), "  ")


class Cluster:
    """What is asked of a cluster beside questions."""

    def __init__(self, engine: str) -> None:
        self.engine = engine
        self.connection = Connection(ClusterAddress.parse(engine))

    def cpu(self) -> float:
        """The seconds of processor that its nodes took since they were started; less by those of a node that ended."""
        nodes = self.connection.request("GET", "/_nodes/stats/process")["nodes"].values()
        return float(sum(node["process"]["cpu"]["total_in_millis"] for node in nodes) / 1000)

    def taken(self) -> Rows:
        """What the index takes, and how much of its heap each node uses."""
        name, request = self.connection.address.name, self.connection.request
        request("POST", f"/{name}/_refresh")
        documents = request("GET", f"/{name}/_stats/store,docs")["_all"]["primaries"]
        words = request("GET", f"/{name}.words/_stats/store,docs")["_all"]["primaries"]
        nodes = request("GET", "/_nodes/stats/jvm")["nodes"].values()
        return {
            "documents": documents["docs"]["count"],
            "bytes a document": documents["store"]["size_in_bytes"] / documents["docs"]["count"],
            "words": words["docs"]["count"],
            "bytes of words": words["store"]["size_in_bytes"],
            "heap used, MB": [node["jvm"]["mem"]["heap_used_in_bytes"] // 1_000_000 for node in nodes],
        }


def _measure(corpus: Corpus, arguments: argparse.Namespace, cluster: Cluster) -> Rows:
    index = arguments.out / f"cluster-index-{corpus.times}"
    named: Rows = {"index": index, "embedder": "none"}
    rows: Rows = {"times": corpus.times, "stories": corpus.count}
    rows["characters a story"] = sum(len(story.plain) for story in corpus.read()) / corpus.count
    with Library.open(corpus.folders, **named) as home:
        rows["index at home"] = _cost(home.refresh, cluster)[1]
    rows["bytes at home"] = sum(file.stat().st_size for file in index.rglob("*") if file.is_file())
    with Library.open(corpus.folders, engine=cluster.engine, **named) as writing:
        rows["write to the cluster"] = _cost(writing.refresh, cluster)[1]
        rows["nothing changed"] = _cost(writing.refresh, cluster)[1]
    rows["most memory of this process, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000
    rows |= cluster.taken()
    drawn = draw(corpus, 2 * arguments.each)
    queries = [(name, query) for name, some in drawn.items() for query in some[: arguments.each]]
    others = [(name, query) for name, some in drawn.items() for query in some[arguments.each : 2 * arguments.each]]

    def measured(clients: int, some: Sequence[Asked], **where: Any) -> Rows:
        """What one library says that was just opened, so that no query was seen."""
        with Library.open(embedder="none", **where) as library:
            library.search("")  # what is opened once is not of a question
            return _asked_by(library, some, clients, cluster)

    near: Rows = {"episodes": corpus.folders, "index": index}
    far: Rows = {"episodes": (), "engine": cluster.engine}
    measured(8, others, **far)  # a node that was just started is several times slower
    for name, where in (("embedded", near), ("cluster", far)):
        rows |= {f"{name}, {clients} clients": measured(clients, queries, **where) for clients in arguments.clients}
    rows["cluster, by class"] = {
        name: measured(1, list(some), **far)["unseen"] for name, some in groupby(queries, key=lambda one: one[0])
    }
    if arguments.kill:
        with Library.open((), engine=cluster.engine, embedder="none") as asked, _one_killed():
            rows["cluster, 8 clients, a node killed"] = _asked_by(asked, queries, 8, None)
    return rows


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


def _asked_by(library: Library, queries: Sequence[Asked], clients: int, cluster: Cluster | None) -> Rows:
    """What queries cost so many clients at once, unseen at first and then seen: p50 and p95 in milliseconds, answers a
    second, and what ``_cost`` counts, each for one answer.
    """

    def ask(asked: Asked) -> float | None:
        _, query = asked
        text = query.text or " ".join(f'"{word}"' if query.phrase else word for word in query.words)
        begun = time.perf_counter()
        try:
            library.search(text if query.every or query.text else text.replace(" ", " OR "))
        except EngineError:
            return None
        return 1000 * (time.perf_counter() - begun)

    result: Rows = {}
    for name in ("unseen", "seen"):
        with ThreadPoolExecutor(clients) as pool:
            taken, cost = _cost(lambda: list(pool.map(ask, queries)), cluster)
        result[name] = _percentiles(taken) | {
            "answers a second": len(queries) / cost["s"],
            "processor here, ms": 1000 * cost["processor here, s"] / len(queries),
            "processor of the nodes, ms": 1000 * cost["processor of the nodes, s"] / len(queries),
            "refused": sum(one is None for one in taken),
            "load": cost["load"],
        }
    return result


def _percentiles(taken: Iterable[float | None]) -> dict[str, float]:
    good = sorted(one for one in taken if one is not None)
    return {"p50": good[len(good) // 2], "p95": good[int(len(good) * 0.95)]} if good else {}


def _cost(run: Callable[[], _T], cluster: Cluster | None) -> tuple[_T, dict[str, float]]:
    """What something returns, and the seconds that it takes, seconds of processor of this process and of the nodes, and
    the load at its end.
    """
    nodes, own, begun = cluster.cpu() if cluster else 0.0, time.process_time(), time.perf_counter()
    result = run()
    taken, own = time.perf_counter() - begun, time.process_time() - own
    nodes = (cluster.cpu() if cluster else 0.0) - nodes
    counted = {"s": taken, "processor here, s": own, "processor of the nodes, s": nodes, "load": os.getloadavg()[0]}
    return result, counted


def _growth(first: Rows, second: Rows) -> dict[str, float]:
    """The slope on logarithmic scales of each cost between two sizes, by the number of documents."""
    wider = math.log(second["documents"] / first["documents"])

    def flat(rows: Mapping[str, Any], name: str = "") -> Iterator[tuple[str, float]]:
        for key, value in rows.items():
            if isinstance(value, Mapping):
                yield from flat(value, f"{name}{key}, ")
            elif isinstance(value, float | int) and not key.endswith(("load", "refused", "times", "documents")):
                yield f"{name}{key}", value

    before = dict(flat(first))
    return {
        name: math.log(value / before[name]) / wider
        for name, value in flat(second)
        if value > 0 and before.get(name, 0) > 0
    }


def _print(rows: Mapping[str, Any], indent: str = "") -> None:
    for name, value in rows.items():
        if isinstance(value, Mapping):
            print(f"{indent}{name}:")
            _print(value, f"{indent}  ")
        else:
            print(f"{indent}{name}: {value:,.2f}" if isinstance(value, float) else f"{indent}{name}: {value}")


if __name__ == "__main__":
    main()
