"""Requests as clients make them, and as they should not: drawn by seed from what stands in an archive."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_STORY = re.compile(r"^- \[(.+)\]\((\S+)\)\s*$", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9.-]{2,}|[\u30a0-\u30ff]{3,}|[\u4e00-\u9fff]{2,6}")
_DAYS = ("先週", "2025-07", "2025", "last month", "2024-10-16", "今年")
_FIXED = ("archive://overview", "archive://topics", "archive://survey")
_PROMPTS = ("about_url", "coverage_change", "open_archive", "talk_from_archive", "topic_brief", "weekly_digest")


@dataclass(frozen=True)
class Call:
    """One request. ``refused`` says that an error is the right answer to it."""

    method: str
    params: dict[str, Any]
    refused: bool = False


class Calls:
    """Draws requests over the episodes of ``folder`` whose files stay."""

    def __init__(self, folder: Path, rng: random.Random) -> None:
        self._rng = rng
        self._ids: list[str] = []
        self._titles: list[str] = []
        self._urls: list[str] = []
        for path in sorted(folder.rglob("20*.md")):
            stories = _STORY.findall(path.read_text(encoding="utf-8", errors="replace"))
            if len(stories) > 1 and not path.parent.name.endswith(".bak"):
                self._ids.append(path.stem)
                self._titles += [title for title, _ in stories]
                self._urls += [url for _, url in stories]
        self._words: list[str] = sorted({word for title in self._titles for word in _WORD.findall(title)})

    def draw(self) -> Call:
        """The next request: mostly tools, then everything else, and one in twelve that must be refused."""
        kind = self._rng.random()
        if kind < 0.08:
            return self._wrong()
        if kind < 0.65:
            return self._tool()
        if kind < 0.82:
            return self._resource()
        return self._prompt() if kind < 0.9 else self._completion()

    def tool(self, name: str, **arguments: Any) -> Call:
        """A call of a tool."""
        return Call("tools/call", {"name": name, "arguments": arguments})

    def uris(self) -> list[str]:
        """A few resources to be told of."""
        return ["archive://overview", "episode://latest", f"episode://{self._rng.choice(self._ids)}"]

    def _tool(self) -> Call:
        rng = self._rng
        offered: tuple[tuple[str, dict[str, Any]], ...] = (
            ("search_episodes", {"query": self._query(), "limit": rng.choice((1, 5, 20))}),
            ("search_episodes", {"query": self._query(), "since": rng.choice(_DAYS), "sort": "newest"}),
            ("search_episodes", {"query": "", "max_chars": rng.choice((1000, 6000, 30000))}),
            ("get_episode", {"id": rng.choice([*self._ids, "latest"])}),
            ("get_episode", {"id": f"{rng.choice(self._ids)}#1", "max_chars": 2000}),
            ("list_topics", {"sort": rng.choice(("count", "recent", "rising")), "limit": 10}),
            ("topic_timeline", {"topic": rng.choice(self._words), "by": rng.choice(("month", "year"))}),
            ("find_related", {"id": rng.choice(self._ids)}),
            ("check_quote", {"quote": rng.choice(self._titles)}),
            ("find_text", {"pattern": rng.choice(self._words), "sort": rng.choice(("oldest", "newest"))}),
        )
        name, arguments = rng.choice(offered)
        return self.tool(name, **arguments)

    def _query(self) -> str:
        rng = self._rng
        match rng.randrange(6):
            case 0:
                return " ".join(rng.sample(self._words, 2))
            case 1:
                return f'"{rng.choice(self._words)}"'
            case 2:
                return f"{rng.choice(self._words)} -{rng.choice(self._words)}"
            case 3:
                return rng.choice(self._urls)
            case 4:
                word = rng.choice(self._words)
                return word[: rng.randrange(2, len(word) + 1)] + rng.choice("あxー")
        return rng.choice(self._words)

    def _resource(self) -> Call:
        match self._rng.randrange(5):
            case 0:
                return Call("resources/list", {})
            case 1:
                return Call("resources/templates/list", {})
            case 2:
                return Call("resources/read", {"uri": self._rng.choice(_FIXED)})
            case 3:
                return Call("tools/list", {})
        return Call("resources/read", {"uri": f"episode://{self._rng.choice(self._ids)}"})

    def _prompt(self) -> Call:
        name = self._rng.choice((*_PROMPTS, ""))
        if not name:
            return Call("prompts/list", {})
        word = self._rng.choice(self._words)
        needed = {"about_url": {"url": self._rng.choice(self._urls)}, "weekly_digest": {}, "open_archive": {}}
        return Call("prompts/get", {"name": name, "arguments": needed.get(name, {"topic": word})})

    def _completion(self) -> Call:
        typed = self._rng.choice(self._words)[:2]
        refs = (
            ({"type": "ref/prompt", "name": "topic_brief"}, "topic"),
            ({"type": "ref/resource", "uri": "episode://{id}"}, "id"),
            ({"type": "ref/prompt", "name": "about_url"}, "url"),
        )
        ref, name = self._rng.choice(refs)
        return Call("completion/complete", {"ref": ref, "argument": {"name": name, "value": typed}})

    def _wrong(self) -> Call:
        wrong = (
            Call("tools/call", {"name": "delete_everything", "arguments": {}}, refused=True),
            Call("tools/call", {"name": "get_episode", "arguments": {"id": "9999-99-99"}}, refused=True),
            Call("tools/call", {"name": "search_episodes", "arguments": {"since": "いつか"}}, refused=True),
            Call("tools/call", {"name": "search_episodes", "arguments": {"cursor": "nonsense"}}, refused=True),
            Call("resources/read", {"uri": "episode://../../etc/passwd"}, refused=True),
            Call("prompts/get", {"name": "no_such_prompt"}, refused=True),
            Call("resources/list", {"cursor": "nonsense"}, refused=True),
            Call("no/such/method", {}, refused=True),
        )
        return self._rng.choice(wrong)


def error_of(answer: dict[str, Any]) -> str | None:
    """What an answer that is an error says; None for any other."""
    if "error" in answer:
        return str(answer["error"].get("message"))
    result = answer["result"]
    return str(result["content"][0]["text"]) if result.get("isError") else None
