"""Fuzzing of files that are the user's own or ours: settings, clients' configurations, the registry of sources.

And of whole archives: files that were damaged are indexed together, and then every door of the server is asked.
"""

from __future__ import annotations

import json
import os
import random
import shutil
from pathlib import Path
from typing import Any

import fuzz_seeds as seeds
from fuzz_asking import QUESTIONS, sendable
from fuzz_engine import Target, promise
from fuzz_mutation import SHARP, letter, mutated, mutated_bytes, words

from zunda_mcp.answers import DEFAULT_MAX_CHARS
from zunda_mcp.config.load import load_settings
from zunda_mcp.errors import InstallError, SettingsError, ZundaError
from zunda_mcp.install.clients import CLIENTS, Place
from zunda_mcp.install.configuration import ConfigurationFile
from zunda_mcp.library import Library
from zunda_mcp.server import methods
from zunda_mcp.server.dispatch import LazyArchive, respond
from zunda_mcp.sources import store

FILES = 16
"""Files of one damaged archive."""

_SETTINGS = [
    'episodes = ["_posts"]\nname = "番組"\nlanguage = "ja"\ntimezone = "Asia/Tokyo"\n'
    'page_url = "https://a.example/{number}"\n',
    'ignore = ["forms.gle", "Sponsors*"]\nstrategy = "headings"\nsite_url = "https://s.example"\ndate_key = "date"\n',
    '[archives.news]\nepisodes = ["news/_posts"]\nname = "N"\n[archives.talk]\nepisodes = ["t"]\nlanguage = "en"\n',
    'people = "people"\naudio_prefix = "https://a/"\nfile_url = "https://f/{path}"\ntitle_key = "title"\n',
]
_SETTING_WORDS = [
    "episodes",
    "[archives.x]",
    "index = 'x'",
    "= [",
    "{date}",
    "{path!r}",
    "{number:>99999999999}",
    "{0}",
    "{id.__class__}",
    "[" * 300,
    "Asia/Tokyo",
    "../..",
    "/etc",
    "1e5",
    "2025-01-01",
    "'''",
    "\\u0000",
]

_ENTRY: dict[str, Any] = {
    "command": "zunda-mcp",
    "args": ["serve", "--episodes", "/a b/豆"],
    "env": {"ZUNDA_MCP_EMBEDDER": "none"},
}
_CONFIGURATIONS = [
    '{\n  "mcpServers": {\n    "other": {"command": "x", "args": []}\n  }\n}\n',
    '// head\n{\n\t"servers": { // all\n\t\t'
    '"zunda": {"command": "old", "env": {"A": "1", "ZUNDA_MCP_INDEX": "i"}, "disabled": true,},\n\t},\n}\n',
    '{"mcpServers":{"zunda":{"url":"https://x"}},"numbers":[1.0,-0,1e5,"\\ud83d\\ude00\\u0000"]}',
    "",
    "{}",
    '{"mcpServers": null, /* c */ "servers": {}}',
    '\r\n{\r\n    "a": [\r\n        {}\r\n    ]\r\n}\r\n',
]
_RECORD = json.dumps(
    {
        "name": "show",
        "kind": "feed",
        "url": "https://a.example/feed",
        "named": ["a"],
        "etag": "x",
        "items": 3,
        "feeds": ["b"],
        "added": "2026-01-01T00:00:00Z",
        "synced": None,
        "complete": True,
    }
)


def targets(scratch: Path) -> list[Target]:
    """The doors of files that are owned, and whole archives."""

    def settings_text(draw: random.Random, pool: list[Any]) -> bytes:
        if draw.random() < 0.2:
            return mutated_bytes(draw, [text.encode() for text in _SETTINGS])
        return mutated(draw, pool, [*SHARP, *_SETTING_WORDS]).encode("utf-8", "surrogatepass")

    return [
        Target("settings", _SETTINGS, settings_text, lambda data: _settings(scratch, data), 60, pooled=False),
        Target("clients' files", _CONFIGURATIONS, _client_file, _configuration, 150, pooled=False),
        Target("source registry", [_RECORD], mutated, _registry, 60),
        Target(
            "whole archives", seeds.FILES, _archive, lambda files: _whole(scratch, files), 1, worth=len, pooled=False
        ),
    ]


def _settings(scratch: Path, data: bytes) -> None:
    folder = scratch / "settings"
    folder.mkdir(exist_ok=True)
    (folder / "zunda-mcp.toml").write_bytes(data)
    try:
        found = load_settings(episodes=[folder], index=scratch / "settings-index", environ={}, cwd=folder)
    except SettingsError as error:
        promise(0 < len(str(error)) < 4000, "a refusal is a sentence")
        promise("zunda-mcp.toml" in str(error) or "archive" in str(error), "a refusal says where")
        return
    promise(found.index == scratch / "settings-index", "a settings file never moves the index")


def _client_file(draw: random.Random, pool: list[Any]) -> tuple[int, bytes]:
    tokens = [
        *SHARP,
        "//",
        "/*",
        "*/",
        '"mcpServers"',
        '"servers"',
        '"zunda"',
        ",\n",
        "\t",
        "[" * 200,
        '{"a":' * 30,
        "1.0e+5",
    ]
    text = mutated(draw, pool, tokens) if draw.random() < 0.9 else draw.choice(pool)
    data = text.encode("utf-8", "surrogatepass")
    return draw.randrange(len(CLIENTS)), b"\xef\xbb\xbf" + data if draw.random() < 0.1 else data


def _configuration(case: tuple[int, bytes]) -> None:
    place = Place(CLIENTS[case[0]], "user", Path("/c/config.json"), Path("/"), True)
    try:
        found = ConfigurationFile.of(place, case[1])
        promise(found.data == case[1], "a file that was read is the same, to the byte")
        name = "zunda" if "zunda" in found.servers() else "zunda-new"
        changed = found.with_entry(name, _ENTRY)
    except InstallError as error:
        promise("config.json" in str(error), "a refusal names the file")
        return
    entry = ConfigurationFile.of(place, changed.data).servers()[name]
    promise(isinstance(entry, dict) and entry["command"] == "zunda-mcp", "an entry that was put stands there")
    promise(changed.with_entry(name, _ENTRY).data == changed.data, "an entry that is there is not put again")
    if name == "zunda-new" and found.servers():
        promise(changed.without(name).root == found.root, "what was put and taken out leaves the values as they were")


def _registry(text: str) -> None:
    folder = store.root() / "show"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / store.RECORD).write_bytes(text.encode("utf-8", "surrogatepass"))
    for record in store.records():
        store.seen(record)
        store.read_paths(record)
        again = store.record_of(record.name)
        promise(again == record, "a record that is listed is found by its name")


def _archive(draw: random.Random, pool: list[Any]) -> list[tuple[str, bytes]]:
    files = []
    for number in range(FILES):
        name = f"2031-{number % 12 + 1:02d}-01-{number}"
        if draw.random() < 0.3:
            name = (name + draw.choice(("\u202e", "豆", "ﾊ", " ", "#2", ":", "%2e", letter(draw))))[:60]
        name = name.encode("utf-8", "replace").decode().translate(dict.fromkeys(map(ord, "/\\\0")))
        kind = draw.randrange(12)
        if kind < 9:
            files.append((f"{name}.md", mutated_bytes(draw, pool) if draw.random() < 0.9 else draw.choice(pool)))
        elif kind == 9:
            files.append((f"{name}.vtt", mutated(draw, seeds.TRANSCRIPTS).encode("utf-8", "replace")))
        elif kind == 10:
            files.append((f"{name}.xml", mutated(draw, seeds.FEEDS).encode("utf-8", "replace")))
        else:
            files.append((f"{name}.json", mutated(draw, seeds.LISTS).encode("utf-8", "replace")))
    files.append(("2031-12-31-99.md", seeds.PAGES[0].encode()))
    files.append(("question", words(draw, QUESTIONS).encode("utf-8", "replace")))
    return files


def _whole(scratch: Path, files: list[tuple[str, bytes]]) -> None:
    folder, index = scratch / "whole" / "show", scratch / "whole" / "index"
    shutil.rmtree(folder.parent, ignore_errors=True)
    folder.mkdir(parents=True)
    *written, (_, question) = files
    for name, data in written:
        (folder / name).write_bytes(data)
    settings = load_settings(episodes=[folder], index=index, environ={}, embedder="none")
    with Library(settings) as library:
        library.refresh()
        _ask_everything(library, question.decode("utf-8"))


def _ask_everything(library: Library, question: str) -> None:
    opening = LazyArchive(lambda: library)
    for problem in library.problems():
        promise(0 < len(problem.cause) < 1000, "a problem is a sentence")
    episodes = library.episodes()
    promise(bool(episodes), "the one whole file is always there")
    calls: list[tuple[str, dict[str, Any]]] = [
        ("search_episodes", {"query": question}),
        ("search_episodes", {"limit": 50, "sort": "newest", "max_chars": 100_000}),
        ("search_episodes", {"query": "生成AI", "max_chars": 1500}),
        ("list_topics", {}),
        ("topic_timeline", {"topic": "言語モデル"}),
        ("check_quote", {"quote": "手元の生成AIを動かした"}),
    ]
    calls += [("get_episode", {"id": one.id}) for one in episodes] + [("find_related", {"id": episodes[0].id})]
    for name, given in calls:
        reply = respond(opening, name, given)
        promise("fault in the server" not in reply.text, f"{name} is answered over a damaged archive")
        sendable([reply.text, reply.data, list(reply.links)])
        size = given.get("max_chars", DEFAULT_MAX_CHARS)
        promise(reply.refused or len(reply.text) <= size, f"{name} keeps within the asked size")
        if name == "get_episode":
            promise(
                not reply.refused, f"every episode that is listed can be read by its id: {given} {reply.text[:200]}"
            )
    for method, params in (
        ("resources/list", {}),
        ("resources/read", {"uri": "archive://overview"}),
        ("resources/read", {"uri": "archive://topics"}),
    ):
        sendable(methods.result(opening, method, params, methods.MODERN))
    for listed in methods.result(opening, "resources/list", {}, methods.MODERN)["resources"]:
        try:
            sendable(methods.result(opening, "resources/read", {"uri": listed["uri"]}, methods.MODERN))
        except ZundaError as error:
            promise(False, f"every resource that is listed can be read: {error}")


def private_state(folder: Path) -> None:
    """Keep the registry of sources in ``folder`` while this process runs."""
    os.environ["ZUNDA_MCP_STATE"] = str(folder)
