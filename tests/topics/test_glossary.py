"""Glosses: the other name that a story gives in brackets, with what speaks for it, and brackets that give none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zunda_mcp.topics.glossary import Gloss, glosses, other_names
from zunda_mcp.topics.tokens import plain


def told(text: str) -> list[tuple[str, str, str]]:
    """The glosses of a story's text as it is written."""
    return [(gloss.name, gloss.other, gloss.proof) for gloss in glosses(plain(text))]


@pytest.mark.parametrize(
    ("text", "name", "other", "proof"),
    [
        ("Model Context Protocol（MCP）とは", "model context protocol", "mcp", "initials"),
        ("Retrieval-Augmented Generation (RAG) を使う", "retrieval augmented generation", "rag", "initials"),
        ("RAG（Retrieval-Augmented Generation）を使う", "retrieval augmented generation", "rag", "initials"),
        ("LLM (Large Language Models) の入門", "large language models", "llm", "initials"),
        ("Mixture of Experts（MoE）の層", "mixture of experts", "moe", "initials"),
        ("AWS（Amazon Web Services）の障害", "amazon web services", "aws", "initials"),
        ("新しいModel Context Protocol（MCP）とは", "model context protocol", "mcp", "initials"),
        ("Devin（デヴィン）に任せる", "devin", "デヴィン", "sound"),
        ("デヴィン（Devin）に任せる", "デヴィン", "devin", "sound"),
        ("VOICEVOX（ボイスボックス）の声", "voicevox", "ボイスボックス", "sound"),
        ("Moltbot（旧Clawdbot）の更新", "moltbot", "clawdbot", "said"),
        ("Moltbot（旧称: Clawdbot）の更新", "moltbot", "clawdbot", "said"),
        ("Meta（formerly Facebook）の発表", "meta", "facebook", "said"),
        ("GitHub Copilot（以下、Copilot）を使う", "github copilot", "copilot", "said"),
        ("人工知能（英語: Artificial Intelligence）の歴史", "人工知能", "artificial intelligence", "said"),
        ("検索拡張生成（RAG）を使う", "検索拡張生成", "rag", "beside"),
        ("検索拡張生成（ＲＡＧ）を使う", "検索拡張生成", "rag", "beside"),
        ("推測デコード（Speculative Decoding）で速く", "推測デコード", "speculative decoding", "beside"),
        ("Speculative Decoding（推測デコード）で速く", "speculative decoding", "推測デコード", "beside"),
        ("大規模言語モデル(LLM)を選ぶ", "大規模言語モデル", "llm", "beside"),
        ("LLM（大規模言語モデル）を選ぶ", "llm", "大規模言語モデル", "beside"),
        ("Raspberry Pi（ラズパイ）で動かす", "raspberry pi", "ラズパイ", "beside"),
    ],
)
def test_a_name_in_brackets_behind_a_name_is_its_gloss(text: str, name: str, other: str, proof: str) -> None:
    assert told(text) == [(name, other, proof)]


@pytest.mark.parametrize(
    "text",
    [
        "モデル（Claude 3.5 で試した）を選ぶ",
        "検索拡張生成（それはRAGです）を使う",
        "モデル（速い。安い）を選ぶ",
        "売上（2025）は伸びた",
        "精度（95.3%）は上がった",
        "精度（約 95）は上がった",
        "Claude (Opus) を試す",
        "Claude（Opus）を試す",
        "最新Claude（Opus）を試す",
        "RAG（RAG）を使う",
        "RAG（ＲＡＧ）を使う",
        "これはRAG（らぐ）です",
        "A（B）から選ぶ",
        "会社（現在は東京）の話",
        "検索拡張生成（\nRAG）を使う",
        "検索拡張生成（RAGを使う",
        "検索拡張生成RAGを使う",
        "",
    ],
)
def test_an_example_a_number_or_a_sentence_in_brackets_is_none(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize("text", ["**Model Context Protocol**（MCP）", "「Model Context Protocol」（MCP）"])
def test_emphasis_and_quotation_marks_around_a_name_do_not_hide_its_gloss(text: str) -> None:
    assert told(text) == [("model context protocol", "mcp", "initials")]


def test_only_the_words_that_the_initials_stand_for_are_the_name() -> None:
    assert told("Anthropic Model Context Protocol（MCP）") == [("model context protocol", "mcp", "initials")]


def test_of_several_names_in_one_bracket_the_first_counts() -> None:
    assert told("強化学習（Reinforcement Learning、RL）の報酬") == [("強化学習", "reinforcement learning", "beside")]


def test_a_hyphen_in_a_latin_name_is_a_space() -> None:
    assert told("Chain-of-Thought（CoT）で解く") == [("chain of thought", "cot", "initials")]


def test_every_gloss_of_a_text_is_given_once_and_in_order() -> None:
    text = "検索拡張生成（RAG）と Devin（デヴィン）。\n検索拡張生成（RAG）の費用と Moltbot（旧Clawdbot）。"
    assert told(text) == [
        ("検索拡張生成", "rag", "beside"),
        ("devin", "デヴィン", "sound"),
        ("moltbot", "clawdbot", "said"),
    ]


def test_the_target_of_a_link_is_no_gloss() -> None:
    assert told("[検索拡張生成](https://example.com/RAG)の評価") == []


def test_an_ordinary_word_is_no_other_name_whatever_a_bracket_says() -> None:
    counts = {
        Gloss("ハルシネーション", "現象", "said"): 2,
        Gloss("指示", "プロンプト", "beside"): 28,
        Gloss("検索拡張生成", "rag", "beside"): 28,
    }
    assert other_names(counts) == {"検索拡張生成": ["rag"], "rag": ["検索拡張生成"]}


@given(st.text(alphabet="検索拡張RAGrag モデル旧、（）()。「」-1.", max_size=40))
def test_two_names_are_never_one_and_the_same_nor_one_letter_alone(text: str) -> None:
    for name, other, proof in told(text):
        assert name != other
        assert min(len(name), len(other)) >= 2
        assert proof in {"initials", "sound", "said", "beside"}
