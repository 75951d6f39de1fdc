"""Japanese and Chinese are told apart by their grammar, not by the characters they share."""

from __future__ import annotations

import random
import re

import pytest

from zunda_mcp.text.frequencies import is_chinese, lexicon

_HAN_WORD = re.compile(r"[\u4e00-\u9fff]{2,5}")


def usual_words(language: str, least: float) -> list[str]:
    """The words of so many Han characters that a language often has, in an order that stays."""
    table = lexicon(language)
    return [word for word in table.words if _HAN_WORD.fullmatch(word) and table.zipf(word) > least]


def test_usual_japanese_words_in_kanji_show_no_chinese_grammar() -> None:
    words = usual_words("ja", 3.0)
    assert len(words) > 5000
    assert sum(is_chinese([word]) for word in words) * 200 < len(words)


@pytest.mark.parametrize("sentence", ["有没有关于X的节目", "哪几期介绍过X", "有沒有關於X的節目"])
def test_a_chinese_question_is_chinese_whatever_it_asks_about(sentence: str) -> None:
    words = random.Random(7).sample(usual_words("zh", 4.0), 100)
    assert [word for word in words if not is_chinese([sentence.replace("X", word)])] == []
