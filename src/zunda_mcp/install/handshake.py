"""Start a server as a client does and talk to it: does it answer, which tools does it have, how long does it take?

The server gets what clients give it: no terminal, the root folder, a short ``PATH`` and few other variables. Messages
follow the MCP specification 2025-06-18: ``initialize``, ``tools/list``, ``tools/call``.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import Field

from zunda_mcp.install.clients import Machine
from zunda_mcp.models import Model

__all__ = ["END_WAIT", "Handshake", "short_path", "try_handshake"]

_VERSION = "2025-06-18"
_KEPT = frozenset({
    "HOME", "LOGNAME", "USER", "SHELL", "TMPDIR", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "TEMP",
    "TMP", "APPDATA", "LOCALAPPDATA", "HOMEDRIVE", "HOMEPATH", "USERPROFILE", "USERNAME", "PROCESSOR_ARCHITECTURE",
})  # fmt: skip
"""The variables that clients pass on from their own environment."""
END_WAIT = 5.0
"""Seconds that a server has to exit by itself once its stdin is closed."""
_SHOWN = 300


class Handshake(Model):
    """How a server answered. ``seconds`` is the time to its first answer, ``total_seconds`` to its last.

    ``answer`` is the beginning of the tool's answer, null if no tool was called; ``error`` is null if all went well.
    """

    ok: bool
    command: list[str]
    server: str | None = None
    protocol: str | None = None
    tools: list[str] = Field(default_factory=list)
    answer: str | None = None
    seconds: float | None = None
    total_seconds: float | None = None
    error: str | None = None


class _FailedError(Exception):
    """The server failed; the message says how."""


def short_path(machine: Machine) -> str:
    """Return the ``PATH`` of a program that is started from the desktop."""
    if machine.platform == "win32":
        root = machine.environ.get("SYSTEMROOT", r"C:\Windows")
        return rf"{root}\System32;{root}"
    return "/usr/bin:/bin:/usr/sbin:/sbin"


def try_handshake(
    machine: Machine,
    command: Sequence[str],
    env: Mapping[str, str] | None = None,
    *,
    call: tuple[str, Mapping[str, Any]] | None = None,
    patience: float = 60.0,
) -> Handshake:
    """Start the command, initialize it, list its tools, and call the tool of ``call`` if one is given. Never raises.

    Each answer may take ``patience`` seconds; the default is how long Claude Desktop waits.
    """
    environment = {name: value for name, value in machine.environ.items() if name.upper() in _KEPT}
    environment |= {"PATH": short_path(machine), **(env or {})}
    try:
        process = subprocess.Popen(  # noqa: S603 - the user's own command
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd=Path(machine.home.anchor or os.sep),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (OSError, ValueError) as error:
        cause = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return Handshake(ok=False, command=list(command), error=f"it cannot be started: {cause}")
    with process:
        talk = _Talk(process, patience)
        try:
            outcome = _conversation(talk, call)
        except _FailedError as failed:
            outcome = {"ok": False, "error": str(failed)}
        finally:
            talk.end()
    if not outcome["ok"] and (complaint := talk.complaint()):
        outcome["error"] = f"{outcome['error']}; it said: {complaint}"
    return Handshake(command=list(command), **outcome)


def _conversation(talk: _Talk, call: tuple[str, Mapping[str, Any]] | None) -> dict[str, Any]:
    started = time.monotonic()
    client = {"name": "zunda-mcp-doctor", "version": "1"}
    hello = talk.ask("initialize", {"protocolVersion": _VERSION, "capabilities": {}, "clientInfo": client})
    seconds = time.monotonic() - started
    talk.say({"jsonrpc": "2.0", "method": "notifications/initialized"})
    listed = talk.ask("tools/list", {}).get("tools")
    names = [str(tool.get("name")) for tool in listed if isinstance(tool, dict)] if isinstance(listed, list) else []
    if not names:
        raise _FailedError("it answers, but offers no tool")
    answer = None
    if call is not None:
        result = talk.ask("tools/call", {"name": call[0], "arguments": dict(call[1])})
        content = result.get("content")
        texts = [str(part.get("text", "")) for part in content if isinstance(part, dict)] if content else []
        answer = " ".join(" ".join(texts).split())[:_SHOWN]
        if result.get("isError"):
            raise _FailedError(f"{call[0]} was refused: {answer}")
    info = hello.get("serverInfo")
    info = info if isinstance(info, dict) else {}
    return {
        "ok": True,
        "server": " ".join(str(info[part]) for part in ("name", "version") if info.get(part)) or None,
        "protocol": str(hello.get("protocolVersion")),
        "tools": names,
        "answer": answer,
        "seconds": round(seconds, 3),
        "total_seconds": round(time.monotonic() - started, 3),
    }


class _Talk:
    """JSON-RPC with a process, over its stdin and stdout."""

    def __init__(self, process: subprocess.Popen[bytes], patience: float) -> None:
        self._process, self._patience, self._number = process, patience, 0
        self._lines: queue.Queue[bytes] = queue.Queue()
        self._errors: list[bytes] = []
        self._readers = [
            threading.Thread(target=work, daemon=True, name=f"handshake-{work.__name__}")
            for work in (self._hear, self._overhear)
        ]
        for reader in self._readers:
            reader.start()

    def say(self, message: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message).encode("ascii") + b"\n")
            self._process.stdin.flush()
        except OSError:
            raise _FailedError(self._ended()) from None

    def ask(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return the result of a request, ignoring other messages of the server. Raises ``_FailedError``."""
        self._number += 1
        self.say({"jsonrpc": "2.0", "id": self._number, "method": method, "params": dict(params)})
        until = time.monotonic() + self._patience
        while True:
            try:
                line = self._lines.get(timeout=max(until - time.monotonic(), 0.0))
            except queue.Empty:
                raise _FailedError(f"no answer to {method} within {self._patience:.0f} s") from None
            if not line:
                raise _FailedError(self._ended())
            if not line.strip():
                continue
            try:
                message = json.loads(line.decode("utf-8"))
            except ValueError:
                shown = line.decode("utf-8", "replace").strip()[:_SHOWN]
                raise _FailedError(f"it writes to stdout what is not the protocol: {shown}") from None
            if not isinstance(message, dict) or message.get("id") != self._number or "method" in message:
                continue
            if "error" in message:
                raise _FailedError(f"{method} was refused: {json.dumps(message['error'], ensure_ascii=False)[:_SHOWN]}")
            result = message.get("result")
            return result if isinstance(result, dict) else {}

    def end(self) -> None:
        """Close stdin, as a client does; kill a server that does not exit."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(END_WAIT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for reader in self._readers:
            reader.join(END_WAIT)

    def complaint(self) -> str:
        """Return the last line of the server's stderr."""
        lines = b"".join(self._errors).decode("utf-8", "replace").strip().splitlines()
        return lines[-1].strip()[:_SHOWN] if lines else ""

    def _ended(self) -> str:
        try:
            code: object = self._process.wait(END_WAIT)
        except subprocess.TimeoutExpired:
            return "it closed stdout without an answer"
        return f"it ended with exit code {code} without an answer"

    def _hear(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put(b"")

    def _overhear(self) -> None:
        assert self._process.stderr is not None
        self._errors.extend(self._process.stderr)
