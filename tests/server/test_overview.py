"""The resources about an archive as a whole: its overview and its topics."""

from __future__ import annotations

import re
from pathlib import Path

from server_fakes import FakeLibrary, resource_text

from conftest import Post
from zunda_mcp.answers import EpisodeBrief, SiteCount, Topic
from zunda_mcp.library import Library
from zunda_mcp.models import Problem
from zunda_mcp.server import resources
from zunda_mcp.server.resources import (
    MAX_CHARS,
)
from zunda_mcp.server.tools import BY_NAME

NEWEST = "2026-06-30-514"


def test_the_overview_says_what_the_archive_is_and_how_to_ask(sample: Library) -> None:
    text = resource_text(sample, "archive://overview")
    assert len(text) < 6000
    for said in (
        "# zunda-mcp の見本",
        "20 episodes, 72 stories, 2024-05-29 to 2026-06-30",
        "mostly in Japanese",
        "Asia/Tokyo",
        "- 2025: 11 episodes, 40 stories",
        "ずんだもん 13, ",
        "zenn.dev 18, ",
        f"id {NEWEST}",
        "## How to ask",
        "archive://topics",
    ):
        assert said in text
    assert "## Problems" not in text
    for tool in BY_NAME:
        assert f"{tool}(" in text


def test_the_calls_the_overview_shows_are_answered_by_the_archive_it_is_of(sample: Library) -> None:
    text = resource_text(sample, "archive://overview")
    word = re.search(r'topic_timeline\(topic="([^"]+)"\)', text)
    month = re.search(r'query="", since="([^"]+)"', text)
    assert word
    assert month
    assert sample.timeline(word[1]).total_stories
    assert sample.search("", since=month[1]).total_stories


class Huge(FakeLibrary):
    """An archive in which everything is too long, and much of it."""

    def episodes(self) -> tuple[EpisodeBrief, ...]:
        return tuple(
            EpisodeBrief(
                id="i" * 300,
                number=None,
                date=f"{2100 - place}-01-01",
                title="題\x1b[31m名" * 200,
                hosts=[f"{'出演者' * 60}{place}"],
                url="https://example.com/" + "u" * 3000,
                stories=3,
            )
            for place in range(200)
        )

    def sites(self) -> tuple[SiteCount, ...]:
        return tuple(SiteCount(site=f"{'s' * 250}{place}.example", stories=1) for place in range(3000))

    def topic_names(self) -> tuple[Topic, ...]:
        return tuple(
            Topic(
                name=f"{'話題' * 100}{place}",
                aliases=["別名" * 100],
                stories=2,
                episodes=1,
                first="2025-01-01",
                last="2025-01-02",
                examples=[],
            )
            for place in range(5000)
        )

    def problems(self) -> list[Problem]:
        return [Problem(path="p" * 500, line=3, cause="c" * 5000) for _ in range(900)]


def test_overview_and_topics_of_a_huge_archive_stay_small_and_clean() -> None:
    text = resource_text(Huge(), "archive://overview")
    assert len(text) < 6000
    assert "\x1b" not in text
    assert "## How to ask" in text
    assert "## Problems in source files (900)" in text
    topics = resource_text(Huge(), "archive://topics")
    assert len(topics) <= MAX_CHARS
    assert re.search(r"\[\d+ of 5,000 topics shown\. The rest: list_topics\(", topics)


def test_problems_in_source_files_are_told(archive: Path, show: Library, post: Post) -> None:
    post("2025-07-08-1", ("一つ目", "https://example.com/1", "話"))
    (archive / "2025-07-09-2.md").write_bytes(b"---\ntitle: [\n---\n\nx\n")
    text = resource_text(show, "archive://overview")
    assert "## Problems in source files (1)" in text
    assert "2025-07-09-2.md" in text


def test_an_archive_without_episodes_has_an_overview(show: Library) -> None:
    text = resource_text(show, "archive://overview")
    assert "0 episodes, 0 stories" in text
    assert "## How to ask" in text
    assert "0 topics" in resource_text(show, "archive://topics")


def test_topics_are_a_line_each_with_other_spellings_counts_and_dates(sample: Library) -> None:
    lines = resource_text(sample, "archive://topics").splitlines()
    assert lines[0].startswith(f"{len(sample.topic_names())} topics, ")
    line = next(line for line in lines if line.startswith("MCP ("))
    assert re.fullmatch(r"MCP \(model context protocol\): 5/5, \d{4}-\d\d-\d\d\.\.\d{4}-\d\d-\d\d", line)
    counts = [int(found[1]) for line in lines if (found := re.search(r": (\d+)/", line))]
    assert counts == sorted(counts, reverse=True)
    assert len(counts) == len(sample.topic_names())


def test_the_longest_line_of_topics_is_never_cut_in_two() -> None:
    for size in (400, 1900):
        text = resources.topics(Huge(), size)
        assert len(text) <= size
        body = [line for line in text.splitlines() if "話題" in line]
        assert all(line.endswith(": 2/1, 2025-01-01..2025-01-02") for line in body)
