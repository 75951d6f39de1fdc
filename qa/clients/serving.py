"""Servers for the clients: the real one on the sample archive, and the conformance suite's fixtures."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from installing import BUILD, HERE, ROOT

_PATIENCE = 60
"""Seconds after which a server that does not listen has failed."""


class ServingError(Exception):
    """A server could not be started."""


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without settings of the server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ZUNDA_MCP_")}
    return kept | dict(extra or {})


SAMPLE = ROOT / "episodes"


def real_server(*extra: str, folder: Path = BUILD, episodes: Path = SAMPLE) -> list[str]:
    """The command of the real server on an archive, the sample's if none is named, as an installer writes it."""
    return [sys.executable, "-m", "zunda_mcp", "serve", *_archive(folder, episodes), *extra]


def _archive(folder: Path, episodes: Path = SAMPLE) -> list[str]:
    return ["--episodes", str(episodes), "--index", str(folder / "index"), "--embedder", "none"]


def build_index(folder: Path = BUILD) -> None:
    """Build the sample's index, so that no client waits for it."""
    command = [sys.executable, "-m", "zunda_mcp", "index", *_archive(folder)]
    done = subprocess.run(command, env=environment(), capture_output=True, encoding="utf-8", check=False)
    if done.returncode != 0:
        raise ServingError(f"the sample could not be indexed: {done.stderr.strip()[-300:]}")


@dataclass(frozen=True)
class Door:
    """A way to the real server: over stdio where there is no address, else over HTTP, perhaps with a token to show."""

    name: str
    url: str | None = None
    token: str | None = None
    episodes: Path = SAMPLE


STDIO = Door("stdio")


@contextlib.contextmanager
def over_http(
    name: str = "HTTP", *options: str, folder: Path = BUILD, token: str | None = None, episodes: Path = SAMPLE
) -> Iterator[Door]:
    """The real server while it serves over HTTP, guarded by the token if there is one."""
    port = _free_port()
    if token is not None:
        tokens = folder / "tokens.txt"
        tokens.touch(mode=0o600)
        tokens.write_text(token + "\n", encoding="utf-8")
        options = (*options, "--token-file", str(tokens))
    command = real_server("--http", f"127.0.0.1:{port}", *options, folder=folder, episodes=episodes)
    with _running(command, port, folder / "real.log"):
        yield Door(name, f"http://127.0.0.1:{port}/mcp", token, episodes)


def growing_archive() -> tuple[Path, Path]:
    """A copy of the sample to which episodes are added, and the folder for what is built from it."""
    folder = BUILD / "growing"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(SAMPLE, folder / "episodes")
    return folder / "episodes", folder


@contextlib.contextmanager
def fixtures_over_http() -> Iterator[str]:
    """The address of the fixtures' server while it serves."""
    port = _free_port()
    with _running([sys.executable, str(HERE / "fixture_server.py"), str(port)], port, BUILD / "fixtures.log"):
        yield f"http://127.0.0.1:{port}/mcp"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def _running(command: Sequence[str], port: int, log: Path) -> Iterator[None]:
    with (
        log.open("wb") as file,
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=environment()) as process,
    ):
        try:
            _await(process, port, log)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            raise ServingError(f"the server ended: {log.read_text(encoding='utf-8', errors='replace').strip()[-300:]}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise ServingError(f"nothing listened on port {port} within {_PATIENCE} seconds")
