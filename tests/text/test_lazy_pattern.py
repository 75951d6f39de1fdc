"""A pattern that is compiled when it is first used does what a compiled one does."""

from __future__ import annotations

import re

import pytest

from zunda_mcp.text.lazy_pattern import lazy_pattern


@pytest.mark.parametrize("text", ["", "abc", "検索と ABC の話", "a-b, C"])
def test_it_searches_splits_and_replaces_as_a_compiled_one(text: str) -> None:
    compiled, lazy = (make(r"[a-c]+|検索", re.IGNORECASE) for make in (re.compile, lazy_pattern))
    assert lazy.findall(text) == compiled.findall(text)
    assert lazy.split(text) == compiled.split(text)
    assert lazy.sub("-", text) == compiled.sub("-", text)
    assert [one.span() for one in lazy.finditer(text)] == [one.span() for one in compiled.finditer(text)]
    for method in ("search", "match", "fullmatch"):
        assert str(getattr(lazy, method)(text)) == str(getattr(compiled, method)(text))


def test_a_mistake_shows_when_it_is_used() -> None:
    with pytest.raises(re.error):
        lazy_pattern("(").search("")


def test_it_has_no_other_attribute() -> None:
    with pytest.raises(AttributeError):
        _ = lazy_pattern("a").pattern
