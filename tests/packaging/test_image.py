"""The image of the HTTP server, as far as it can be read without building it: its sources, its words, its health check.

No test builds it: that needs a builder and a network.
"""

from __future__ import annotations

import http.server
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from fnmatch import fnmatch
from importlib.util import find_spec
from typing import Any, NamedTuple

import pytest
import yaml

import bundle
from zunda_mcp.cli.arguments import read_arguments
from zunda_mcp.config.load import load_settings

ROOT = bundle.ROOT


class Step(NamedTuple):
    """One instruction of a Dockerfile with its words, in the stage that it belongs to."""

    stage: int
    name: str
    text: str

    def words(self) -> list[str]:
        """The words of the JSON form."""
        found: list[str] = json.loads(self.text[self.text.index("[") :])
        return found


@pytest.fixture(scope="module")
def steps() -> list[Step]:
    text = (ROOT / "packaging" / "Dockerfile").read_text(encoding="utf-8")
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#")).replace("\\\n", " ")
    found: list[Step] = []
    stage = -1
    for line in filter(str.strip, lines.splitlines()):
        name, _, rest = line.partition(" ")
        stage += name == "FROM"
        found.append(Step(stage, name, " ".join(rest.split())))
    return found


def one(steps: list[Step], name: str, stage: int = 1) -> Step:
    (found,) = [step for step in steps if (step.stage, step.name) == (stage, name)]
    return found


def test_two_stages_of_one_python(steps: list[Step]) -> None:
    """The environment is copied from one stage to the other, and is bound to its interpreter."""
    images = [step.text.split()[0] for step in steps if step.name == "FROM"]
    assert images == ["python:3.13-slim"] * 2


def test_every_source_is_there_and_is_sent_to_the_builder(steps: list[Step]) -> None:
    ignored = (ROOT / "packaging" / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in ignored if line and not line.startswith("#")]
    copied = [word for step in steps if step.name == "COPY" and step.stage == 0 for word in step.text.split()[:-1]]
    assert copied == ["pyproject.toml", "README.md", "LICENSE", "NOTICE", "src"]
    for source in copied:
        assert (ROOT / source).exists()
        last = [rule for rule in rules if fnmatch(source, rule.removeprefix("!"))][-1]
        assert last == f"!{source}", f"{source} never reaches the builder"


def test_the_index_is_writable_and_the_server_is_not_root(steps: list[Step]) -> None:
    user = one(steps, "USER").text
    prepared = one(steps, "RUN").text
    assert re.search(rf"useradd --system --uid \d+ .*{user}\b", prepared)
    assert f"install -d -o {user} -g {user} /index /state" in prepared
    assert one(steps, "VOLUME").words() == ["/index", "/state"]


def test_the_environment_holds_known_settings(steps: list[Step]) -> None:
    pairs = dict(pair.split("=", 1) for pair in one(steps, "ENV").text.split())
    environ = {name: value for name, value in pairs.items() if name.startswith("ZUNDA_MCP_")}
    settings = load_settings(environ=environ)
    assert settings.episodes[0].name == "episodes"
    assert settings.index.name == "index"
    assert environ["ZUNDA_MCP_STATE"] == "/state"


def test_it_stops_on_the_signal_the_server_knows(steps: list[Step]) -> None:
    assert one(steps, "STOPSIGNAL").text == "SIGTERM"


def test_the_server_is_started_without_a_shell_on_the_port_that_is_shown(steps: list[Step]) -> None:
    """A shell would keep the signal to itself."""
    command, verb, *flags = one(steps, "ENTRYPOINT").words()
    assert (command, verb) == ("zunda-mcp", "serve")
    assert flags[flags.index("--http") + 1] == f"0.0.0.0:{one(steps, 'EXPOSE').text}"
    assert flags[flags.index("--token-file") + 1] == "/run/secrets/zunda-token"


@pytest.mark.skipif(find_spec("zunda_mcp.server.http") is None, reason="the HTTP server is not in this tree yet")
def test_the_command_line_understands_what_starts_the_server(steps: list[Step]) -> None:
    """With a flag behind the image's name, as ``docker run`` adds it."""
    words = [*one(steps, "ENTRYPOINT").words()[1:], "--allow-host", "archive.example.org"]
    arguments: Any = read_arguments(words)
    assert arguments.verb == "serve"
    assert "0.0.0.0:8765" in str(arguments.http)
    assert str(arguments.token_file) == "/run/secrets/zunda-token"


class _Health(http.server.BaseHTTPRequestHandler):
    status = 200
    asked: list[str]

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing to say."""


@pytest.fixture(params=[200, 503])
def health(request: pytest.FixtureRequest) -> Iterator[tuple[int, type[_Health], int]]:
    handler = type("Handler", (_Health,), {"status": request.param, "asked": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port, handler, request.param
        server.shutdown()
        thread.join()


def test_the_health_check_tells_well_from_ill(steps: list[Step], health: tuple[int, type[_Health], int]) -> None:
    """The very words of the Dockerfile, asked of a server that says so, with a proxy that must not be asked."""
    port, handler, status = health
    python, *words = one(steps, "HEALTHCHECK").words()
    assert python == "python"
    words[-1] = words[-1].replace(f":{one(steps, 'EXPOSE').text}/", f":{port}/")
    environ = {"http_proxy": "http://127.0.0.1:9", "no_proxy": ""}
    done = subprocess.run([sys.executable, *words], env=environ, capture_output=True, check=False)
    assert (done.returncode == 0) == (status == 200), done.stderr
    assert handler.asked == ["/health"]


def test_the_compose_file_mounts_what_the_image_reads(steps: list[Step]) -> None:
    compose = yaml.safe_load((ROOT / "packaging" / "compose.yaml").read_text(encoding="utf-8"))
    service = compose["services"]["zunda"]
    assert (ROOT / "packaging" / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
    assert service["ports"] == [f"127.0.0.1:8765:{one(steps, 'EXPOSE').text}"]  # never to the network by itself
    assert service["secrets"] == ["zunda-token"]  # mounted as /run/secrets/zunda-token
    assert [mount for mount in service["volumes"] if mount.endswith(":/episodes:ro")]
    for folder in one(steps, "VOLUME").words():
        (volume,) = [mount.split(":")[0] for mount in service["volumes"] if mount.endswith(f":{folder}")]
        assert volume in compose["volumes"]
