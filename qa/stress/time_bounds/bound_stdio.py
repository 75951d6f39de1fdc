"""A real server over stdio, asked the worst sixteen times at once: another question is answered meanwhile."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from typing import Any

from outcome import Outcome, Plan

PATIENCE = 20.0
_BUSY = 16
_OPENING = 120.0


def check(plan: Plan, outcome: Outcome) -> None:
    """Sixteen of the worst calls, one plain one behind them, and a ping."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ZUNDA_MCP_")}
    environ |= {"ZUNDA_MCP_EMBEDDER": "none", "ZUNDA_MCP_STATE": str(plan.scratch / "state")}
    command = [
        sys.executable,
        "-m",
        "zunda_mcp",
        "serve",
        "--episodes",
        str(plan.archive),
        "--index",
        str(plan.scratch / "served"),
    ]
    heard: queue.Queue[dict[str, Any]] = queue.Queue()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environ
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        stdin, stdout = process.stdin, process.stdout

        def listen() -> None:
            for line in stdout:
                heard.put(json.loads(line))

        threading.Thread(target=listen, daemon=True).start()

        def say(identity: object, method: str, **params: Any) -> None:
            stdin.write(
                json.dumps({"jsonrpc": "2.0", "id": identity, "method": method, "params": params}).encode() + b"\n"
            )
            stdin.flush()

        def call(identity: object, query: str, **more: Any) -> None:
            say(identity, "tools/call", name="search_episodes", arguments={"query": query, **more})

        try:
            client = {"name": "bounds", "version": "1"}
            say("hello", "initialize", protocolVersion="2025-06-18", capabilities={}, clientInfo=client)
            call("open", "生成AI")
            _all(heard, {"hello", "open"}, _OPENING)
            worst = ("ア" * 2000, "豆" * 2000, " ".join(f"w{n}" for n in range(400)), "\ufdfa" * 2000)
            started = time.monotonic()
            for number in range(_BUSY):
                call(f"busy{number}", worst[number % len(worst)], limit=50, max_chars=100_000)
            say("ping", "ping")
            call("plain", "生成AI")
            expected = {"ping", "plain", *(f"busy{number}" for number in range(_BUSY))}
            times = _all(heard, expected, 2 * PATIENCE)
            outcome.cases += len(expected)
            for name in ("ping", "plain"):
                outcome.figures[f"{name} behind sixteen of the worst, ms"] = round(1000 * (times[name] - started))
            outcome.figures["the last of sixteen of the worst at once, ms"] = round(
                1000 * (max(times.values()) - started)
            )
            if times["plain"] - started > PATIENCE:
                outcome.failures.append("a plain question waited longer than twenty seconds behind sixteen others")
        except (queue.Empty, OSError) as error:
            outcome.failures.append(f"a server that was asked the worst stopped answering: {error!r}")
        finally:
            process.kill()


def _all(heard: queue.Queue[dict[str, Any]], wanted: set[str], patience: float) -> dict[str, float]:
    """When each of the wanted answers came."""
    times: dict[str, float] = {}
    end = time.monotonic() + patience
    while wanted - times.keys():
        answer = heard.get(timeout=max(0.01, end - time.monotonic()))
        times[str(answer.get("id"))] = time.monotonic()
    return times
