"""What counts as the same words, and what does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zunda_mcp.results.wording import find_words, words_of
from zunda_mcp.text.markdown_text import reading


def letters(text: str) -> str:
    return words_of(reading(text)).letters


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("拡散モデル（LLM）です。", "拡散モデル(ＬＬＭ)です"),
        ("「Mercury」は、速い。", "mercuryは速い"),
        ("生成 AI を使う", "生成AIを使う"),
        ("**重要**な`code`の話", "重要なcodeの話"),
        ("[新しいモデル](https://example.com/a)が出た", "新しいモデルが出た"),
        ("一行目。\n\n二行目。", "一行目。二行目。"),
        ("> 引用した文\n> です", "引用した文です"),
        ("ｶﾞｲﾄﾞを読む", "ガイドを読む"),
        ("ニューラル・ネットワーク", "ニューラルネットワーク"),
        ("1,000人が来た", "1000人が来た"),
        ("TensorRT-LLM", "TensorRT LLM"),
        ("It’s “open”.", "it's 'open'"),
        ("A &amp; B", "A & B"),
        ("1<br>です", "1です"),
    ],
)
def test_a_reader_would_call_these_the_same_words(one: str, other: str) -> None:
    assert letters(one) == letters(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("使えます", "使えません"),
        ("2.5倍", "3.5倍"),
        ("2.5倍", "25倍"),
        ("3〜5年", "35年"),
        ("成長率は-5%", "成長率は5%"),
        ("5%増", "5増"),
        ("$10", "10"),
        ("C++で書く", "Cで書く"),
        ("C#", "C"),
        ("使えます。", "使えます？"),
        ("therapist", "the rapist"),
        ("3,5年", "35年"),
        ("10:30", "1030"),
    ],
)
def test_what_changes_the_sense_is_kept(one: str, other: str) -> None:
    assert letters(one) != letters(other)


@pytest.mark.parametrize(
    ("words", "text", "there"),
    [
        ("5%", "25%", False),
        ("5%", "2.5%", False),
        ("5%", "-5%", False),
        ("2", "2.5", False),
        ("100", "100万人", False),
        ("100万", "100万人", True),
        ("AI", "AIR", False),
        ("AI", "生成AIの話", True),
        ("5%", "25% や 5%", True),
    ],
)
def test_words_and_numbers_stand_as_wholes(words: str, text: str, there: bool) -> None:
    assert (find_words(letters(words), letters(text)) >= 0) is there


@given(st.text(st.sampled_from("aZ１９2.,-〜~ 「」ｶﾞ゙がア漢\n**`[]()<>&;+#%$ⅷ½ß"), max_size=40))
def test_every_letter_knows_its_place_in_order(text: str) -> None:
    found = words_of(reading(text))
    assert len(found.letters) == len(found.places)
    assert list(found.places) == sorted(found.places)
    assert all(0 <= place < len(found.text) for place in found.places)
