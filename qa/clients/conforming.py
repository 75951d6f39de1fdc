"""The official conformance suite: every required scenario with its fixtures, and the others against the real server."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from installing import BUILD, HERE, node_command, npm_versions
from rows import Row, why
from serving import environment

HANDSHAKE, STATELESS = "2025-11-25", "2026-07-28"
_EITHER = ("tools-list", "resources-list", "prompts-list", "dns-rebinding-protection")
FREE = {
    HANDSHAKE: ("server-initialize", "server-session-lifecycle", "ping", *_EITHER),
    STATELESS: (
        "server-stateless",
        "caching",
        "sep-2164-resource-not-found",
        "http-header-validation",
        *_EITHER,
    ),
}
"""Scenarios that say something about a server without fixtures, by the revision they are run in.

``completion-complete`` is not among them: it completes an argument of a fixture, and an unknown prompt is refused.
"""
_CLIENT = "conformance suite"


def with_fixtures(url: str) -> Iterator[Row]:
    """Everything that a revision requires, against the fixtures behind our own transport."""
    for revision in (HANDSHAKE, STATELESS):
        known = HERE / "expected-failures-fixtures.yml"
        options = ["--requirements", revision, "--expected-failures", str(known)]
        yield _run(f"all that {revision} requires, with fixtures", revision, url, options)


def without_fixtures(url: str) -> Iterator[Row]:
    """The scenarios that need no fixture, against the real server."""
    for revision, scenarios in FREE.items():
        for scenario in scenarios:
            known = HERE / "expected-failures-real.yml"
            options = ["--scenario", scenario, "--spec-version", revision, "--expected-failures", str(known)]
            yield _run(f"{scenario}, real server", revision, url, options)


def _run(done: str, revision: str, url: str, options: list[str]) -> Row:
    out = BUILD / "conformance" / revision / done.partition(",")[0].replace(" ", "-")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    command = [str(node_command("node")), str(node_command("conformance")), "server", "--url", url, "-o", str(out)]
    ran = subprocess.run(
        [*command, *options], env=environment(), capture_output=True, encoding="utf-8", timeout=300, check=False
    )
    (out / "said.txt").write_text(ran.stdout + ran.stderr, encoding="utf-8")
    counts, failed = _checks(out)
    good = ran.returncode == 0 and counts["SUCCESS"] > 0
    detail = f"{counts['SUCCESS']} checks passed"
    if counts["FAILURE"]:
        detail += f", {counts['FAILURE']} failed" + (" as expected" if good else f": {', '.join(failed)}")
    if not counts:
        detail = why(ran.stderr or ran.stdout)
    if counts["WARNING"]:
        detail += f", {counts['WARNING']} warnings"
    return Row(_CLIENT, npm_versions()["@modelcontextprotocol/conformance"], "HTTP", revision, done, good, detail)


def _checks(folder: Path) -> tuple[Counter[str], list[str]]:
    """How many checks ended how, and which failed outside the tasks extension."""
    counts: Counter[str] = Counter()
    failed = []
    for path in sorted(folder.glob("*/checks.json")):
        for check in json.loads(path.read_text(encoding="utf-8")):
            counts[check["status"]] += 1
            if check["status"] == "FAILURE" and "server-tasks-" not in path.parent.name:
                failed.append(check["id"])
    return counts, failed
