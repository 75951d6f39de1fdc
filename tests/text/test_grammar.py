"""Hiragana: what is grammar falls away, what is content stays, and a name that is known is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zunda_mcp.text.tokenizer import content_words

HIRAGANA = st.text(alphabet=[chr(code) for code in range(0x3041, 0x3097)] + ["ー"], max_size=24)
USUAL = st.text(alphabet="あいうえおかがきくこさしすせたてとなにのはまもやよらりるれろわをん", max_size=24)
CLOSED = [
    "から",
    "まで",
    "では",
    "について",
    "として",
    "という",
    "こと",
    "ため",
    "です",
    "でした",
    "ました",
    "している",
]
CLOSED += [
    "できる",
    "なかった",
    "ください",
    "その",
    "これ",
    "どんな",
    "しかし",
    "それから",
    "ように",
    "だけで",
    "たくさん",
]


def in_order(pieces: list[str], run: str) -> bool:
    """Whether the pieces stand in ``run`` one after the other, none over another."""
    at = 0
    for piece in pieces:
        found = run.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return True


@pytest.mark.parametrize(
    ("run", "content"),
    [
        ("かわいい", ["かわいい"]),
        ("ぬいぐるみ", ["ぬいぐるみ"]),
        ("おすすめ", ["おすすめ"]),
        ("やさしい", ["やさしい"]),
        ("ひらがな", ["ひらがな"]),
        ("つむぎ", ["つむぎ"]),
        ("めたん", ["めたん"]),
        ("もちもちの", ["もちもち"]),
        ("はじめての", ["はじめて"]),
    ],
)
def test_a_word_in_hiragana_is_content(run: str, content: list[str]) -> None:
    assert content_words(run) == content


@pytest.mark.parametrize(
    "run",
    [
        "したりした",
        "について",
        "しかし",
        "なのか",
        "だったので",
        "これはなんですか",
        "することができますか",
        "できるようになった",
        "らしいとのことです",
        "あ",
        "",
    ],
)
def test_a_run_of_grammar_alone_gives_nothing(run: str) -> None:
    assert content_words(run) == []


@given(st.lists(st.sampled_from(CLOSED), max_size=4), st.sampled_from(["", "AI", "モデル", "学"]))
def test_words_of_the_closed_list_in_a_row_give_nothing_wherever_they_stand(words: list[str], after: str) -> None:
    assert content_words("".join(words), after=after) == []


@pytest.mark.parametrize(("after", "run"), [("知", "っています"), ("食", "べる"), ("食", "べました"), ("何", "という")])
def test_what_ends_the_word_of_a_kanji_is_no_word_by_itself(after: str, run: str) -> None:
    assert content_words(run, after=after) == []


def test_a_known_name_is_kept_where_grammar_would_cut_it() -> None:
    assert content_words("からあげと") == ["あげ"]  # から, "from", is grammar
    assert content_words("からあげと", is_word={"からあげ"}.__contains__) == ["からあげ"]


def test_a_name_is_kept_among_grammar_and_among_other_content() -> None:
    known = {"ずんだもん"}.__contains__
    assert content_words("ずんだもんとは", is_word=known) == ["ずんだもん"]
    assert content_words("これはずんだもんのぬいぐるみですか", is_word=known) == ["ずんだもん", "ぬいぐるみ"]


@given(HIRAGANA | USUAL, st.sampled_from(["", "AI", "モデル", "学"]))
def test_the_pieces_stand_in_the_run_in_order_and_none_is_a_lone_letter(run: str, after: str) -> None:
    pieces = content_words(run, after=after)
    assert in_order(pieces, run)
    assert [piece for piece in pieces if len(piece) < 2] == []


@given(USUAL, USUAL)
def test_pieces_stay_in_order_when_names_are_known(before: str, behind: str) -> None:
    run = f"{before}ずんだもん{behind}"
    assert in_order(content_words(run, is_word={"ずんだもん"}.__contains__), run)
