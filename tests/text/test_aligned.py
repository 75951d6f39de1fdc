"""Normalised text knows where it came from."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import examples
from zunda_mcp.text.normalize import aligned, normalize

ALPHABET = st.one_of(
    st.characters(exclude_categories=["Cs"]), st.sampled_from("aA  \n\t生成ＡＩﾊﾞがか\u3099é\u0301*`—-ß한ᄒ\u1161")
)


@settings(max_examples=examples(100))
@given(st.text(ALPHABET, max_size=30))
def test_the_text_is_as_normalize_has_it(text: str) -> None:
    found = aligned(text)
    assert found.plain == normalize(text)
    assert len(found.places) == len(found.plain)
    assert list(found.places) == sorted(found.places)


@pytest.mark.parametrize(
    ("source", "plain", "written"),
    [
        ("これは生成 ＡＩ の話", "生成ai", "生成 ＡＩ"),
        ("the **Claude** Code", "claude code", "Claude** Code"),
        ("ﾊﾞｯｸｱｯﾌﾟ する", "バック", "ﾊﾞｯｸ"),
        ("Cafe\u0301 society", "café", "Cafe\u0301"),
    ],
)
def test_a_match_is_shown_as_it_was_written(source: str, plain: str, written: str) -> None:
    found = aligned(source)
    start = found.plain.index(plain)
    left, right = found.span(start, start + len(plain))
    assert source[left:right] == written


def test_capitals_stay_where_they_matter() -> None:
    assert aligned("ＡＩと Claude", fold_case=False).plain == "AIとClaude"
