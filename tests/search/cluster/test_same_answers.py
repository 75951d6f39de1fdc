"""A cluster answers as the embedded engine does: the same stories in the same order, with the same text and totals."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("opensearchpy")

from cluster_libraries import cluster_library, removed

from conftest import CLUSTER, SAMPLE, library_over
from zunda_mcp.engine.opensearch import cluster_matching, passes
from zunda_mcp.library import Library
from zunda_mcp.query import tuning

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(not CLUSTER, reason="no cluster at ZUNDA_TEST_OPENSEARCH_URL; `make cluster` starts one"),
]

QUERIES = [
    "AI",
    "音声合成",
    "Claude Code",
    "claudecode",
    "GPT-4o mini",
    '"TensorRT-LLM"',
    "エージェント",
    "えーじぇんと",
    "学",
    "生成AI",
    "推論の高速化",
    "RAGの精度を上げるには",
    "how to evaluate agents",
    "tensorrrt",
    "モデル -AI",
    "みみずく -AI",
    'AI -"春日部つむぎ"',
    "モデル OR ロボット",
    "zenn.dev",
    "zenn.dev AI",
    "去年のAIの話",
    "最初のLLMの話",
    "ふくろうの検索",
    "猫",
    "マリアさまの庭",
    '"old almanac for"',
    '"白い帆の船"',
    '"緑の湖のほとり"',
    '"blue birds"',
    '(farriers OR "blue birds") almanac',
    "café",
    "cafe",
    "蒸気機関車の運転",
    "",
]
LIMITS: list[dict[str, Any]] = [
    {},
    {"since": "2025-01-01", "sort": "newest", "limit": 5},
    {"host": "ずんだもん", "sort": "oldest"},
]


FOUND = (
    '"old almanac for"',
    '"白い帆の船"',
    '"緑の湖のほとり"',
    '"blue birds"',
    '(farriers OR "blue birds") almanac',
    "cafe",
)
"""Over a link, over emphasis, over the end of a turn, one of alternatives, and a word without its accent."""


def add_spoken(folder: Path) -> None:
    """Two episodes with a transcript each, a part of it of no story, one whose text has links and emphasis, and one
    whose description holds a word that a story holds beside another.
    """
    body = "**白い**帆の船が着いた。See [the old almanac](https://z.example/) for *blue* birds at the café.\n"
    head = "---\ntitle: 豆の放送 第3回\ndate: 2026-01-03 05:00:00 +0900\n---\n\n- [森の話](https://a.example/3)\n\n"
    (folder / "2026-01-03-903.md").write_text(head + body, encoding="utf-8")
    head = "---\ntitle: 豆の放送 第4回\ndate: 2026-01-04 05:00:00 +0900\ndescription: みみずくの回\n---\n\n"
    story = "- [みみずくのAI](https://a.example/4)\n\n森で学ぶ。\n"
    (folder / "2026-01-04-904.md").write_text(head + story, encoding="utf-8")
    long = "また棚に戻して茶を飲む。" * 40 + "モデルの本なのだ。"
    for n, said in (
        (1, "猫わ検索しないのだ。マリアさまのお庭なのだ。緑の\n湖のほとりなのだ。"),
        (2, "ふくろうの検索なのだ。AIの話もするのだ。"),
    ):
        head = f"---\ntitle: 豆の放送 第{n}回\ndate: 2026-01-0{n} 05:00:00 +0900\naudio_file_path: /s{n}.mp3\n---\n\n"
        stories = (
            f"- [量子化の話](https://a.example/{n})\n\n小さくする。\n\n- [AIの本](https://b.example/{n})\n\n読む。"
        )
        (folder / f"2026-01-0{n}-90{n}.md").write_text(f"{head}{stories}{long}\n", encoding="utf-8")
        (folder / "audio").mkdir(exist_ok=True)
        slides = [
            {"type": "section", "notes": said, "url": f"https://a.example/{n}", "start_ms": 0, "end_ms": 9000},
            {"type": "closing", "notes": "AIのモデルの話は以上なのだ。", "start_ms": 9000, "end_ms": 12000},
        ]
        (folder / "audio" / f"s{n}.json").write_text(json.dumps(slides, ensure_ascii=False), encoding="utf-8")


@pytest.fixture(scope="module")
def episodes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cluster") / "show"
    shutil.copytree(SAMPLE, folder)
    add_spoken(folder)
    return folder


@pytest.fixture(scope="module")
def home(episodes: Path) -> Iterator[Library]:
    with library_over(episodes, episodes.parent / "home") as library:
        library.refresh()
        yield library


@pytest.fixture(scope="module")
def asked(episodes: Path) -> Iterator[Library]:
    """A library that is only asked: nothing of the archive is on its machine."""
    index = episodes.parent / "elsewhere"
    with removed(index):
        with cluster_library(episodes, index) as writing:
            writing.refresh()
        with cluster_library(None, index) as library:
            yield library


@pytest.fixture(scope="module")
def with_vectors(episodes: Path) -> Iterator[tuple[Library, Library]]:
    """The same two libraries, with vectors."""
    index = episodes.parent / "vectors"
    with removed(index):
        with cluster_library(episodes, index, "use") as writing:
            writing.refresh()
        with library_over(episodes, index, "use") as home, cluster_library(None, index, "use") as asked:
            yield home, asked


def answered(library: Library, query: str, limits: dict[str, Any]) -> dict[str, Any]:
    return library.search(query, **limits).model_dump()


@pytest.mark.parametrize("query", QUERIES)
def test_a_question_has_the_same_answer(home: Library, asked: Library, query: str) -> None:
    for limits in LIMITS:
        assert answered(asked, query, limits) == answered(home, query, limits), (query, limits)


@pytest.mark.parametrize("query", ["", "モデル -AI", "zenn.dev AI", "ふくろうの検索", "最初のLLMの話"])
def test_a_question_without_somebody_has_the_same_answer(home: Library, asked: Library, query: str) -> None:
    assert answered(asked, query, {"host": "-ずんだもん"}) == answered(home, query, {"host": "-ずんだもん"})


@pytest.mark.parametrize("query", ["how to evaluate agents", "RAGの精度を上げるには", "(farriers OR smiths) almanac"])
def test_what_is_near_in_meaning_is_the_same_within_every_limit(
    with_vectors: tuple[Library, Library], query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, asked = with_vectors
    monkeypatch.setattr(tuning, "MAX_BY_MEANING", 3)
    for limits in ({}, {"since": "2025-09-01", "until": "2025-12-31"}, {"host": "-ずんだもん"}, {"site": "zenn.dev"}):
        assert answered(asked, query, limits) == answered(home, query, limits), limits
    assert answered(asked, f"{query} -AI", {}) == answered(home, f"{query} -AI", {})


def test_what_is_asked_over_links_turns_and_alternatives_is_there(home: Library) -> None:
    for query in FOUND:
        assert home.search(query).total_stories, query


COUNTED = ("total_stories", "total_episodes", "own_text", "passages", "first", "last", "years")


@pytest.mark.parametrize("query", ["AI", "モデル", "の", "エージェント", "音声合成", "株式会社", "2025", ""])
def test_full_matches_beyond_those_that_are_fetched_are_counted(
    home: Library, asked: Library, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_matching, "FETCHED", 3)
    monkeypatch.setattr(cluster_matching, "NEAR", 3)
    monkeypatch.setattr(tuning, "MAX_BUSIEST", 1)
    for since in (None, "2025-01-01"):
        there, here = (
            one.search(query, limit=1, since=since).model_dump(include=set(COUNTED)) for one in (asked, home)
        )
        assert there == here
        if query:
            assert asked.timeline(query, since=since).model_dump() == home.timeline(query, since=since).model_dump()


def test_what_may_be_frequent_is_counted_alone_in_a_large_archive(
    home: Library, asked: Library, episodes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "FEW_STORIES", 0)
    with cluster_library(None, episodes.parent / "elsewhere") as large:
        for query in ("AI", "生成AI", "tensorrrt", "how to evaluate agents", "猫", "モデル OR ロボット"):
            assert answered(large, query, {}) == answered(home, query, {}) == answered(asked, query, {}), query


def test_pages_go_on_as_at_home(home: Library, asked: Library) -> None:
    for library in (home, asked):
        first = library.search("AI", limit=3)
        assert first.next_cursor
    second = [
        library.search("AI", limit=3, cursor=library.search("AI", limit=3).next_cursor) for library in (home, asked)
    ]
    assert second[0].model_dump() == second[1].model_dump()


def test_every_other_tool_says_the_same(home: Library, asked: Library) -> None:
    story = home.search("AI").hits[0].id
    assert asked.related(story).model_dump() == home.related(story).model_dump()
    assert asked.timeline("AI").model_dump() == home.timeline("AI").model_dump()
    assert asked.topics().model_dump() == home.topics().model_dump()
    assert asked.episode("latest").model_dump() == home.episode("latest").model_dump()
    for pattern in ("AI", "検索", r"gpt-?\d", "example", "ふくろう", "モデル.{0,5}AI"):
        assert asked.find_text(pattern).model_dump() == home.find_text(pattern).model_dump(), pattern
    for quote in ("猫わ検索しないのだ", "小さくする。", "そんなことは誰も言わなかった"):
        assert asked.check_quote(quote).model_dump() == home.check_quote(quote).model_dump(), quote
    assert asked.sites() == home.sites()
    assert asked.hosts() == home.hosts()
    assert asked.problems() == home.problems()
    assert asked.episode_digests()[1] == home.episode_digests()[1]


def test_an_index_that_grew_change_by_change_answers_as_one_built_anew(episodes: Path, tmp_path: Path) -> None:
    folder, index = tmp_path / "show", tmp_path / "index"
    shutil.copytree(episodes, folder)
    with removed(index), cluster_library(folder, index) as growing:
        growing.refresh()
        first, second, third = sorted(folder.glob("*.md"))[:3]
        first.unlink()
        second.write_text(second.read_text(encoding="utf-8").replace("AI", "人工知能"), encoding="utf-8")
        (folder / "2026-02-01-999.md").write_text(third.read_text(encoding="utf-8"), encoding="utf-8")
        growing.refresh()
        with library_over(folder, tmp_path / "anew") as anew:
            anew.refresh()
            for query in (*QUERIES[:8], "人工知能"):
                grown, built = (one.search(query).model_dump() for one in (growing, anew))
                assert grown == built, query
            assert growing.topics().model_dump() == anew.topics().model_dump()
