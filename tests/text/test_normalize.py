"""Normalisation: what a reader would call the same text has one spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zunda_mcp.text.normalize import drop_final_long_vowel, fold_katakana, normalize


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
