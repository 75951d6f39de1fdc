"""One engine in its own process: builds, opens and answers as the driver asks, a line of JSON each way."""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.speed.corpus import Corpus
from benchmarks.speed.engines import load
from benchmarks.speed.queries import Query


def anonymous() -> float:
    """Private memory of this process in MB (Linux; elsewhere the greatest resident size)."""
    try:
        for line in Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Anonymous:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Serve one driver."""
    name, spec, folder = sys.argv[1], json.loads(sys.argv[2]), Path(sys.argv[3])
    corpus, engine = Corpus(**spec), load(name)
    queries: dict[str, list[Query]] = {}
    before = 0.0
    for line in sys.stdin:
        asked = json.loads(line)
        answer: dict[str, Any] = {}
        if asked["do"] == "build":
            started, cpu = time.perf_counter(), time.process_time()
            engine.build(corpus, folder)
            answer = {"seconds": time.perf_counter() - started, "cpu": time.process_time() - cpu}
            answer["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        elif asked["do"] == "open":
            queries = {name: [Query(**row) for row in rows] for name, rows in asked["queries"].items()}
            before = anonymous()
            started = time.perf_counter()
            engine.open(corpus, folder)
            answer = {"seconds": time.perf_counter() - started}
            gc.collect()
            gc.freeze()
        elif asked["do"] == "search":
            times: list[float] = []
            known = True
            try:
                for query in queries[asked["class"]]:
                    started = time.perf_counter()
                    engine.search(query)
                    times.append(time.perf_counter() - started)
            except NotImplementedError:
                known = False
            answer = {"times": times if known else None}
        elif asked["do"] == "matching":
            found = [engine.matching(query) for query in queries[asked["class"]]]
            answer = {"sets": [None if ids is None else sorted(ids) for ids in found]}
        elif asked["do"] == "memory":
            answer = {"more": anonymous() - before, "all": anonymous()}
        print(json.dumps(answer), flush=True)


main()
