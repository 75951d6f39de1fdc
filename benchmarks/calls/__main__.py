"""``python -m benchmarks.calls``: a search against a no-op tool, and memory and handles over 10,000 mixed calls."""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.speed.corpus import Corpus
from benchmarks.speed.queries import draw
from benchmarks.stdio import TRIVIAL, Client, served

_SAMPLED = 500
_EARLY = (1, 100)


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


def long_day(command: list[str], corpus: Corpus, calls: int) -> list[dict[str, float]]:
    """Megabytes and open handles of the server after each so many calls, as an assistant makes them."""
    chance = random.Random(5)
    pick = chance.choice
    queries = draw(corpus, 100)
    words = [query.text or " ".join(query.words) for rows in queries.values() for query in rows]
    stories = list(corpus.read())
    details, sorts = ("titles", "snippets", "full"), ("relevance", "oldest", "newest")

    def name() -> str:
        return re.escape(pick(words).split()[0])

    kinds: list[tuple[int, str, Callable[[], dict[str, Any]]]] = [
        (45, "search_episodes", lambda: {"query": pick(words)}),
        (10, "search_episodes", lambda: {"query": name(), "detail": pick(details), "sort": pick(sorts)}),
        (12, "find_text", lambda: {"pattern": name()}),
        (13, "get_episode", lambda: {"id": pick(stories).id}),
        (5, "list_topics", lambda: {"query": pick(words).split()[0]}),
        (5, "topic_timeline", lambda: {"topic": pick(words)}),
        (4, "check_quote", lambda: {"quote": pick(stories).plain[:60]}),
        (4, "find_related", lambda: {"id": pick(stories).id}),
        (2, "search_episodes", lambda: {"query": "x", "since": "yesteryear", "wrong": 1}),
    ]
    samples = []
    with Client(command) as client:
        for number in range(calls + 1):
            if number % _SAMPLED == 0 or number in _EARLY:
                samples.append({"calls": number, **_held(client.process.pid)})
            _, tool, arguments = chance.choices(kinds, [weight for weight, *_ in kinds])[0]
            client.call(tool, **arguments())
    return samples


def _held(process: int) -> dict[str, float]:
    """What the system says that a process holds: ``resident`` (with files it shares) and ``private`` megabytes."""
    folder = Path(f"/proc/{process}")
    rows = (line.split() for line in (folder / "smaps_rollup").read_text(encoding="ascii").splitlines()[1:])
    sizes = {row[0].rstrip(":"): int(row[1]) / 1024 for row in rows}
    private = sizes["Private_Clean"] + sizes["Private_Dirty"]
    return {"resident": sizes["Rss"], "private": private, "handles": sum(1 for _ in (folder / "fd").iterdir())}


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
    (chosen.out / "calls.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    sys.stderr.write(f"{result['samples'][0]} … {result['samples'][-1]}\n")


main()
