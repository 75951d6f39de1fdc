"""Patterns: read like the texts they are held against, in linear time, and what they need is known before."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import examples
from zunda_mcp.errors import ArgumentError
from zunda_mcp.query.pattern import TextPattern, required_literals
from zunda_mcp.text.normalize import normalize


def matches(pattern: str, text: str, **options: bool) -> list[str]:
    found = TextPattern(pattern, **options)  # type: ignore[arg-type]
    plain = normalize(text, fold_case=not found.keeps_case)
    return [plain[start:end] for start, end in found.spans(plain)]


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("claude ?code", "ClaudeCode, CLAUDE CODE", ["claudecode", "claude code"]),
        ("Claude", "claude Claude", ["Claude"]),
        ("(?i)Claude", "claude Claude", ["claude", "claude"]),
        ("生成 AI", "生成ＡＩと生成 AI", ["生成AI", "生成AI"]),
        ("gpt‐4|gpt.5", "GPT-4 and GPT–5", ["gpt-4", "gpt-5"]),
        ("（笑）", "それは（笑）", ["(笑)"]),
        (r"C\+\+", "C++ c++", ["C++"]),
        ("straße", "STRASSE", ["strasse"]),
        (r"[ァ-ヴー]{4,}", "エージェントのサバ", ["エージェント"]),
        ("か\u3099+", "か\u3099が", ["がが"]),
        ("^second", "first\nsecond", ["second"]),
        (r"\d{1,2}%", "25% and 5％", ["25%", "5%"]),
        ("ﾊﾞｯｸｱｯﾌﾟ", "バックアップ", ["バックアップ"]),
    ],
)
def test_a_pattern_is_read_like_the_text(pattern: str, text: str, found: list[str]) -> None:
    assert matches(pattern, text) == found


@pytest.mark.parametrize(
    ("pattern", "text", "count"),
    [
        ("udio", "Udio in a Studio", 1),
        ("ai", "AIは、rain and AI.", 2),
        ("化学", "化学と強化学習", 1),
        ("サバ", "サバとサーバとサバイバル", 1),
        ("すし", "すしはうまい。すしあれ", 1),
        ("gpt-4", "GPT-4 and GPT-4o", 1),
    ],
)
def test_whole_words_are_found_in_latin_and_in_japanese(pattern: str, text: str, count: int) -> None:
    assert len(matches(pattern, text, whole_words=True)) == count


@pytest.mark.parametrize("pattern", ["", "  ", "(a", "a{3000}", r"(a)\1", "(?<=a)b", "(?!a)b", "a*", "x" * 501])
def test_what_cannot_be_looked_for_is_refused_in_a_sentence(pattern: str) -> None:
    with pytest.raises(ArgumentError, match=r"^pattern.*[.;]"):
        TextPattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "needed"),
    [
        ("claude code", [{"claude code"}]),
        ("claude ?code", [{"claude"}, {"code"}]),
        ("(foo|bar)baz+", [{"foo", "bar"}, {"ba"}, {"z"}]),
        ("foo|b.*", [{"foo", "b"}]),
        ("foo|.*", []),
        (r"a\.b\d+c", [{"a.b"}, {"c"}]),
        ("(ab){2}", [{"ab"}]),
        ("(ab)?", []),
        (r"\Qa.b\E|x[yz]w", [{"a.b", "x"}]),
        ("(?:ab)cd", [{"abcd"}]),
        ("(?s)ab", [{"ab"}]),
    ],
)
def test_what_a_match_must_hold_is_known(pattern: str, needed: list[set[str]]) -> None:
    assert [set(choice) for choice in required_literals(pattern)] == needed


PIECES = st.recursive(
    st.sampled_from(["a", "b", "ab", "c", ".", "[ab]", r"\w", r"\.", "東", "東京"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map("|".join),
        inner.map(lambda one: f"({one})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{0,1}", "{1,3}?"])).map(
            lambda two: f"(?:{two[0]}){two[1]}"
        ),
    ),
    max_leaves=8,
)


@settings(max_examples=examples(150))
@given(PIECES, st.text(st.sampled_from("abc.東京"), max_size=12))
def test_no_text_matches_without_what_is_needed(pattern: str, text: str) -> None:
    match = re.search(pattern, text)
    if match:
        assert all(any(one in text for one in choice) for choice in required_literals(pattern))
