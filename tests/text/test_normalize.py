"""Normalisation: what a reader would call the same text has one spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zunda_mcp.text.normalize import (
    drop_final_long_vowel,
    fold_accents,
    fold_katakana,
    normalize,
    other_spellings,
)


@pytest.mark.parametrize(
    ("written", "one_spelling"),
    [
        ("ＤｕｃｋＤＢ", "duckdb"),
        ("ﾗｽﾞﾍﾞﾘｰﾊﾟｲ", "ラズベリーパイ"),
        ("か\u3099", "が"),
        ("生成 AI", "生成ai"),
        ("生成　ＡＩ の 話", "生成aiの 話"),
        ("**RAG**の`top_k`", "ragのtop_k"),
        ("TensorRT‑LLM", "tensorrt-llm"),
        ("㈱ずんだ", "(株)ずんだ"),
        ("Straße", "strasse"),
        ("a \t b", "a b"),
        ("葛\U000e0100城❤\ufe0f", "葛城❤"),
        ("e\u034f\u0301t\u00ade", "éte"),
        ("\u2066a\u2069\u200fb\U000e0067", "ab"),
    ],
)
def test_spellings_of_one_text_agree(written: str, one_spelling: str) -> None:
    assert normalize(written) == one_spelling


def test_line_breaks_stay_so_that_no_phrase_crosses_them() -> None:
    assert normalize("東\n京") == "東\n京"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalize(normalize(text))
    assert normalize(once) == once


@given(st.text(alphabet="abcXYZ０１２ａｂｃ学習データサーバーァィゥヴがぎﾗｽﾞ -・　"))
def test_one_pass_is_enough_for_what_notes_are_written_in(text: str) -> None:
    assert normalize(normalize(text)) == normalize(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("キヤノン", "キャノン"),
        ("ヴァイオリン", "バイオリン"),
        ("バイブ・コーディング", "バイブコーディング"),
        ("インターフェイス", "インターフエイス"),
        ("サーバーサイド", "サーバサイド"),
    ],
)
def test_spellings_of_one_katakana_word_share_a_key(one: str, other: str) -> None:
    assert fold_katakana(one) == fold_katakana(other)


def test_a_final_long_vowel_falls_only_from_words_of_four_letters_or_more() -> None:
    assert drop_final_long_vowel("サーバー") == "サーバ"
    assert drop_final_long_vowel("コピー") == "コピー"
    assert drop_final_long_vowel("キー") == "キー"


@pytest.mark.parametrize(
    ("word", "folded"),
    [
        ("café", "cafe"),
        ("łódź", "lodz"),
        ("smørrebrød", "smorrebrod"),
        ("αθήνα", "αθηνα"),
        ("ёлка", "елка"),
        ("русский", "русский"),
        ("がぎ", "がぎ"),
        ("plain", "plain"),
    ],
)
def test_accents_fold_but_marks_that_make_another_letter_stay(word: str, folded: str) -> None:
    assert fold_accents(normalize(word)) == folded


def test_other_spellings_are_those_of_a_small_ke_and_of_a_repeated_kanji() -> None:
    assert other_spellings("霞が関") == ["霞ヶ関", "霞ケ関", "霞ヵ関", "霞カ関", "霞か関"]
    assert other_spellings("佐々木") == ["佐佐木"]
    assert other_spellings("佐佐木") == ["佐々木"]
    assert other_spellings("サーバー") == []
