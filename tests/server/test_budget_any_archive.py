"""``max_chars`` holds whatever an archive holds: titles, names and addresses of thousands of characters, long
file names, many hosts, many archives. The archives are drawn by seed, and each answer is measured in every form in
which a client may show it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_budget import compact

from conftest import TODAY
from zunda_mcp.config.load import load_settings
from zunda_mcp.library import Library
from zunda_mcp.server.dispatch import LazyArchive, Reply, respond
from zunda_mcp.sources.registry import source_paths

SEEDS = [1, 2, 3]
SIZES = [1000, 6000]
"""The smallest that may be asked for, which is the hardest; some of the calls are asked with the usual one as well."""
_WORDS = ["生成AI", "エージェント", "TensorRT-LLM", "Kafka", "大規模言語モデル", "音声合成", "kernel", "推論", "検索"]
_ODD = ['"quotes" \\ and \\\\ back', "line\u2028separated", "𠮷野家👩‍💻", "<b>markup</b> & more", "\u200bhidden\u202e"]


class Draw:
    """Texts, names and addresses of any length, by seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def size(self, most: int) -> int:
        """Mostly small, now and then as large as it gets."""
        return self.random.choice([8, 20, 60, most // 10 + 1, most])

    def text(self, most: int) -> str:
        """Words up to about so many characters, with what JSON and a terminal find hard among them."""
        words: list[str] = []
        for _ in range(self.size(most) // 6 + 1):
            words.append(self.random.choice(_WORDS if self.random.random() < 0.9 else _ODD))
        glue = self.random.choice([" ", "", "、"])
        return glue.join(words)

    def url(self, most: int) -> str:
        host = self.random.choice(["example.com", "a" * 60 + "." + "b" * 60 + ".example.org", "例え.jp"])
        return f"https://{host}/{self.random.choice('xyz') * self.size(most)}/{self.random.randrange(10**9)}"


def write_archive(folder: Path, draw: Draw, longest_name: int, episodes: int = 14) -> None:
    """Episodes in the show's own format, each of them in another way too large."""
    folder.mkdir(parents=True)
    for number in range(episodes):
        date = f"2025-{number % 3 + 5:02d}-{number % 28 + 1:02d}"
        stem = f"{date}-{number}-{'n' * draw.random.randrange(longest_name)}" if longest_name else f"{date}-{number}"
        hosts = "".join(f"  - {draw.text(300)!r}\n" for _ in range(draw.random.choice([0, 1, 3, 40])))
        stories = "".join(
            f"- [{_WORDS[number % 3]} {draw.text(4000)}]({draw.url(2000)})  \n\n生成AIの話。{draw.text(3000)}\n\n"
            for _ in range(draw.random.choice([1, 2, 6]))
        )
        (folder / f"{stem}.md").write_text(
            f"---\nactor_ids:\n{hosts or '  - x'}\ndate: {date} 05:00:00 +0900\ndescription: {draw.text(3000)!r}\n"
            f"title: {draw.text(3000)!r}\nurl: {draw.url(2000)}\naudio_file_path: /{'a' * draw.size(2000)}.mp3\n"
            f"---\n\n## 関連リンク\n\n{stories}",
            encoding="utf-8",
        )


@pytest.fixture(scope="module", params=SEEDS)
def library(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """One archive with a name of 3,000 characters, one with names of files as long as they can be, many of both."""
    seed: int = request.param
    draw, home = Draw(seed), tmp_path_factory.mktemp("any")
    options: dict[str, Any] = {"index": home / "index", "environ": {}, "cwd": home, "embedder": "none"}
    if seed == SEEDS[-1]:
        names = [f"{'長い名前' * 7}{i}" for i in range(30)]
        for name in names:
            write_archive(home / name, draw, 25, episodes=2)
        options |= {"archives": tuple(f"{name}={home / name}" for name in names), "resolve": source_paths}
    else:
        write_archive(home / "show", draw, 200 if seed == SEEDS[0] else 30)
        options |= {"episodes": [home / "show"], "name": f"「{'とても長い名前の番組' * 300}」"}
    with Library(load_settings(**options), now=TODAY.astimezone) as library:
        library.refresh()
        yield library


def shown(reply: Reply) -> list[int]:
    """How many characters a client shows its model, in each of the forms it may choose."""
    forms = [len(reply.text) + sum(len(compact(link)) for link in reply.links)]
    return forms if reply.data is None else [*forms, len(compact(reply.data))]


def calls(library: Library) -> list[tuple[str, dict[str, Any]]]:
    """Each tool, asked for what is there, what is nearly there, and what is not, in short and in long words."""
    briefs = library.episodes()
    ids = [briefs[0].id, briefs[-1].id, max((brief.id for brief in briefs), key=len)]
    stories = [f"{name}#1" for name in ids]
    addresses = [url for name in ids for url in [library.episode(name).episode.page_url] if url and len(url) < 2000]
    found: list[tuple[str, dict[str, Any]]] = [("list_topics", {"sort": "rising", "limit": 50})]
    for query in ["", "kernel 推論", "大規模言語モデル" * 200, "ゼヌムルグ", "x" * 1900]:
        found += [("search_episodes", {"query": query, "limit": limit}) for limit in (1, 50)]
        found += [("search_episodes", {"query": query, "detail": detail}) for detail in ("snippets", "full")]
        found += [("topic_timeline", {"topic": query or "生成AI", "by": "week"})]
        found += [("list_topics", {"query": query, "limit": 50})]
    for quote in ["生成AIの話。", "kernel 推論 検索 音声合成は", "x" * 1900]:
        found += [("check_quote", {"quote": quote}), ("check_quote", {"quote": quote, "id": ids[-1]})]
    for name in [*ids, *stories, *addresses, "latest", "z" * 1900]:
        found += [("get_episode", {"id": name, "detail": "full"})]
        found += [("get_episode", {"id": name}), ("find_related", {"id": name, "limit": 50})]
    return found


@pytest.mark.parametrize("size", SIZES)
def test_no_reply_is_longer_than_max_chars(library: Library, size: int) -> None:
    too_long = []
    longest = max(len(f"{brief.id}#1") for brief in library.episodes())
    for tool, arguments in calls(library)[:: 1 if size == SIZES[0] else 3]:
        reply = respond(LazyArchive(lambda: library), tool, {**arguments, "max_chars": size})
        assert "a fault in the server" not in reply.text
        assert "has no room" not in reply.text or longest > 80
        if max(shown(reply)) > size:
            too_long.append((tool, shown(reply), arguments))
    assert too_long == []
