"""``python -m benchmarks.speed``: build, open and search with every engine, one at a time, in turns."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.measurement import say, versions
from benchmarks.speed import corpus as corpora
from benchmarks.speed.change_latency import refreshing
from benchmarks.speed.engines import NAMES
from benchmarks.speed.queries import CLASSES, draw

_SLOW = {"stock Whoosh": 1, "plain scan": 10, "SQLite FTS5 trigram": 10, "bm25s": 10}
_REFRESHED = 10
_PACKAGES = ("zunda-mcp", "mcp", "whoosh3", "tantivy", "bm25s")
_AGREEING = ("one Japanese word", "all of two", "phrase")


class Worker:
    """A process with one engine."""

    def __init__(self, name: str, corpus: corpora.Corpus, folder: Path) -> None:
        command = [sys.executable, "-m", "benchmarks.speed.worker", name, json.dumps(asdict(corpus)), str(folder)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, **what: Any) -> dict[str, Any]:
        """One order and its answer. Raises ``RuntimeError`` where the process died."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            msg = "the engine's process ended"
            raise RuntimeError(msg)
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(60)


def measure(times: int, folder: Path, names: list[str], rounds: int, before: dict[str, Any]) -> dict[str, Any]:
    """All figures at one size. Engines with figures ``before`` and an index that is still there are not built again."""
    corpus = corpora.make(times, folder)
    say(f"{times}x: {corpus.episodes} episodes, {corpus.count} stories")
    result: dict[str, Any] = {"times": times, "stories": corpus.count, "episodes": corpus.episodes}
    result["reused"] = sorted(before)
    result |= {"reading": corpus.reading, "cutting": corpus.cutting, "engines": {}}
    indexes = {name: folder / f"{NAMES[name]}-{times}" for name in names if times <= _SLOW.get(name, 1000)}
    for name, place in indexes.items():
        if name in before and place.is_dir():
            result["engines"][name] = {key: before[name][key] for key in ("build", "size")}
            continue
        shutil.rmtree(place, ignore_errors=True)
        worker = Worker(name, corpus, place)
        figures: dict[str, Any] = {"build": worker.ask(do="build"), "size": size_of(place)}
        worker.close()
        result["engines"][name] = figures
        say(f"  {name}: built in {figures['build']['seconds']:.1f} s, {figures['size'] / 1e6:.1f} MB")
    queries = draw(corpus, 100 if times <= 10 else 50)
    sent = {kind: [asdict(query) for query in rows] for kind, rows in queries.items()}
    workers = {name: Worker(name, corpus, place) for name, place in indexes.items()}
    for name, worker in workers.items():
        result["engines"][name]["open"] = worker.ask(do="open", queries=sent)["seconds"]
        result["engines"][name]["classes"] = {}
    for kind in (kind for kind in CLASSES if kind in queries):
        taken: dict[str, list[list[float]]] = {name: [] for name in workers}
        for turn in range(rounds):
            order = list(workers)
            for name in order[turn % len(order) :] + order[: turn % len(order)]:
                times_taken = workers[name].ask(do="search", **{"class": kind})["times"]
                if times_taken is not None:
                    taken[name].append(times_taken)
        for name, runs in taken.items():
            if runs:
                warm = [min(column) for column in zip(*(runs[1:] or runs), strict=True)]
                row = {"p50": quantile(warm, 0.5), "p95": quantile(warm, 0.95)}
                row |= {"cold50": quantile(runs[0], 0.5), "cold95": quantile(runs[0], 0.95)}
                result["engines"][name]["classes"][kind] = row
        say(
            f"  {kind}: "
            + ", ".join(
                f"{n} {result['engines'][n]['classes'][kind]['p95'] * 1e3:.2f}"
                for n in taken
                if kind in result["engines"][n]["classes"]
            )
        )
    result["agreement"] = agreement(workers)
    for name, worker in workers.items():
        result["engines"][name]["memory"] = worker.ask(do="memory")
        worker.close()
    if times <= _REFRESHED:
        result["refresh"] = refreshing(corpus, folder / f"refresh-{times}")
    return result


def agreement(workers: dict[str, Worker]) -> dict[str, dict[str, float]]:
    """For classes whose answer is a set: the share of queries with the same set as FTS5, and with at least its set."""
    found = {}
    names = [name for name in ("zunda-mcp", "SQLite FTS5") if name in workers]
    if len(names) < 2:
        return {}
    for kind in _AGREEING:
        ours, theirs = (workers[name].ask(do="matching", **{"class": kind})["sets"] for name in names)
        pairs = [(set(a), set(b)) for a, b in zip(ours, theirs, strict=True)]
        found[kind] = {
            "same": sum(a == b for a, b in pairs) / len(pairs),
            "all of theirs": sum(a >= b for a, b in pairs) / len(pairs),
        }
    return found


def quantile(values: list[float], share: float) -> float:
    """The value below which ``share`` of ``values`` lie."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def size_of(folder: Path) -> int:
    """Bytes in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> None:
    """Measure and write ``speed-N.json`` for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 10], help="how many times the archive (1 10 100)")
    parser.add_argument("--engines", nargs="+", default=list(NAMES), choices=list(NAMES))
    parser.add_argument("--rounds", type=int, default=5, help="the first is cold, of the others the fastest counts")
    parser.add_argument("--out", type=Path, default=Path("build/bench"), help="where the figures go")
    parser.add_argument("--work", type=Path, help="where archives and indexes are made; default: a temporary folder")
    parser.add_argument("--reuse", action="store_true", help="keep indexes and their figures of the last run in --work")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.work or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        os.environ["ZUNDA_MCP_STATE"] = str(folder / "state")
        for times in chosen.sizes:
            rounds = chosen.rounds if times <= 10 else min(3, chosen.rounds)
            target = chosen.out / f"speed-{times}.json"
            known = chosen.reuse and target.is_file()
            before = json.loads(target.read_text(encoding="utf-8"))["engines"] if known else {}
            machine = versions(_PACKAGES) | {"cores": str(os.cpu_count())}
            result = measure(times, folder, chosen.engines, rounds, before) | {"versions": machine}
            target.write_text(json.dumps(result, indent=1), encoding="utf-8")
            say(f"  written: {target}")


main()
