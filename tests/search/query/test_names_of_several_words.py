"""A name of several words, typed with capitals, is the thing and not its parts."""

from __future__ import annotations

import pytest

from conftest import Post
from zunda_mcp.library import Library
from zunda_mcp.query.named_filters import site_in


@pytest.fixture
def news(show: Library, post: Post) -> Library:
    """Fifteen stories that all speak of AI; some of scale, figures and stability, two of the company Stability AI."""
    texts = [
        "大規模なAIの運用では scale が問題になる。",
        "AIで figure を描く研究。",
        "AIの動作が安定しない。",
        "安定したAI基盤。",
        "Stability AI が画像のモデルを公開。",
        "Stability AI の決算。AIの株価。",
        "ローカルLLM をAIで使う。",
        "Local LLM とAI。",
        "ローカル環境のLLMとAI。",
        "OpenAI と Microsoft のAI提携。",
        "Microsoft が OpenAI に投資、AIの話。",
        "AIで音声認識を改良。",
        "RAG を社内文書の検索に使う話。生成AIの精度が向上した。",
        "生成AIの回答に根拠を付ける。RAG の評価手法を比較。",
        "長文脈の時代に RAG は不要か。AIの研究者に取材。",
    ]
    for number, text in enumerate(texts, 1):
        post(f"2024-01-{number:02}-{number}", (f"話題 {number}", f"https://example.com/{number}", text))
    show.refresh()
    return show


def _numbers(library: Library, query: str) -> list[int]:
    answer = library.search(query, limit=20)
    assert answer.total_stories == len([hit for hit in answer.hits if not hit.near])
    return sorted(int(hit.episode_id.rpartition("-")[2]) for hit in answer.hits if not hit.near)


@pytest.mark.parametrize("query", ["Scale AI", "Figure AI", "Together AI", "which episodes covered Scale AI?"])
def test_a_name_whose_words_stand_only_apart_as_chance_has_it_is_not_in_the_archive(news: Library, query: str) -> None:
    answer = news.search(query)
    assert (answer.total_stories, answer.hits) == (0, [])
    assert news.timeline("Scale AI").total_stories == 0


def test_a_translation_of_a_word_counts_in_a_name_only_where_it_stands_beside_the_next(news: Library) -> None:
    assert _numbers(news, "Stability AI") == [5, 6]
    assert {7, 8} <= set(_numbers(news, "Local LLM"))
    assert _numbers(news, "Speech Recognition") == [12]


def test_two_names_that_are_often_spoken_of_together_are_both_asked_for(news: Library) -> None:
    assert _numbers(news, "OpenAI Microsoft") == [10, 11]
    assert _numbers(news, "AI RAG") == [13, 14, 15]


def test_names_of_which_no_story_has_two_are_each_looked_for(show: Library, post: Post) -> None:
    for day, name in enumerate(("Gatebox", "Vercel", "Kotaemon"), 1):
        post(f"2024-02-{day:02}-{day}", (f"{name} の話", f"https://example.com/{day}", "会社の製品。"))
    show.refresh()
    answer = show.search("Gatebox Vercel")
    assert {hit.title for hit in answer.hits} == {"Gatebox の話", "Vercel の話"}
    assert answer.understood.startswith("gatebox in 1 story, vercel in 1")


def test_the_first_word_of_a_longer_name_is_no_site() -> None:
    assert site_in("episodes with a guest from Preferred Networks", ["preferred.jp"]) is None
    assert site_in("stories about RAG from preferred", ["preferred.jp"]) is not None
