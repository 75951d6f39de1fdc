"""Operators that are said in words: what is left out, and what may stand in place of another."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import Post, examples
from zunda_mcp.library import Library
from zunda_mcp.query.operators import with_operators
from zunda_mcp.query.parse import parse


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("Stories about Gemini but not Google", "Stories about Gemini -Google"),
        ("gemini but not google?", "gemini -google"),
        ("Gemini NOT Google", "Gemini -Google"),
        ("Claude except Claude Code", 'Claude -"Claude Code"'),
        ("LLM stories excluding OpenAI", "LLM stories -OpenAI"),
        ("DeepSeek以外の中国のLLM", "中国のLLM -DeepSeek"),
        ("Claude Codeを除くClaudeの話", 'Claudeの話 -"Claude Code"'),
        ("Which episodes covered Cursor or Windsurf?", "Which episodes covered (Cursor OR Windsurf)?"),
        ("Did OpenAI or Anthropic raise prices?", "Did (OpenAI OR Anthropic) raise prices?"),
        ("OpenAI, Anthropic or Google on safety", "(OpenAI OR Anthropic OR Google) on safety"),
        ("Cline vs Roo Code", "Cline Roo Code"),
        ("cursor vs windsurf?", "cursor windsurf?"),
        ("cursor or windsurf", "(cursor OR windsurf)"),
        ("Cursor oder Windsurf", "(Cursor OR Windsurf)"),
    ],
)
def test_words_that_leave_out_or_give_a_choice_are_operators(text: str, typed: str) -> None:
    assert with_operators(text) == typed


@pytest.mark.parametrize(
    "text",
    [
        "to be or not to be",
        "it works but not well",
        "why not",
        "do I need RAG or not",
        "それ以外の話",
        "人間以外のキャラクター",
        "attention is NOT all you need",
        "AI, but not as we know it",
        "Claude without Code",
        "VS Code",
        "install vs code",
        '"Cursor or Windsurf"',
        "",
    ],
)
def test_what_may_be_something_else_is_left_alone(text: str) -> None:
    assert with_operators(text) == text


@settings(max_examples=examples(30))
@given(st.text(max_size=60))
def test_no_text_is_an_error(text: str) -> None:
    with_operators(text)


@pytest.fixture
def news(show: Library, post: Post) -> Library:
    """Stories on three products and a company."""
    texts = [
        "Gemini と Google の話。",
        "Gemini の新機能。",
        "Cursor の値段。",
        "Windsurf の値段。",
        "Cursor or Windsurf を読む。",
    ]
    for number, text in enumerate(texts, 1):
        post(f"2024-01-{number:02}-{number}", (f"話題 {number}", f"https://example.com/{number}", text))
    show.refresh()
    return show


def _numbers(library: Library, query: str) -> list[int]:
    hits = library.search(query, limit=20).hits
    return sorted(int(hit.episode_id.rpartition("-")[2]) for hit in hits if "#" in hit.id and not hit.near)


def test_what_is_left_out_and_what_is_alternative_is_searched_so(news: Library) -> None:
    assert _numbers(news, "Gemini but not Google") == _numbers(news, "Google以外のGeminiの話") == [2]
    assert _numbers(news, "which episodes covered Cursor or Gemini?") == [1, 2, 3, 5]


def test_words_that_stand_in_the_archive_as_they_were_typed_are_looked_for(news: Library) -> None:
    assert _numbers(news, "Cursor or Windsurf") == [5]


def test_an_episode_does_not_answer_by_its_description_for_a_story_that_was_left_out(show: Library, post: Post) -> None:
    for number, text in enumerate(["Gemini と Google。", "Gemini の新機能。"], 1):
        post(f"2024-01-0{number}-{number}", ("Gemini", f"https://example.com/{number}", text), description="Geminiの回")
    show.refresh()
    answer = show.search("Gemini but not Google")
    assert (answer.total_stories, answer.total_episodes) == (1, 1)
    assert [hit.episode_id for hit in answer.hits] == ["2024-01-02-2"]


@pytest.mark.parametrize("query", ["who said 'value of the model'?", "‘value of the model’"])
def test_several_words_in_single_quotes_are_looked_for_as_they_stand(show: Library, post: Post, query: str) -> None:
    post("2024-01-01-1", ("話題 1", "https://example.com/1", "The value of the model is clear."))
    post("2024-01-02-2", ("話題 2", "https://example.com/2", "A model of value."))
    show.refresh()
    assert _numbers(show, query) == [1]


@pytest.mark.parametrize("query", ["the hosts' value and the users' model", "it's a model 'value'", "rock 'n' roll"])
def test_an_apostrophe_and_one_quoted_word_are_no_phrase(query: str) -> None:
    assert not any(word.phrase for word in parse(query).words)
