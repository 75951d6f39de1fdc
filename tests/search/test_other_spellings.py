"""What a reader calls the same word is found, whatever signs it is written with; the spelling as typed comes first."""

from __future__ import annotations

import re

import pytest

from conftest import Post
from zunda_mcp.library import Library


@pytest.fixture
def spelled(show: Library, post: Post) -> Library:
    """A story for each spelling, among others about something else."""
    stories = [
        ("霞ヶ関の地下", "霞ヶ関で働く。"),
        ("自由が丘の菓子", "自由が丘を歩く。"),
        ("佐々木さんの畑", "佐々木さんに聞く。"),
        ("3か月の記録", "3か月かけて測った。"),
        ("葛\U000e0100城の砦", "山城を登る。"),
        ("Zwi\u200dschen\u2066spiel\u2069", "A word with joiners and direction marks in it."),
    ]
    for day, (title, summary) in enumerate(stories, start=1):
        post(f"2025-07-{day:02}-{day}", (title, f"https://example.com/{day}", summary))
    show.refresh()
    return show


def titles(library: Library, query: str) -> list[str]:
    """The titles found, in order."""
    return [hit.title for hit in library.search(query).hits]


@pytest.mark.parametrize("query", ["霞ヶ関", "霞ケ関", "霞が関", "霞ｹ関"])
def test_a_small_ke_is_found_in_all_its_spellings(spelled: Library, query: str) -> None:
    assert titles(spelled, query) == ["霞ヶ関の地下"]


def test_a_place_with_ga_is_found_when_typed_with_ke(spelled: Library) -> None:
    assert titles(spelled, "自由ヶ丘") == ["自由が丘の菓子"]


@pytest.mark.parametrize("query", ["3ヶ月", "３カ月", "3か月"])
def test_a_counter_is_found_in_all_its_spellings(spelled: Library, query: str) -> None:
    assert titles(spelled, query) == ["3か月の記録"]


@pytest.mark.parametrize("query", ["佐々木", "佐佐木"])
def test_a_repeated_kanji_is_found_written_out_and_as_a_mark(spelled: Library, query: str) -> None:
    assert titles(spelled, query) == ["佐々木さんの畑"]


def test_a_phrase_in_quotes_stands_as_it_is(spelled: Library) -> None:
    assert titles(spelled, '"霞が関"') == []


@pytest.mark.parametrize("query", ["葛城", "葛\U000e0101城"])
def test_a_variation_selector_makes_no_other_word(spelled: Library, query: str) -> None:
    assert len(titles(spelled, query)) == 1


@pytest.mark.parametrize("query", ["zwischenspiel", "zwischen\u00adspiel", "\u200fZwischenspiel\ufe0f"])
def test_marks_that_show_nothing_are_no_part_of_a_word(spelled: Library, query: str) -> None:
    assert len(titles(spelled, query)) == 1


@pytest.mark.parametrize("query", ["☕", "「」", "\ufe0f", "?!", "❤️"])
def test_a_query_of_which_nothing_is_left_lists_nothing_and_says_so(spelled: Library, query: str) -> None:
    result = spelled.search(query)
    assert (result.total_stories, result.hits, result.near) == (0, [], [])
    assert "it has no letter or digit" in result.understood


def test_an_empty_query_lists_everything(spelled: Library) -> None:
    assert spelled.search(" ").total_stories == 6


@pytest.fixture
def cafes(show: Library, post: Post) -> Library:
    """A word with accents, without them, and with others; and more that has accents."""
    stories = [
        ("Un café à Lyon", "Le café est bon."),
        ("A cafe in Leeds", "The cafe is good."),
        ("Crème brûlée", "On brûle le sucre de la crème brûlée."),
        ("Łódź wins", "Łódź has an Ærø ferry."),
    ]
    for day, (title, summary) in enumerate(stories, start=1):
        post(f"2025-07-{day:02}-{day}", (title, f"https://example.com/{day}", summary))
    show.refresh()
    return show


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("café", ["Un café à Lyon", "A cafe in Leeds"]),
        ("cafe", ["A cafe in Leeds", "Un café à Lyon"]),
        ("cafes", ["A cafe in Leeds", "Un café à Lyon"]),
        ('"creme brulee"', ["Crème brûlée"]),
        ("creme-brulee", ["Crème brûlée"]),
        ("cremebrulee", ["Crème brûlée"]),
        ('"crème brulée"', ["Crème brûlée"]),
        ("lodz aero", ["Łódź wins"]),
    ],
)
def test_a_word_is_found_with_and_without_accents_and_as_typed_first(
    cafes: Library, query: str, expected: list[str]
) -> None:
    assert titles(cafes, query) == expected


def test_a_word_found_without_its_accents_is_marked(cafes: Library) -> None:
    (hit, *_) = cafes.search("brulee").hits
    assert "**brûlée**" in hit.snippet


def test_terms_without_accents_are_no_words_of_the_archive(cafes: Library) -> None:
    assert not any("~" in word for word in cafes.search("brulex").suggestions)


@pytest.fixture
def loans(show: Library, post: Post) -> Library:
    """Words that Japanese took over, as often in one script as in the other, in different stories."""
    spellings = [
        ("guardrail", "ガードレール"), ("server", "サーバー"), ("Altman", "アルトマン"),
        ("Arno Breuker", "アルノ・ブロイカー"), ("light", "ライト"), ("reinforcement learning", "強化学習"),
        ("fine-tuning", "ファインチューニング"), ("Zundamon", "ずんだもん"), ("Hoffmann", "ガス・ホフマン"),
    ]  # fmt: skip
    for day, pair in enumerate(spellings, start=1):
        for place, word in enumerate(pair):
            stories = [(f"{word}の話{n}", f"https://example.com/{day}/{place}/{n}", "畑の記録。") for n in range(3)]
            post(f"2025-07-{day:02}-{place}", *stories)
    show.refresh()
    return show


@pytest.mark.parametrize(
    ("query", "other"),
    [
        ("guardrails", "ガードレール"), ("ガードレール", "guardrail"), ("server", "サーバー"), ("サーバー", "server"),
        ("Altman", "アルトマン"), ("アルトマン", "altman"), ("Arno Breuker", "アルノ・ブロイカー"),
        ("reinforcement learning", "強化学習"), ("強化学習", "reinforcement learning"),
        ("fine tuning", "ファインチューニング"), ("Zundamon", "ずんだもん"), ("ずんだもん", "zundamon"),
        ("Hoffmann", "ホフマン"),
    ],
)  # fmt: skip
def test_a_word_is_found_in_both_scripts_however_frequent_it_is_in_one(loans: Library, query: str, other: str) -> None:
    answer = loans.search(query)
    assert (answer.total_stories, answer.complete) == (6, True)
    assert re.search(rf" → {other} \((?:the same word|by the dictionary)\)", answer.understood)


def test_katakana_that_is_several_words_stands_for_none_of_them(loans: Library) -> None:
    assert loans.search("light").total_stories == 3  # ライト is right as well
