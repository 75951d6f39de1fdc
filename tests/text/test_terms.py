"""The tokenizer: every way a name is asked for is a way it is indexed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zunda_mcp.text.japanese_english import is_part_by_chance
from zunda_mcp.text.normalize import normalize
from zunda_mcp.text.tokenizer import bigrams, count_terms, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TensorRT-LLM", {"tensorrt", "llm", "tensorrtllm"}),
        ("GPT-4o mini", {"gpt", "4o", "gpt4o", "mini"}),
        ("gpt-4o-mini", {"gpt4o", "4omini", "gpt4omini"}),
        ("Qwen2.5", {"qwen2.5", "qwen"}),
        ("Node v18.1.0", {"node", "v18.1.0", "v18.1", "v18"}),
        ("Python 3.11.4", {"3.11.4", "3.11"}),
        ("C++とC#", {"c++", "c#"}),
        ("強化学習", {"強化", "化学", "学習", "習", "=強化学習"}),
        ("エージェント", {"エー", "ージ", "ント", "ト", "=エージェント"}),
        ("生成AI", {"生成", "成", "ai"}),
        ("本", {"本"}),
    ],
)
def test_text_becomes_these_terms_among_others(text: str, expected: set[str]) -> None:
    assert expected <= count_terms(normalize(text)).keys()


def test_a_version_number_is_one_word_and_never_joined_into_another_number() -> None:
    terms = count_terms(normalize("バージョン 3.5 と 2025-07"))
    assert "3.5" in terms
    assert "35" not in terms
    assert "202507" not in terms


def test_a_number_of_two_parts_is_no_release_of_the_first() -> None:
    assert not {"4", "v3", "3"} & count_terms(normalize("GPT-4.5 v3.1 3.11.4")).keys()


def test_no_bigram_crosses_a_change_to_latin_or_a_line() -> None:
    assert count_terms("学ai習\n本").keys() == {"学", "ai", "習", "本"}


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_tokens_are_slices_in_order_for_any_text(text: str) -> None:
    at = 0
    for run, _, start, end in tokens(normalize(text)):
        assert at <= start < end
        assert normalize(text)[start:end] == run
        at = end


@given(st.text(alphabet="学習言語モデル", min_size=2))
def test_every_pair_of_neighbours_is_a_bigram(run: str) -> None:
    assert bigrams(run) == [a + b for a, b in zip(run, run[1:], strict=False)]


@pytest.mark.parametrize(
    ("part", "run"),
    [
        ("リスト", "アナリスト"),
        ("リスト", "アプリストア"),
        ("トーク", "アクセストークン"),
        ("ドル", "アイドル"),
        ("ログ", "プログラム"),
        ("プロ", "システムプロンプト・ガイド"),
        ("デル", "モデル"),
        ("クロード", "ワークロード"),
        ("化学", "深層強化学習"),
        ("定規", "一定規模"),
    ],
)
def test_a_word_is_no_part_of_a_word_that_a_dictionary_has_or_cuts_otherwise(part: str, run: str) -> None:
    assert is_part_by_chance(part, run)


@pytest.mark.parametrize(
    ("part", "run"),
    [
        ("サイト", "ウェブサイト"),
        ("リスト", "チェックリスト"),
        ("ロード", "ダウンロード"),
        ("アプリ", "アプリケーション"),
        ("サーバ", "サーバーレス"),
        ("データ", "クラウドデータベース"),
        ("ソニー", "ソニーグループ"),
        ("ミュトス", "クロード・ミュトス"),
        ("シンギュラ", "シンギュラリティ"),
        ("ヌコ", "モヌコペ"),
        ("学習", "強化学習"),
        ("強化学習", "深層強化学習"),
        ("京都", "東京都"),
        ("院生", "大学院生"),
        ("化学", "化学強化学習"),
    ],
)
def test_a_word_is_a_part_where_it_makes_the_word_or_no_dictionary_tells(part: str, run: str) -> None:
    assert not is_part_by_chance(part, run)
