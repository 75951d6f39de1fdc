"""``python -m benchmarks.calls``: a search against a no-op tool, and memory and handles over 10,000 mixed calls."""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.speed.corpus import Corpus
from benchmarks.speed.queries import draw
from benchmarks.stdio import TRIVIAL, Client, served

_SAMPLED = 500
_WARM = 1000


def over_a_no_op(command: list[str], corpus: Corpus, rounds: int = 3) -> dict[str, float]:
    """Milliseconds of ``search_episodes``, of a tool that does nothing on the SDK, and of our own ping."""
    queries = draw(corpus, 100)
    asked = [
        " ".join(query.words)
        for name in ("one Latin name", "one Japanese word", "all of two")
        for query in queries[name]
    ]
    with Client(command) as client, Client(TRIVIAL) as trivial:
        calls: dict[str, Callable[[str], object]] = {
            "search": lambda text: client.call("search_episodes", query=text),
            "no-op": lambda text: trivial.call("nothing", query=text),
            "ping": lambda text: client.ask("ping"),
        }
        taken = {name: [float("inf")] * len(asked) for name in calls}
        for _ in range(rounds):
            for i, text in enumerate(asked):
                for name, call in calls.items():
                    started = time.perf_counter()
                    call(text)
                    taken[name][i] = min(taken[name][i], (time.perf_counter() - started) * 1e3)
    return {
        f"{name} {label}": sorted(times)[int(share * len(times))]
        for name, times in taken.items()
        for label, share in (("p50", 0.5), ("p95", 0.95))
    }


def long_day(command: list[str], corpus: Corpus, calls: int) -> list[tuple[int, float, int]]:
    """Resident megabytes and open handles after each so many mixed calls."""
    chance = random.Random(5)
    queries = draw(corpus, 100)
    words = [" ".join(query.words) for rows in queries.values() for query in rows]
    ids = [story.id for story in corpus.read()]
    samples = []
    with Client(command) as client:
        for number in range(calls + 1):
            if number % _SAMPLED == 0:
                samples.append((number, *_held(client.process.pid)))
            kind = chance.random()
            if kind < 0.6:
                client.call("search_episodes", query=chance.choice(words))
            elif kind < 0.75:
                client.call("get_episode", id=chance.choice(ids))
            elif kind < 0.83:
                client.call("list_topics", query=chance.choice(words).split()[0])
            elif kind < 0.91:
                client.call("topic_timeline", topic=chance.choice(words).split()[0])
            elif kind < 0.97:
                client.call("find_related", id=chance.choice(ids))
            else:
                client.call("search_episodes", query="x", since="yesteryear", wrong=1)
    return samples


def _held(process: int) -> tuple[float, int]:
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    return resident / 1024, sum(1 for _ in Path(f"/proc/{process}/fd").iterdir())


def main() -> None:
    """Measure and write ``calls.json``. Needs Linux for memory and handles."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--out", type=Path, default=Path("build/bench"))
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    with served() as (command, corpus):
        result: dict[str, Any] = {"times": over_a_no_op(command, corpus)}
        sys.stderr.write(f"{result['times']}\n")
        result["samples"] = long_day(command, corpus, chosen.calls)
        warm = [row for row in result["samples"] if row[0] >= _WARM]
        result["growth"] = {"MB": warm[-1][1] - warm[0][1], "handles": warm[-1][2] - warm[0][2]}
    (chosen.out / "calls.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    sys.stderr.write(f"{result['samples'][0]} … {result['samples'][-1]}, growth {result['growth']}\n")


main()
