"""``GET /health``: how the archive is, for whoever watches the server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from http_server import HEAD, Raw, ask, request, running, session

from zunda_mcp import __version__
from zunda_mcp.errors import ArchiveError


def test_health_tells_how_the_archive_is() -> None:
    told = {"archive": "ためしの放送局", "episodes": 3, "newest": "2025-07-03", "state": "current"}
    with running(report=lambda: told) as server:
        answer = ask(server.port, path="/health")
        assert answer.status == 200
        assert json.loads(answer.body) == {"status": "ok", **told, "version": __version__}
        assert answer.headers["cache-control"] == "no-store"


def test_health_may_be_asked_without_its_body() -> None:
    with running(report=dict) as server, Raw(server.port) as raw:
        raw.send(request("HEAD", "/health"))
        assert raw.head()[0] == 200
        raw.send(request("GET", "/health"))
        assert raw.answer().status == 200


def test_an_archive_that_cannot_be_read_is_no_good_health() -> None:
    def report() -> Mapping[str, Any]:
        raise ArchiveError("There is no folder /nowhere: pass --episodes DIR.")

    with running(report=report) as server:
        answer = ask(server.port, path="/health")
        assert answer.status == 503
        assert json.loads(answer.body)["error"].startswith("There is no folder")


def test_a_fault_in_the_report_stays_in_the_log() -> None:
    def report() -> Mapping[str, Any]:
        raise KeyError("secret detail")

    with running(report=report) as server:
        answer = ask(server.port, path="/health")
        assert answer.status == 503
        assert b"secret" not in answer.body


def test_a_stream_that_stays_open_is_no_health_check_but_health_answers_beside_it() -> None:
    with running() as server:
        opened = session(server.port)
        with Raw(server.port) as raw:
            raw.send(request("GET", "/mcp", {**HEAD, **opened}))
            status, headers = raw.head()
            assert (status, headers["content-type"].partition(";")[0]) == (200, "text/event-stream")
            assert ask(server.port, path="/health").status == 200
