"""``make clients``: what others wrote, asked to use this server. Installs once, then runs without a network.

Prints a row for everything done, writes build/clients/report.json and the table of docs/clients.md, and exits with 1
where something failed, with 2 where a client could not be installed or a server not started.
"""

from __future__ import annotations

import argparse
import datetime as dt
import secrets
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace

from clients_page import write_page, write_report
from conforming import with_fixtures, without_fixtures
from health import check_health
from inspecting import inspect
from installing import BUILD, InstallError, install
from rows import Row
from serving import STDIO, Door, ServingError, build_index, fixtures_over_http, growing_archive, over_http
from visiting import hear, visit, visitors


def _conformance() -> Iterator[Row]:
    with fixtures_over_http() as url:
        yield from with_fixtures(url)
    with over_http() as door:
        yield from without_fixtures(str(door.url))


def _inspector() -> Iterator[Row]:
    yield from inspect(STDIO)
    with over_http() as door:
        yield from inspect(door)
    with over_http("HTTP, token", token=_TOKEN) as door:
        yield from inspect(door)


def _sdks() -> Iterator[Row]:
    yield from _visits(STDIO)
    with over_http() as door:
        yield from _visits(door)
    with over_http("HTTP, stateless", "--stateless") as door:
        yield from _visits(door)


def _visits(door: Door) -> Iterator[Row]:
    for visitor in visitors():
        if visitor.comes_by(door):
            yield from visit(visitor, door)


def _notices() -> Iterator[Row]:
    archive, folder = growing_archive()
    hearing = [visitor for visitor in visitors() if visitor.hears]
    for visitor in hearing:
        yield hear(visitor, replace(STDIO, episodes=archive), archive, folder)
    with over_http(folder=folder, episodes=archive) as door:
        for visitor in hearing:
            if visitor.comes_by(door):
                yield hear(visitor, door, archive, folder)


def _claude() -> Iterator[Row]:
    yield from check_health(STDIO)
    with over_http() as door:
        yield from check_health(door)
    with over_http("HTTP, token", token=_TOKEN) as door:
        yield from check_health(door)


_TOKEN = secrets.token_urlsafe(32)
_RUNS: dict[str, Callable[[], Iterator[Row]]] = {
    "conformance": _conformance,
    "inspector": _inspector,
    "sdks": _sdks,
    "notices": _notices,
    "claude": _claude,
}


def main() -> int:
    """Run all, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="*", metavar="RUN", help=f"only some of {', '.join(_RUNS)}; writes no page")
    asked = parser.parse_args().runs
    if unknown := set(asked) - set(_RUNS):
        parser.error(f"there is no run {', '.join(sorted(unknown))}; there are {', '.join(_RUNS)}")
    BUILD.mkdir(parents=True, exist_ok=True)
    rows: list[Row] = []
    try:
        install()
        build_index()
        for name in asked or _RUNS:
            for row in _RUNS[name]():
                rows.append(row)
                sys.stdout.write(row.line() + "\n")
                sys.stdout.flush()
    except (InstallError, ServingError) as error:
        sys.stderr.write(f"make clients: {error}\n")
        return 2
    date = dt.datetime.now(tz=dt.UTC).date().isoformat()
    path = write_report(rows, date)
    if not asked:
        write_page(rows, date)
    failed = sum(not row.ok for row in rows)
    sys.stdout.write(f"{len(rows) - failed} of {len(rows)} right; {path}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
