"""What a public server costs: pages and tool calls over HTTP with 1, 20 and 200 clients at once (docs/owners.md).

    python -m benchmarks.visitors

Starts one server over the first show and asks it with ``ab`` (Debian: ``apt install apache2-utils``), a program of C
that takes little of the machine it shares. Prints the table of the page, and a line of what the process took: processor
seconds and memory of ``/proc``, so on Linux. Times are only worth keeping from a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.stdio import served

_PAGE = "?q=MCP"
_CALL = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {
        "name": "search_episodes",
        "arguments": {"query": "MCP"},
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": {"name": "ab", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {},
        },
    },
}
_HEADERS = (
    "Accept: application/json, text/event-stream",
    "MCP-Protocol-Version: 2026-07-28",
    "Mcp-Method: tools/call",
    "Mcp-Name: search_episodes",
)
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def measure(clients: int, requests: int, address: str, *more: str) -> tuple[float, float]:
    """Requests a second, and the median wait in seconds. Exits where one failed."""
    command = ["ab", "-q", "-n", str(requests), "-c", str(clients), *more, address]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if re.search(r"Non-2xx", text) or int(re.findall(r"Failed requests: +(\d+)", text)[0]) > _lengths(text):
        sys.exit(f"requests failed:\n{text}")
    return float(re.findall(r"Requests per second: +([\d.]+)", text)[0]), int(re.findall(r"50% +(\d+)", text)[0]) / 1000


def _lengths(text: str) -> int:
    """How many answers had another length than the first, which ``ab`` takes for failures."""
    return sum(map(int, re.findall(r"Length: (\d+)", text)))


def _cost(process: int) -> tuple[float, int]:
    """Processor seconds so far, and memory in MB."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    (memory,) = re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text(encoding="ascii"))
    return (int(fields[11]) + int(fields[12])) / _TICKS, int(memory) // 1024


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Measure a public server with 1, 20 and 200 clients.")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 20, 200])
    parser.add_argument("--requests", type=int, default=600, help="of each kind, for each number of clients")
    arguments = parser.parse_args()
    with served() as (command, _), tempfile.TemporaryDirectory() as folder:
        call = Path(folder) / "call.json"
        call.write_text(json.dumps(_CALL), encoding="utf-8")
        how = ("-p", str(call), "-T", "application/json", *(part for header in _HEADERS for part in ("-H", header)))
        with subprocess.Popen([*command, "--http", "127.0.0.1:0"], stderr=subprocess.PIPE, text=True) as server:
            assert server.stderr
            address = re.findall(r"pages at (http://\S+/)", server.stderr.readline())[0]
            measure(1, 5, address + _PAGE)
            before, first = _cost(server.pid)
            rows, spent = [], []
            for what, place, more in (("page of a search", _PAGE, ()), ("tool call", "mcp", how)):
                results = [
                    measure(clients, arguments.requests, address + place, *more) for clients in arguments.clients
                ]
                rows.append([f"{what}, a second", *(f"{rate:.0f}" for rate, _ in results)])
                rows.append(["the median waits", *(f"{wait:.2g} s" for _, wait in results)])
                after, last = _cost(server.pid)
                spent.append((what, (after - before) / arguments.requests / len(results) * 1000))
                before = after
            server.terminate()
    print(f"load before and after: {os.getloadavg()[0]:.1f}\n")
    for row in (
        ["", *(f"{clients} clients" for clients in arguments.clients)],
        ["---"] * (len(arguments.clients) + 1),
        *rows,
    ):
        print(f"| {' | '.join(row)} |")
    print("\n" + ", ".join(f"{milliseconds:.1f} ms of processor for a {what}" for what, milliseconds in spent))
    print(f"memory: {first} MB at first, {last} MB at the end")


if __name__ == "__main__":
    main()
