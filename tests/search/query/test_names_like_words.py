"""A name is not the word that it is made from, a thing is no verb, and what a slip is taken for has other names."""

from __future__ import annotations

import pytest

from conftest import Post
from zunda_mcp.library import Library


@pytest.fixture
def news(show: Library, post: Post) -> Library:
    """Nine stories in Japanese with a few words of English."""
    texts = [
        "Fastly の配信網。",
        "fast な配信網を選ぶ。",
        "fast な推論。",
        "tokenize の手順。",
        "役割を担うことになった人々の証言記録集。",
        "利益を生むという循環型社会の構造改革、持続可能性。",
        "エヌビディア（NVIDIA）の決算。",
        "NVIDIA の決算。",
        "エヌビディア（NVIDIA）の新製品。",
    ]
    for number, text in enumerate(texts, 1):
        post(f"2024-01-{number:02}-{number}", (f"話題 {number}", f"https://example.com/{number}", text))
    show.refresh()
    return show


def _numbers(library: Library, query: str) -> list[int]:
    return sorted(
        int(hit.episode_id.rpartition("-")[2]) for hit in library.search(query, limit=20).hits if not hit.near
    )


def test_a_name_made_from_a_word_that_everybody_uses_is_no_form_of_it(news: Library) -> None:
    assert _numbers(news, "Fastly") == [1]
    assert _numbers(news, "tokenizer") == [4]


def test_a_plural_is_translated_to_things_alone(news: Library) -> None:
    assert _numbers(news, "bears") == []


def test_what_a_slip_is_taken_for_is_looked_for_under_its_other_names(news: Library) -> None:
    assert _numbers(news, "Nvida") == [7, 8, 9]


@pytest.mark.parametrize("query", ["サカナAI", "サカナAIの話題"])
def test_a_name_written_half_in_katakana_is_the_one_in_letters(news: Library, post: Post, query: str) -> None:
    post("2024-02-01-10", ("話題 10", "https://example.com/10", "Sakana AI の研究。"))
    post("2024-02-02-11", ("話題 11", "https://example.com/11", "魚とAI。"))
    news.refresh()
    assert _numbers(news, query) == [10]


def test_a_katakana_name_with_a_number_is_the_one_in_letters_with_it(news: Library, post: Post) -> None:
    post("2024-02-01-10", ("話題 10", "https://example.com/10", "Sakana 4 の研究。"))
    post("2024-02-02-11", ("話題 11", "https://example.com/11", "Sakana 3 と、4つの話。"))
    news.refresh()
    assert _numbers(news, "サカナ4") == [10]


def test_a_sentence_that_no_story_holds_tells_which_of_its_words_stories_hold(news: Library, post: Post) -> None:
    post("2024-02-01-10", ("話題 10", "https://example.com/10", "灯台の猫を描く。"))
    post("2024-02-02-11", ("話題 11", "https://example.com/11", "望遠鏡で動かす。"))
    news.refresh()
    assert "灯台 in 1 story, 望遠鏡 in 1" in news.search("灯台で望遠鏡を動かす話").understood
