"""A Japanese name is found by its kanji and by its reading in Latin letters, whichever was written."""

from __future__ import annotations

import pytest

from conftest import Post
from zunda_mcp.library import Library
from zunda_mcp.text.japanese_names import in_japanese, other_writings, reading_key, readings_of


@pytest.fixture
def news(show: Library, post: Post) -> Library:
    """Ten stories in Japanese."""
    texts = [
        "竹中工務店のビル設備の実証実験。",
        "旭川高専がロボットの大会で優勝した話題。",
        "任天堂の新しい携帯機。",
        "Nintendo の新作。",
        "宇宙の観測の新技術。",
        "Kimi の動画生成。",
        "松尾研究室の大規模な学習。",
        "東京の会場の様子。",
        "Tokyo の天気の予測。",
        "株価の見通しの悪い記事。",
    ]
    for number, text in enumerate(texts, 1):
        post(f"2024-01-{number:02}-{number}", (f"話題 {number}", f"https://example.com/{number}", text))
    show.refresh()
    return show


def _numbers(library: Library, query: str) -> list[int]:
    return sorted(
        int(hit.episode_id.rpartition("-")[2]) for hit in library.search(query, limit=20).hits if not hit.near
    )


@pytest.mark.parametrize(("query", "numbers"), [("Takenaka", [1]), ("Asahikawa", [2]), ("Matsuo", [7])])
def test_a_name_in_latin_letters_is_found_in_japanese(news: Library, query: str, numbers: list[int]) -> None:
    assert _numbers(news, query) == numbers


@pytest.mark.parametrize(("latin", "kanji", "numbers"), [("Nintendo", "任天堂", [3, 4]), ("Tokyo", "東京", [8, 9])])
def test_a_name_of_one_reading_is_the_same_in_both_scripts(
    news: Library, latin: str, kanji: str, numbers: list[int]
) -> None:
    assert _numbers(news, latin) == numbers
    assert _numbers(news, kanji) == numbers


@pytest.mark.parametrize(
    ("katakana", "latin"), [("ファーウェイ", "Huawei"), ("シャオミ", "Xiaomi"), ("ノキア", "Nokia")]
)
def test_a_name_in_katakana_is_found_as_it_is_written_in_latin_letters(
    show: Library, post: Post, katakana: str, latin: str
) -> None:
    texts = (f"{latin} の新しい手法。", "新しい工具の話題。", "株価の見通しの記事。")
    for number, text in enumerate(texts, 1):
        post(f"2024-01-{number:02}-{number}", (f"話題 {number}", f"https://example.com/{number}", text))
    show.refresh()
    assert _numbers(show, katakana) == [1]
    assert _numbers(show, latin) == [1]


def test_a_word_that_is_a_name_of_somebody_too_is_no_name(news: Library) -> None:
    assert _numbers(news, "Sora") == []
    assert _numbers(news, "宇宙") == [5]


def test_a_name_that_nobody_wrote_stays_absent(news: Library) -> None:
    assert _numbers(news, "Hitachi") == []


def test_an_archive_in_english_is_asked_in_japanese(show: Library, post: Post) -> None:
    for number, text in enumerate(("A visit to Takenaka's lab.", "A new lab in town.", "On robots."), 1):
        post(f"2024-01-{number:02}-{number}", (f"Story {number}", f"https://example.com/{number}", text))
    show.refresh()
    assert _numbers(show, "竹中") == [1]


@pytest.mark.parametrize(
    ("spellings", "key"),
    [
        (("oita", "ooita", "ôita"), "oita"),
        (("kochi", "kouchi", "kohchi"), "kochi"),
        (("namba", "nanba"), "nanba"),
        (("shimbun", "sinbun", "shinbun"), "shinbun"),
        (("tsuchida", "tutida"), "tsuchida"),
        (("hatchobori", "hacchobori", "hattyobori"), "hacchobori"),
    ],
)
def test_all_romanisations_of_a_reading_are_one(spellings: tuple[str, ...], key: str) -> None:
    assert {reading_key(spelling) for spelling in spellings} == {key}


def test_a_person_is_found_with_the_surname_first_or_last() -> None:
    assert in_japanese("masayoshi son") == in_japanese("son masayoshi") == ("孫正義",)


def test_a_rare_reading_and_a_common_word_are_no_names() -> None:
    assert "日向" not in in_japanese("hitachi")  # one family is read so
    assert "末尾" not in in_japanese("matsuo")  # the end of a line
    assert "宇宙" not in in_japanese("sora")  # the universe
    assert other_writings("tokyo") == ("東京",)
    assert readings_of("任天堂") == ("nintendo",)
