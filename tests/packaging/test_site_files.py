"""What an owner of a show puts in front of the server: each file held against the program it is for, where that is."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from http_server import Answer, Running, ask, running

from conftest import ROOT
from zunda_mcp.config.http_options import HttpOptions
from zunda_mcp.library import Library

SITE = ROOT / "packaging" / "site"
NAME = "zunda.example.org"
FROM_BROWSER = {"Host": NAME, "Accept": "text/html", "Accept-Language": "en"}


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not on the PATH")
    return found


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def behind(sample: Library) -> Iterator[Running]:
    """The server as the files expect it: on this machine, under the show's name, without a token."""
    with running(HttpOptions(port=0, public_url=f"https://{NAME}/mcp"), opener=lambda: sample) as server:
        yield server


@pytest.fixture
def nginx(behind: Running, tmp_path: Path) -> Iterator[int]:
    """nginx with the file as it stands but for its ports and its folder."""
    command, folder, port = program("nginx"), tmp_path, free_port()
    text = (SITE / "nginx.conf").read_text(encoding="utf-8")
    text = text.replace("127.0.0.1:8765", f"127.0.0.1:{behind.port}").replace("listen 80;", f"listen 127.0.0.1:{port};")
    text = text.replace("/var/cache/", f"{folder}/")  # nginx makes the folder named there, and none above it
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {folder / kind};" for kind in kinds)
    start = f"daemon off; master_process off; error_log stderr; pid {folder / 'pid'}; events {{}}"
    whole = f"{start} http {{ access_log off; {places} {text} }}"
    path = folder / "nginx.conf"
    path.write_text(whole, encoding="utf-8")
    process = subprocess.Popen([command, "-p", str(folder), "-c", str(path)], stderr=subprocess.PIPE, encoding="utf-8")
    try:
        for _ in range(1200):
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, process.stderr and process.stderr.read()
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.communicate(timeout=60)


def get(port: int, path: str) -> Answer:
    return ask(port, path=path, headers=FROM_BROWSER)


def test_nginx_passes_pages_and_calls_on_and_keeps_pages_for_a_minute(nginx: int) -> None:
    first, second = get(nginx, "/?q=MCP"), get(nginx, "/?q=MCP")
    assert (first.status, second.status) == (200, 200)
    assert (first.headers["x-cache"], second.headers["x-cache"]) == ("MISS", "HIT")
    assert f"https://{NAME}/mcp" in get(nginx, "/connect").body.decode()
    assert get(nginx, "/mcp").headers["location"].endswith("/")
    headers = {"Host": NAME, "Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    body = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'
    assert ask(nginx, "POST", headers=headers, body=body).status in {200, 400}


def test_nginx_limits_one_caller(nginx: int) -> None:
    statuses = [get(nginx, f"/episodes?year={year}").status for year in range(2000, 2060)]
    assert 429 in statuses
    assert get(nginx, "/assets/page.css").status == 200


def test_caddy_understands_its_file(tmp_path: Path) -> None:
    command = program("caddy")
    path = tmp_path / "Caddyfile"
    shutil.copy(SITE / "Caddyfile", path)
    done = subprocess.run(
        [command, "adapt", "--config", str(path), "--validate"], capture_output=True, encoding="utf-8", check=False,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert NAME in done.stdout


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    command = program("systemd-analyze")
    unit = tmp_path / "zunda-mcp.service"
    text = (SITE / "zunda-mcp.service").read_text(encoding="utf-8")
    unit.write_text(text.replace("/opt/zunda-mcp/bin/zunda-mcp", "/bin/true"), encoding="utf-8")
    done = subprocess.run([command, "verify", str(unit)], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert "zunda-mcp.service" not in done.stderr


def test_the_files_start_the_server_with_flags_that_there_are() -> None:
    from zunda_mcp.cli.arguments import read_arguments

    line = re.search(r"^ExecStart=\S+ (.+)$", (SITE / "zunda-mcp.service").read_text(encoding="utf-8"), re.MULTILINE)
    assert line
    arguments = read_arguments(line[1].split())
    assert (arguments.verb, arguments.http, arguments.public_url) == ("serve", "127.0.0.1:8765", f"https://{NAME}/mcp")
