"""``python -m benchmarks.start``: the first answer over stdio against a trivial server, and what imports cost."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.stdio import TRIVIAL, Client, served

_LINE = re.compile(r"import time:\s*(\d+) \|\s*(\d+) \| ( *)(\S+)")


def first_answer(command: list[str], tool: str) -> float:
    """Seconds from the start of the process to the answer of the first call."""
    started = time.perf_counter()
    with Client(command) as client:
        client.call(tool, query="TensorRT-LLM")
        return time.perf_counter() - started


def imports(command: list[str], tool: str) -> list[tuple[str, float]]:
    """The packages that cost most to import up to the first answer, with their own milliseconds."""
    with tempfile.TemporaryFile() as errors:  # a pipe that nobody reads meanwhile could fill
        with Client(command, errors, os.environ | {"PYTHONPROFILEIMPORTTIME": "1"}) as client:
            client.call(tool, query="TensorRT-LLM")
        errors.seek(0)
        lines = errors.read().decode("utf-8", "replace").splitlines()
    costs: dict[str, float] = {}
    for line in lines:
        if found := _LINE.match(line):
            package = found[4].split(".")[0]
            costs[package] = costs.get(package, 0.0) + int(found[1]) / 1000
    return sorted(costs.items(), key=lambda item: -item[1])


def main() -> None:
    """Measure and write ``start.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--out", type=Path, default=Path("build/bench"))
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    with served() as (command, _):
        taken: dict[str, list[float]] = {"zunda-mcp": [], "trivial": []}
        for _ in range(chosen.rounds):
            taken["zunda-mcp"].append(first_answer(command, "search_episodes"))
            taken["trivial"].append(first_answer(TRIVIAL, "nothing"))
        middle = {name: sorted(times)[len(times) // 2] for name, times in taken.items()}
        result: dict[str, Any] = {"median": middle, "ratio": middle["zunda-mcp"] / middle["trivial"], "all": taken}
        result["imports"] = imports(command, "search_episodes")[:15]
        result["trivial imports"] = imports(TRIVIAL, "nothing")[:15]
    (chosen.out / "start.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    sys.stderr.write(f"first answer: {middle}, ratio {result['ratio']:.2f}\n")


main()
