"""Questions that name an episode, by its place or by its number."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import Post, examples
from zunda_mcp.library import Library
from zunda_mcp.query.named_filters import split_edition, split_number


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("最新回", "newest"),
        ("最新回は？", "newest"),
        ("最新のエピソードを教えて", "newest"),
        ("前回の内容", "newest"),
        ("What was in the latest episode?", "newest"),
        ("最初の回", "oldest"),
        ("tell me about the first episode", "oldest"),
        ("el último episodio", "newest"),
        ("¿De qué trata el último episodio?", "newest"),
        ("die letzte Folge", "newest"),
        ("最新一期", "newest"),
        ("premier épisode", "oldest"),
        ("最新回のRAGの話", None),
        ("último episodio sobre linux", None),
        ("latest news", None),
        ("the last episode on Sora", None),
        ("最初の回と最新回", None),
        ("", None),
    ],
)
def test_a_question_for_an_episode_by_its_place_alone_asks_for_that_episode(text: str, order: str | None) -> None:
    assert split_edition(text) == order


@pytest.mark.parametrize(
    ("text", "number", "rest"),
    [
        ("第300回では何を話した？", 300, "では何を話した?"),
        ("第３００回", 300, ""),
        ("第三百回の内容は？", 300, "の内容は?"),
        ("エピソード300のRAGの話", 300, "のRAGの話"),
        ("300回目の放送", 300, "の放送"),
        ("what was episode 300 about?", 300, "what was  about?"),
        ("RAG in ep. 120", 120, "RAG in"),
        ("episode #12", 12, ""),
        ("the 300th episode", 300, "the"),
        ("第300期讲了什么？", 300, "讲了什么?"),
        ("Worum ging es in Folge 300?", 300, "Worum ging es in  ?"),
        ("Was war in der 300. Folge?", 300, "Was war in der  ?"),
        ("De quoi parle l'épisode 300 ?", 300, "De quoi parle l'  ?"),
        ("¿De qué trata el episodio número 300?", 300, "¿De qué trata el  ?"),
        ("제300회에서 무슨 이야기를 했나요?", 300, "에서 무슨 이야기를 했나요?"),
        ("о чём выпуск 300?", 300, "о чём  ?"),
    ],
)
def test_a_number_beside_a_word_for_episodes_names_one(text: str, number: int, rest: str) -> None:
    found = split_number(text)
    assert found is not None
    assert (found.number, found.rest.split()) == (number, rest.split())


@pytest.mark.parametrize(
    "text", ["300", "300回 再生", "GPT-4", "episode 4.5", "episodes 3 and 4", "step 3", "episode 1 and episode 2", ""]
)
def test_another_number_names_none(text: str) -> None:
    assert split_number(text) is None


@settings(max_examples=examples(30))
@given(st.text(max_size=60))
def test_no_text_is_an_error(text: str) -> None:
    split_edition(text)
    split_number(text)


@pytest.fixture
def numbered(show: Library, post: Post) -> Library:
    """Three episodes, the numbers 11 to 13."""
    post("2025-07-11-11", ("検索の評価", "https://example.com/a", "RAGを測る。"))
    post(
        "2025-07-12-12",
        ("検索の道具", "https://example.com/b", "RAGを組む。"),
        ("庭の手入れ", "https://example.com/c", "水やり。"),
    )
    post("2025-07-13-13", ("第12回将棋大会", "https://example.com/d", "決勝の棋譜。"))
    show.refresh()
    return show


@pytest.mark.parametrize(
    "question",
    [
        "第12回では何を話した？",
        "第12回",
        "12回目の放送の内容を教えて",
        "what did they talk about in episode 12?",
        "第12期讲了什么？",
        "Worum ging es in Folge 12?",
        "De quoi parle l'épisode 12 ?",
        "¿De qué trata el episodio 12?",
        "제12회에서 무슨 이야기를 했나요?",
    ],
)
def test_an_episode_by_its_number_is_all_of_it(numbered: Library, question: str) -> None:
    answer = numbered.search(question)
    assert [hit.id for hit in answer.hits] == ["2025-07-12-12#1", "2025-07-12-12#2"]
    assert answer.understood == "everything; episode 2025-07-12-12"


@pytest.mark.parametrize("question", ["第12回のRAGの話", "what did they say about RAG in episode 12?"])
def test_what_is_asked_of_an_episode_is_looked_for_in_it(numbered: Library, question: str) -> None:
    answer = numbered.search(question)
    assert [hit.id for hit in answer.hits if not hit.near] == ["2025-07-12-12#1"]
    assert answer.understood.endswith("episode 2025-07-12-12")


def test_a_number_that_is_of_something_else_filters_nothing(numbered: Library) -> None:
    assert numbered.search("第12回将棋大会").hits[0].id == "2025-07-13-13#1"


def test_a_number_that_no_episode_has_is_said(numbered: Library) -> None:
    answer = numbered.search("第99回では何を話した？")
    assert (answer.hits, answer.understood) == ([], "the number 99 has no episode; they go up to 13")
