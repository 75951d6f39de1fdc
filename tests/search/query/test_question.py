"""A question is read once: its readings can be printed and compared, and nothing after them reads the text again."""

from __future__ import annotations

import datetime as dt

import pytest

from conftest import Post, reader_of
from zunda_mcp.answers import Sort
from zunda_mcp.engine.local import LocalEngine
from zunda_mcp.library import Library
from zunda_mcp.query.filters import Filters
from zunda_mcp.query.question import Question, read_question

TODAY = dt.date(2025, 8, 1)


@pytest.fixture
def engine(show: Library, post: Post) -> LocalEngine:
    """Three episodes, the numbers 11 to 13."""
    post("2024-05-07-11", ("検索の評価", "https://qiita.com/a", "RAGを測る。"))
    post("2025-07-12-12", ("検索の道具", "https://qiita.com/b", "RAGを組む。"), host="春日部つむぎ")
    post("2025-07-13-13", ("2024年の振り返り", "https://example.com/c", "一年を思い出す。"))
    show.refresh()
    return LocalEngine(reader_of(show))


def read(text: str, engine: LocalEngine, chosen: Filters | None = None, order: Sort = "relevance") -> Question:
    return read_question(text, chosen or Filters(), order, TODAY, engine)


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("RAG", ["RAG"]),
        ("", ["everything"]),
        ("RAGの投稿をまとめて", ["RAG"]),
        (
            "去年のRAG",
            [
                'RAG | since 2024-01-01 until 2024-12-31 | if close | "去年" taken as these days',
                'RAG | nothing in "去年" (2024-01-01 to 2024-12-31), so all days were searched',
            ],
        ),
        ("2024年の振り返り", ["2024年の振り返り"]),
        ("最新回は？", ["everything | on 2025-07-13 | the latest episode"]),
        ("最初の回", ["everything | on 2024-05-07 | the first episode"]),
        ("RAG in episode 12", ["RAG in | episode 2025-07-12-12 | if full", "RAG in episode 12"]),
        ("第99回", ["nothing | the number 99 has no episode; they go up to 13"]),
        (
            "Qiitaの記事でRAG",
            ["RAG | links to qiita.com | if listed", "RAG | nothing with links to qiita.com, so all was searched"],
        ),
        (
            "春日部つむぎが話したRAG",
            [
                "話したRAG | host 春日部つむぎ | if listed",
                "話したRAG | nothing with host 春日部つむぎ, so all was searched",
            ],
        ),
        ("！？", ['nothing | nothing to look for in "！？": it has no letter or digit']),
    ],
)
def test_the_readings_of_a_question_are_printed_a_line_each(
    text: str, readings: list[str], engine: LocalEngine
) -> None:
    assert str(read(text, engine)).splitlines() == readings


def test_a_chosen_filter_is_not_read_from_the_question(engine: LocalEngine) -> None:
    chosen = Filters(since=dt.date(2025, 1, 1), host="ずんだもん")
    assert str(read("去年のRAG", engine, chosen)) == "去年のRAG | since 2025-01-01 | host ずんだもん"


@pytest.mark.parametrize(
    ("text", "order", "of_full"),
    [
        ("最初のRAGはいつ？", "relevance", "oldest"),
        ("最初のRAGはいつ？", "newest", None),
        ("RAG", "relevance", None),
    ],
)
def test_a_question_for_the_first_time_asks_for_an_order(
    text: str, order: Sort, of_full: Sort | None, engine: LocalEngine
) -> None:
    question = read(text, engine, order=order)
    assert (question.order, question.order_of_full) == (order, of_full)


def test_the_same_question_is_equal_and_nothing_changes_it(engine: LocalEngine) -> None:
    question = read("去年のRAG", engine)
    assert question == read("去年の RAG", engine)
    assert question != read("今年のRAG", engine)
    with pytest.raises(AttributeError):
        question.order = "newest"  # type: ignore[misc]
