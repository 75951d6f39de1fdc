"""``python -m benchmarks.start``: the first answer over stdio against a trivial server, and what imports cost."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.speed.corpus import make
from benchmarks.stdio import TRIVIAL, Client, ours

_LINE = re.compile(r"import time:\s*(\d+) \|\s*(\d+) \| ( *)(\S+)")


def first_answer(command: list[str], tool: str) -> float:
    """Seconds from the start of the process to the answer of the first call."""
    started = time.perf_counter()
    with Client(command) as client:
        client.call(tool, query="TensorRT-LLM")
        return time.perf_counter() - started


def imports(command: list[str], tool: str) -> list[tuple[str, float]]:
    """The packages that cost most to import up to the first answer, with their own milliseconds."""
    environ = os.environ | {"PYTHONPROFILEIMPORTTIME": "1"}
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ, text=True
    )
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}
    lines = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": tool, "arguments": {"query": "LLM"}}},
    ]
    assert process.stdin
    assert process.stdout
    process.stdin.write("".join(json.dumps(line) + "\n" for line in lines))
    process.stdin.flush()
    for answer in process.stdout:
        if json.loads(answer).get("id") == 2:
            break
    process.stdin.close()
    assert process.stderr
    costs: dict[str, float] = {}
    for line in process.stderr:
        if found := _LINE.match(line):
            package = found[4].split(".")[0]
            costs[package] = costs.get(package, 0.0) + int(found[1]) / 1000
    process.wait(20)
    return sorted(costs.items(), key=lambda item: -item[1])


def main() -> None:
    """Measure and write ``start.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--out", type=Path, default=Path("build/bench"))
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        os.environ["ZUNDA_MCP_STATE"] = str(folder / "state")
        corpus = make(1, folder)
        served = ours(corpus.folders, folder / "index")
        subprocess.run([*served[:3], "index", *served[4:]], check=True, stdout=subprocess.DEVNULL)
        taken: dict[str, list[float]] = {"zunda-mcp": [], "trivial": []}
        for _ in range(chosen.rounds):
            taken["zunda-mcp"].append(first_answer(served, "search_episodes"))
            taken["trivial"].append(first_answer(TRIVIAL, "nothing"))
        middle = {name: sorted(times)[len(times) // 2] for name, times in taken.items()}
        result: dict[str, Any] = {"median": middle, "ratio": middle["zunda-mcp"] / middle["trivial"], "all": taken}
        result["imports"] = imports(served, "search_episodes")[:15]
        result["trivial imports"] = imports(TRIVIAL, "nothing")[:15]
    (chosen.out / "start.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    sys.stderr.write(f"first answer: {middle}, ratio {result['ratio']:.2f}\n")


main()
