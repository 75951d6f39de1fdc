"""The table of docs/clients.md, made from the rows of a run; what stands around it is written by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from installing import BUILD, ROOT
from rows import Row

PAGE = ROOT / "docs" / "clients.md"
BEGIN, END = "<!-- rows: written by make clients -->", "<!-- end of rows -->"
_HEAD = "| client | version | over | era | what was done | result |\n| --- | --- | --- | --- | --- | --- |\n"


def write_report(rows: Sequence[Row], date: str, folder: Path = BUILD) -> Path:
    """All rows as JSON: ``{"date", "failed", "rows"}``."""
    path = folder / "report.json"
    found = {"date": date, "failed": sum(not row.ok for row in rows), "rows": [asdict(row) for row in rows]}
    path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path


def write_page(rows: Sequence[Row], date: str, page: Path = PAGE) -> None:
    """Put the table between the marks of the page."""
    before, rest = page.read_text(encoding="utf-8").split(BEGIN)
    _, after = rest.split(END)
    page.write_text(f"{before}{BEGIN}\n\n{table(rows, date)}\n{END}{after}", encoding="utf-8")


def table(rows: Sequence[Row], date: str) -> str:
    """A line for each client, transport and era, with all it did there; every failure has a line of its own."""
    groups: dict[tuple[str, str, str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.client, row.version, row.transport, row.era), []).append(row)
    lines = [_line(group) for group in groups.values()]
    broken = [f"- {row.client} {row.version}, {row.transport}, {row.done}: {row.detail}" for row in rows if not row.ok]
    good = sum(row.ok for row in rows)
    told = f"Run on {date}: {good} of {len(rows)} things done went right.\n\n{_HEAD}{''.join(lines)}"
    return told + ("\nNot right:\n\n" + "\n".join(broken) + "\n" if broken else "")


def _line(group: Sequence[Row]) -> str:
    first = group[0]
    done = "; ".join(_cell(f"{row.done} ({row.detail})" if row.ok and row.detail else row.done) for row in group)
    failed = [row.done for row in group if not row.ok]
    result = "ok" if not failed else "not: " + _cell("; ".join(failed))
    return f"| {first.client} | {first.version} | {first.transport} | {first.era} | {done} | {result} |\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
