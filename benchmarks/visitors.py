"""What a public server costs: pages and tool calls over HTTP with 1, 20 and 200 clients at once.

    python -m benchmarks.visitors --docs docs

Starts one server over the first show and asks it with ``ab`` (Debian: ``apt install apache2-utils``), a program of C
that takes little of the machine it shares. Prints what it measured, and with ``--docs`` writes it into ``owners.md`` in
both languages. Processor seconds and memory are those of ``/proc``, so on Linux. Times are only worth keeping from a
machine that does nothing else.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

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


_PAGE_TEXTS = {
    "owners.md": (
        "Measured on {day} with the {episodes:,} episodes and {stories:,} stories of a real show, on {cores} cores; the"
        " load before was {load:.1f}:",
        "{n} clients",
        ("pages of a search, a second", "the median visitor waits", "tool calls of assistants, a second",
         "the median assistant waits"),
        "{:.2g} s",
        "A page takes {page:.0f} ms of one core, a call {call:.0f} ms; none of {asked:,} requests failed. The process"
        " had {first} MB at first and {last} MB at the end.",
    ),
    "ja/owners.md": (
        "{day} に、実際の番組の{episodes:,}回、{stories:,}件の記事で、"
        "{cores}コアの機械で測りました(始める前のロードは{load:.1f})。",
        "{n}人",
        ("検索のページ、毎秒", "待ち時間の中央値", "アシスタントのツール呼び出し、毎秒", "待ち時間の中央値"),
        "{:.2g} 秒",
        "ページ一つに1コアで{page:.0f}ミリ秒、呼び出し一つに{call:.0f}ミリ秒かかり、{asked:,}回のうち失敗はありませんでした。"
        "プロセスのメモリーは、はじめ{first} MB、終わりに{last} MBでした。",
    ),
}  # fmt: skip
"""What each page says of the figures: before the table, its columns and rows, a wait, and after it."""
_BLOCK = re.compile(r"(<!-- written by benchmarks\.visitors -->\n).*?(<!-- end -->)", re.DOTALL)


class Measured(NamedTuple):
    """Requests a second and the median wait, by what is asked and by the number of clients; and the other facts."""

    clients: Sequence[int]
    results: Sequence[Sequence[tuple[float, float]]]
    facts: Mapping[str, object]


def visit(clients: Sequence[int], requests: int) -> Measured:
    """Measure one server with all numbers of clients. Exits where a request failed."""
    load = os.getloadavg()[0]
    with served() as (command, corpus), tempfile.TemporaryDirectory() as folder:
        call = Path(folder) / "call.json"
        call.write_text(json.dumps(_CALL), encoding="utf-8")
        how = ("-p", str(call), "-T", "application/json", *(part for header in _HEADERS for part in ("-H", header)))
        with subprocess.Popen([*command, "--http", "127.0.0.1:0"], stderr=subprocess.PIPE, text=True) as server:
            assert server.stderr
            address = re.findall(r"pages at (http://\S+/)", server.stderr.readline())[0]
            measure(1, 5, address + _PAGE)
            before, first = _cost(server.pid)
            last, spent, rows = first, list[float](), []
            for place, more in ((_PAGE, ()), ("mcp", how)):
                rows.append([measure(number, requests, address + place, *more) for number in clients])
                after, last = _cost(server.pid)
                spent.append((after - before) / requests / len(clients) * 1000)
                before = after
            server.terminate()
    day = dt.datetime.now().astimezone().date()
    facts = {"day": day, "load": load, "cores": os.cpu_count(), "page": spent[0], "call": spent[1], "first": first}
    facts |= {"last": last, "episodes": corpus.episodes, "stories": corpus.count}
    return Measured(clients, rows, facts | {"asked": 2 * requests * len(clients)})


def block(measured: Measured, page: str) -> str:
    """What a page has of the figures."""
    before, column, names, wait, after = _PAGE_TEXTS[page]
    rows = [["", *(column.format(n=number) for number in measured.clients)], ["---"] * (len(measured.clients) + 1)]
    for at, results in enumerate(measured.results):
        rows.append([names[2 * at], *(f"{rate:,.0f}" for rate, _ in results)])
        rows.append([names[2 * at + 1], *(wait.format(seconds) for _, seconds in results)])
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows).replace("|  |", "| |")
    lines = [*textwrap.wrap(before.format(**measured.facts), 120), "", table, ""]
    lines += textwrap.wrap(after.format(**measured.facts), 120 if page == "owners.md" else 62)
    return "\n".join(lines).replace("1 clients", "1 client")


def main() -> None:
    """Print the figures, or write them into the pages."""
    parser = argparse.ArgumentParser(description="Measure a public server with 1, 20 and 200 clients.")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 20, 200])
    parser.add_argument("--requests", type=int, default=600, help="of each kind, for each number of clients")
    parser.add_argument("--docs", type=Path, help="the folder of the documents that get the figures")
    arguments = parser.parse_args()
    measured = visit(arguments.clients, arguments.requests)
    print(block(measured, "owners.md"))
    for page in _PAGE_TEXTS if arguments.docs else ():
        file = arguments.docs / page
        figures = block(measured, page).replace("\\", r"\\")
        text, times = _BLOCK.subn(rf"\1\n{figures}\n\n\2", file.read_text(encoding="utf-8"))
        assert times == 1, f"{file} has no place for the figures"
        file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
