"""Names that the grammar of Japanese joins are asked for one by one, and names that look like grammar are names."""

from __future__ import annotations

import pytest

from conftest import Post
from zunda_mcp.library import Library


@pytest.fixture
def news(show: Library, post: Post) -> Library:
    """Ten stories, most on two names of three."""
    texts = [
        "CursorとWindsurfを並べて試した。",
        "Windsurfを買う話。Cursorは何もしない。",
        "Cursorの値上げ。",
        "Devinが来た。",
        "ベンチを作る。R言語で書く。",
        "プログラムを書く言語。",
        "ずんだもんの新しい声。",
        "ずんだもんとDevin。",
        "言語を学ぶ。",
        "ブラウザでCursorを動かす方法を調べる。",
    ]
    for number, text in enumerate(texts, 1):
        post(f"2024-01-{number:02}-{number}", (f"話題 {number}", f"https://example.com/{number}", text))
    show.refresh()
    return show


def _numbers(library: Library, query: str) -> list[int]:
    answer = library.search(query, limit=20)
    assert answer.total_stories == len([hit for hit in answer.hits if "#" in hit.id and not hit.near])
    return sorted(int(hit.episode_id.rpartition("-")[2]) for hit in answer.hits if "#" in hit.id and not hit.near)


@pytest.mark.parametrize(
    "query",
    ["CursorとWindsurf", "CursorとWindsurfの違い", "WindsurfとCursorの比較", "CursorとWindsurfを比較した回"],
)
def test_names_joined_by_and_are_both_asked_for(news: Library, query: str) -> None:
    assert _numbers(news, query) == [1, 2]


@pytest.mark.parametrize("query", ["WindsurfかDevinの話", "WindsurfやDevinの話題はあった？", "WindsurfとかDevinとか"])
def test_of_names_joined_by_or_either_does(news: Library, query: str) -> None:
    assert _numbers(news, query) == [1, 2, 4, 8]


def test_a_sentence_that_says_what_happens_is_no_row_of_names(news: Library) -> None:
    assert _numbers(news, "ブラウザでCursorを動かす方法を調べる") == [10]
    assert _numbers(news, "CursorとWindsurfでベンチを自動生成する仕組み") == []


@pytest.mark.parametrize("query", ["Windsurfが初めて登場したのはいつ？", "Windsurfがはじめて出た回"])
def test_what_asks_for_the_first_time_says_nothing_of_the_story(news: Library, query: str) -> None:
    assert _numbers(news, query) == [1, 2]


@pytest.mark.parametrize("query", ["ずんだもんの話題", "ずんだもんの話題は何件？", "ずんだもんが出てくる回"])
def test_a_name_that_grammar_could_explain_is_a_name_at_the_beginning(news: Library, query: str) -> None:
    assert _numbers(news, query) == [7, 8]


def test_a_letter_before_kanji_is_part_of_the_name(news: Library) -> None:
    assert _numbers(news, "R言語") == _numbers(news, "R言語の話") == [5]
    assert _numbers(news, "言語") == [5, 6, 9]
