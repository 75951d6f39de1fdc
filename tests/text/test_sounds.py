"""How names sound: the katakana and the Latin spelling of one name meet, and those of two names do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zunda_mcp.text.phonetics import is_katakana, is_soundable, likeness, sound_keys, sounds

LIKE = 0.82  # from here on the bridges believe a sound

KATAKANA_WORDS = st.text(alphabet=[chr(code) for code in range(0x30A1, 0x30FB)] + ["ー", "・"], max_size=12)
LATIN_WORDS = st.text(alphabet="abcdefghijklmnopqrstuvwxyz", max_size=12)
WORDS = KATAKANA_WORDS | LATIN_WORDS


def meet(first: str, second: str) -> bool:
    """Whether a lookup by key finds the one from the other, and the sound is then believed."""
    return bool(set(sound_keys(first)) & set(sound_keys(second))) and likeness(first, second) >= LIKE


@pytest.mark.parametrize(
    ("katakana", "latin"),
    [
        ("ボイスボックス", "voicevox"),
        ("プレイライト", "playwright"),
        ("デビン", "devin"),
        ("デヴィン", "devin"),
        ("アンソロピック", "anthropic"),
        ("ディープシーク", "deepseek"),
        ("クロード", "claude"),
        ("オラマ", "ollama"),
        ("ラングチェーン", "langchain"),
        ("ラングラフ", "langgraph"),
        ("クバネティス", "kubernetes"),
        ("クーバネティス", "kubernetes"),
        ("ジェミニ", "gemini"),
        ("カーソル", "cursor"),
        ("コパイロット", "copilot"),
        ("パイソン", "python"),
        ("リアクト", "react"),
        ("タイプスクリプト", "typescript"),
        ("エヌビディア", "nvidia"),
        ("グーグル", "google"),
        ("マイクロソフト", "microsoft"),
        ("ウィスパー", "whisper"),
        ("ミストラル", "mistral"),
        ("クエン", "qwen2.5"),
        ("スラック", "slack"),
        ("ノーション", "notion"),
        ("オブシディアン", "obsidian"),
        ("パープレキシティ", "perplexity"),
        ("スノーフレイク", "snowflake"),
        ("データベース", "database"),
        ("テーブル", "table"),
        ("プロンプト", "prompt"),
    ],
)
def test_both_spellings_of_one_name_meet(katakana: str, latin: str) -> None:
    assert meet(katakana, latin)
    assert meet(latin, katakana)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("ジェミニ", "gemma"),
        ("ボイス", "box"),
        ("パイソン", "pytorch"),
        ("デビン", "docker"),
        ("ディープシーク", "deepmind"),
        ("カーソル", "course"),
        ("アンソロピック", "entropy"),
        ("コパイロット", "pilot"),
        ("ラングチェーン", "langgraph"),
        ("ボイスボックス", "dropbox"),
        ("クロード", "clojure"),
        ("langchain", "langgraph"),
        ("ミストラル", "minstral"),
    ],
)
def test_two_names_do_not_meet(first: str, second: str) -> None:
    assert not meet(first, second)
    assert not meet(second, first)


def test_the_consonants_of_a_name_are_its_key_in_either_script() -> None:
    assert sound_keys("voicevox") == ("BSBKS",)
    assert sound_keys("ボイスボックス") == ("BSBKS",)


def test_what_the_spelling_leaves_open_gives_several_keys() -> None:
    assert set(sound_keys("anthropic")) == {"NSRPK", "NTHRPK"}
    assert set(sound_keys("docker")) == {"DK", "DKR"}
    assert set(sound_keys("gemini")) == {"GNN", "SNN"}


@pytest.mark.parametrize(
    "word", ["音声合成", "合", "ずんだ", "生成ai", "サーバ側", "gpt-4o", "claude code", "c++", "42", ""]
)
def test_what_cannot_be_read_aloud_here_has_no_sound(word: str) -> None:
    assert not is_soundable(word)
    assert sounds(word) == ""
    assert sound_keys(word) == ()
    assert likeness(word, "voicevox") == likeness("voicevox", word) == 0.0


@pytest.mark.parametrize(
    ("word", "katakana"),
    [("ボイスボックス", True), ("バイブ・コーディング", True), ("voicevox", False), ("qwen2.5", False)],
)
def test_katakana_and_latin_with_a_version_can_be_read_aloud(word: str, katakana: bool) -> None:
    assert is_soundable(word)
    assert is_katakana(word) is katakana


def test_a_version_behind_a_name_is_not_heard() -> None:
    assert sounds("qwen2.5") == sounds("qwen")
    assert likeness("llama3", "llama") == 1.0


@pytest.mark.parametrize(
    ("one", "other"),
    [("サーバー", "サーバ"), ("バイブ・コーディング", "バイブコーディング"), ("クーバネティス", "クバネティス")],
)
def test_long_vowel_marks_and_middle_dots_are_not_heard(one: str, other: str) -> None:
    assert sounds(one) == sounds(other)


@given(WORDS, WORDS)
def test_likeness_is_the_same_both_ways_and_between_nothing_and_all(first: str, second: str) -> None:
    assert 0.0 <= likeness(first, second) <= 1.0
    assert likeness(first, second) == pytest.approx(likeness(second, first))


@given(WORDS)
def test_a_word_that_sounds_at_all_sounds_entirely_like_itself(word: str) -> None:
    assert likeness(word, word) == (1.0 if sounds(word) else 0.0)


@given(WORDS)
def test_a_word_has_few_keys_each_once_and_none_empty(word: str) -> None:
    keys = sound_keys(word)
    assert len(keys) <= 8
    assert len(set(keys)) == len(keys)
    assert all(key.isascii() and key.isalpha() and key.isupper() for key in keys)


@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=8))
def test_no_kanji_is_ever_heard(word: str) -> None:
    assert sounds(word) == ""
    assert sound_keys(word) == ()
