"""A number after a name is part of it: stories on Claude 4 that count to nine say nothing of Claude 9."""

from __future__ import annotations

import pytest

from conftest import Post
from zunda_mcp.library import Library


@pytest.fixture
def news(show: Library, post: Post) -> Library:
    """Ten stories on Claude and others, with numbers beside the names and elsewhere."""
    texts = [
        "Claude 4 を 9 回試した。",
        "Claude Fable 5 が出た。",
        "Gemini 2.5 Flash と Pro を比べる。",
        "Gemini 2.0 の Flash は 2.5 倍速い。",
        "Rust で 2.0 倍速くなった。",
        "Claude と 9 人の作家。",
        "iPhone で 16 ビットの音を鳴らす。",
        "Next.js 16 の新機能。",
        "CEDEC の話。 2024 年の夏。",
        "Claude を 20 dollars で使う。",
    ]
    for number, text in enumerate(texts, 1):
        post(f"2024-01-{number:02}-{number}", (f"話題 {number}", f"https://example.com/{number}", text))
    show.refresh()
    return show


def _numbers(library: Library, query: str) -> list[int]:
    answer = library.search(query, limit=20)
    assert library.timeline(query).total_stories == answer.total_stories
    return sorted(int(hit.episode_id.rpartition("-")[2]) for hit in answer.hits if not hit.near)


@pytest.mark.parametrize("query", ["Claude 9", "which episodes covered Claude 9?", "Claude 9の話", "Rust 2.0"])
def test_a_version_that_stands_nowhere_is_not_in_the_archive(news: Library, query: str) -> None:
    answer = news.search(query)
    assert (answer.total_stories, answer.hits) == (0, [])
    assert "not in the archive as written" in (answer.understood or "")
    assert _numbers(news, query) == []
    assert news.search("iPhone 16").total_stories == 0


def test_a_version_is_held_only_where_it_stands_beside_the_name(news: Library) -> None:
    assert _numbers(news, "Claude 4") == [1]
    assert _numbers(news, "Gemini 2.5") == _numbers(news, "Gemini 2.5 Flash") == [3]
    assert _numbers(news, "Next.js 16") == [8]


def test_a_version_of_one_of_the_names_in_a_series_is_close(news: Library) -> None:
    answer = news.search("Claude 5")
    assert answer.total_stories == 0
    assert answer.hits[0].episode_id == "2024-01-02-2"
    assert news.search("Gemini 2").hits[0].episode_id in {"2024-01-03-3", "2024-01-04-4"}


@pytest.mark.parametrize(("query", "number"), [("CEDEC 2024", 9), ("Claude 20 dollars", 10)])
def test_a_year_and_a_number_of_things_are_no_versions(news: Library, query: str, number: int) -> None:
    assert number in {int(hit.episode_id.rpartition("-")[2]) for hit in news.search(query).hits}


def test_a_word_of_grammar_at_the_end_of_a_name_is_part_of_it(news: Library, post: Post) -> None:
    post("2024-02-01-11", ("話題 11", "https://example.com/11", "ChatGPT Go の値段。"))
    post("2024-02-02-12", ("話題 12", "https://example.com/12", "ChatGPT と Amazon の話。"))
    news.refresh()
    assert news.search("Amazon Go").total_stories == 0
    assert _numbers(news, "ChatGPT Go") == [11]
    assert _numbers(news, "Amazon News") == _numbers(news, "amazon") == [12]


def test_a_name_that_begins_with_a_dot_is_no_other_word(news: Library, post: Post) -> None:
    post("2024-02-03-13", ("話題 13", "https://example.com/13", "net の話と .NET 9 の話。"))
    post("2024-02-04-14", ("話題 14", "https://example.com/14", "net の話。"))
    news.refresh()
    assert _numbers(news, ".NET") == [13]
    assert _numbers(news, "net") == [13, 14]


def test_the_capital_that_begins_a_sentence_makes_no_version(news: Library, post: Post) -> None:
    post("2024-02-05-15", ("話題 15", "https://example.com/15", "AI の tools を top から 5 個。"))
    news.refresh()
    assert _numbers(news, "Top 5 AI tools") == [15]


def test_a_number_behind_a_comma_belongs_to_what_follows_it(show: Library, post: Post) -> None:
    title = "Gemini 3.6 Flash, 3.5 Flash-Lite and 3.5 Flash Cyber"
    post("2024-01-01-1", (title, "https://example.com/1", "A release."))
    post("2024-01-02-2", ("Gemini 2.5 Pro", "https://example.com/2", "A release before it."))
    show.refresh()
    assert [hit.title for hit in show.search(title).hits if not hit.near] == [title]
