"""A client made of nothing but a process and lines of JSON, in either era, and an archive for the server to serve."""

from __future__ import annotations

import json
import os
import queue
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import preloaded

Era = Literal["2025-06-18", "2026-07-28"]
_PATIENCE = 60
"""Seconds after which a missing answer is a failure, not a slow machine."""

_STORIES = (
    ("小さな言語モデルを手元で動かす", "https://example.com/small", "手元の計算機で動く**生成AI**の作り方を説明した。"),
    ("音声合成の新しい手法", "https://www.example.net/voice", "少ない録音から声を作る音声合成の手法を紹介した。"),
    ("Agents that read code", "https://example.com/agents", "コードを読むエージェントが、直す所を自分で見つけた。"),
)


def write_archive(folder: Path, days: int = 3, extra: str = "") -> Path:
    """So many daily episodes from 2025-07-01 on, in the show's own format; the summaries end with ``extra``."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, days + 1):
        month, day = 7 + (number - 1) // 28, (number - 1) % 28 + 1
        year, month = 2025 + (month - 1) // 12, (month - 1) % 12 + 1
        date = f"{year}-{month:02d}-{day:02d}"
        stories = "\n\n".join(
            f"- [{title}]({url}/{number})  \n{summary}{number}回目の話。{extra}\n\n引用元: {url}/{number}"
            for title, url, summary in _STORIES
        )
        (folder / f"{date}-{number}.md").write_text(
            f"---\nactor_ids:\n- zundamon\naudio_file_path: /audio/{number}.mp3\naudio_file_size: 0\n"
            f"date: {date} 05:00:00 +0900\ndescription: '{'、'.join(title for title, _, _ in _STORIES)}'\n"
            f'duration: "00:00"\nlayout: article\ntitle: ためしの放送局 {month}月{day}日\n---\n\n'
            f"## 関連リンク\n\n{stories}\n\n- [お便り投稿フォーム](https://forms.gle/example)\n",
            encoding="utf-8",
        )
    return folder


class Server:
    """A server process, spoken to in one era: ``initialize`` once, or an envelope around every request."""

    def __init__(
        self, episodes: Path, index: Path, era: Era = "2025-06-18", *, listen: bool = True, flags: Sequence[str] = ()
    ) -> None:
        self.era = era
        self._listening = listen
        self._number = 0
        self._lines: queue.Queue[bytes] = queue.Queue()
        environ = {name: value for name, value in os.environ.items() if not name.startswith("ZUNDA_MCP_")}
        environ["ZUNDA_MCP_EMBEDDER"] = "none"
        folders = ["--episodes", str(episodes), "--index", str(index)]
        self.process = preloaded.start(["serve", *folders, *flags], environ)
        self.notices: list[dict[str, Any]] = []
        self._errors: list[bytes] = []
        self._readers = [threading.Thread(target=self._read_errors, daemon=True)]
        if listen:  # else each line is read when it is asked for, and stdout may be closed at any time
            self._readers.append(threading.Thread(target=self._read_answers, daemon=True))
        for reader in self._readers:
            reader.start()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.finish()

    def open(self) -> dict[str, Any]:
        """Greet the server as the era does and give its answer."""
        if self.era == "2026-07-28":
            return self.ask("server/discover")
        hello = {"protocolVersion": self.era, "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
        answer = self.ask("initialize", hello)
        self.write({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return answer

    def ask(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """One request and the answer to it."""
        number = self.send(method, params)
        while "id" not in (answer := self.read()):
            self.notices.append(answer)
        assert answer["id"] == number, answer
        return answer

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The result of a call of a tool."""
        answer = self.ask("tools/call", {"name": tool, "arguments": arguments})
        result: dict[str, Any] = answer["result"]
        return result

    def patient_call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The result of a call, asked again as long as the index is being built."""
        for _ in range(_PATIENCE):
            result = self.call(tool, **arguments)
            said = result["content"][0]["text"]
            if not (result.get("isError") and "being built" in said):
                return result
        msg = f"the index never came: {said}"
        raise AssertionError(msg)

    def send(self, method: str, params: dict[str, Any] | None = None) -> int:
        """Send a request without waiting; gives its number."""
        self._number += 1
        params = dict(params or {})
        if self.era == "2026-07-28":
            params["_meta"] = {
                "io.modelcontextprotocol/protocolVersion": self.era,
                "io.modelcontextprotocol/clientCapabilities": {},
                "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
            }
        self.write({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})
        return self._number

    def write(self, message: dict[str, Any] | bytes) -> None:
        """One line, as JSON or as it is."""
        assert self.process.stdin is not None
        line = message if isinstance(message, bytes) else json.dumps(message).encode()
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def read(self) -> dict[str, Any]:
        """The next line of the server; everything it writes must be a message."""
        assert self.process.stdout is not None
        line = self._lines.get(timeout=_PATIENCE) if self._listening else self.process.stdout.readline()
        message: dict[str, Any] = json.loads(line)
        assert message["jsonrpc"] == "2.0"
        return message

    def hang_up(self) -> int:
        """Close stdin and give the exit code."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.finish()

    def finish(self) -> int:
        """Wait for the end and give the exit code."""
        code = self.process.wait(timeout=_PATIENCE)
        for reader in self._readers:
            reader.join(timeout=_PATIENCE)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()
        return code

    @property
    def complaints(self) -> str:
        """What the server wrote to stderr; whole once it has ended."""
        return b"".join(self._errors).decode()

    def _read_answers(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        self._errors.extend(self.process.stderr)
