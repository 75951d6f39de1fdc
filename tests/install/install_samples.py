"""Machines of all three systems below a scratch folder, and JSON documents as untidy as people's own."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import strategies as st

from zunda_mcp.install.clients import CLIENTS, Machine, Place, client_named, place
from zunda_mcp.install.configuration import ConfigurationFile, Data

ENTRY: dict[str, Data] = {"command": "/opt/zunda/bin/zunda-mcp", "args": ["serve", "--episodes", "/home/ずんだ/posts"]}
OTHER: dict[str, Data] = {"command": "/opt/zunda/bin/zunda-mcp", "args": ["serve", "--episodes", "/srv/他"]}
CLIENT_NAMES = [client.name for client in CLIENTS]
JSON_CLIENT_NAMES = [client.name for client in CLIENTS if client.format.startswith("json")]


def machine(home: Path, platform: str = "linux", **environ: str) -> Machine:
    """A machine whose home is ``home``, whose project is ``home/project``, and whose Python lies in an environment."""
    (home / "project").mkdir(parents=True, exist_ok=True)
    return Machine(platform, environ, home, home / "project", home / "venv" / "bin" / "python")


def place_of(name: str, home: Path, data: bytes | None = None, scope: str = "user") -> Place:
    """The file of a client on Linux, holding ``data``."""
    where = place(client_named(name), "project" if scope == "project" else "user", machine(home))
    if data is not None:
        where.file.parent.mkdir(parents=True, exist_ok=True)
        where.file.write_bytes(data)
    return where


def servers_in(where: Place) -> dict[str, Data]:
    """The servers that the file of a client names now."""
    return ConfigurationFile.of(where, where.file.read_bytes()).servers()


_TEXTS = st.text(st.characters(codec="utf-8"), max_size=8) | st.sampled_from(
    ["ずんだもん", 'a"b', "\\", "// no comment", "/* nor this */", "{", "}", ",", "\u2028"]
)
_SCALARS = st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
_VALUES = st.recursive(
    _SCALARS | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=8,
)
_COMMENTS = ("// 設定", "/* one */", "/* two\n   lines */", '// "zunda": {', "/**/", "// }")


@st.composite
def documents(draw: st.DrawFn, *, comments: bool, keys: tuple[str, ...] = ("mcpServers", "servers")) -> str:
    """A JSON object in any layout; where it has one of the keys, an object of objects is under it."""
    data: dict[str, Any] = draw(st.dictionaries(_TEXTS, _VALUES, max_size=3))
    for key in keys:
        if draw(st.booleans()):
            data[key] = draw(st.dictionaries(_TEXTS.filter(lambda name: name != "zunda"), _VALUES, max_size=3))
    names = draw(st.permutations(list(data)))
    layout = draw(st.sampled_from(["free", "indented", "minified"]))
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    ordered = {name: data[name] for name in names}
    if layout == "minified":
        return json.dumps(ordered, ensure_ascii=draw(st.booleans()), separators=(",", ":"))
    if layout == "indented":
        indent: int | str = draw(st.sampled_from([0, 1, 2, 4]) | st.just("\t"))
        text = json.dumps(ordered, ensure_ascii=False, indent=indent) + draw(st.sampled_from(["", "\n", "\n\n"]))
        return text.replace("\n", newline)
    writer = _Untidy(Random(draw(st.integers(0, 2**32))), comments, newline)
    return f"{writer.gap()}{writer.write(ordered)}{writer.gap()}"


class _Untidy:
    """Writes JSON with spaces and comments wherever the grammar allows them."""

    def __init__(self, random: Random, comments: bool, newline: str) -> None:
        self._random, self._comments, self._newline = random, comments, newline

    def gap(self) -> str:
        parts = []
        while self._random.random() < 0.5:
            parts.append(self._random.choice((" ", "  ", "\t", self._newline, f"{self._newline}    ")))
            if self._comments and self._random.random() < 0.3:
                comment = self._random.choice(_COMMENTS).replace("\n", self._newline)
                parts += [comment, self._newline if comment.startswith("//") else ""]
        return "".join(parts)

    def write(self, data: Any) -> str:
        if isinstance(data, dict):
            items = [f"{json.dumps(name)}{self.gap()}:{self.gap()}{self.write(data[name])}" for name in data]
            return f"{{{self._joined(items)}}}"
        if isinstance(data, list):
            return f"[{self._joined([self.write(item) for item in data])}]"
        return json.dumps(data, ensure_ascii=False)

    def _joined(self, items: list[str]) -> str:
        text = ",".join(f"{self.gap()}{item}{self.gap()}" for item in items)
        return (
            text + (f",{self.gap()}" if items and self._comments and self._random.random() < 0.3 else "") or self.gap()
        )
