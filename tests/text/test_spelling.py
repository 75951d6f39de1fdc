"""Slips between two spellings, beside a definition too slow to use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zunda_mcp.text.phonetics import edits

SHORT = st.text(alphabet="abc", max_size=5)


def slowly(first: str, second: str) -> int:
    """The restricted distance as Damerau defines it, by trying everything."""
    if not first or not second:
        return len(first) + len(second)
    ways = [
        slowly(first[1:], second) + 1,
        slowly(first, second[1:]) + 1,
        slowly(first[1:], second[1:]) + (first[0] != second[0]),
    ]
    if len(first) > 1 and len(second) > 1 and (first[0], first[1]) == (second[1], second[0]):
        ways.append(slowly(first[2:], second[2:]) + 1)
    return min(ways)


@pytest.mark.parametrize(
    ("typed", "written", "slips"),
    [
        ("anthropic", "anthropic", 0),
        ("anthoropic", "anthropic", 1),
        ("antropic", "anthropic", 1),
        ("anthrpoic", "anthropic", 1),
        ("anthropik", "anthropic", 1),
        ("langgraf", "langgraph", 2),
        ("kubernetis", "kubernetes", 1),
        ("エージャント", "エージェント", 1),
        ("", "rust", 4),
        ("rust", "", 4),
        ("", "", 0),
    ],
)
def test_a_letter_added_left_out_changed_or_swapped_is_one_slip(typed: str, written: str, slips: int) -> None:
    assert edits(typed, written) == slips


def test_letters_that_were_swapped_are_not_changed_again() -> None:
    assert edits("ca", "abc") == 3  # the unrestricted distance is 2: ca, ac, abc


@given(SHORT, SHORT)
def test_it_is_the_distance_as_it_is_defined(first: str, second: str) -> None:
    assert edits(first, second) == slowly(first, second)


@given(st.text(max_size=12), st.text(max_size=12))
def test_the_way_back_is_as_long_and_never_longer_than_the_longer_word(first: str, second: str) -> None:
    slips = edits(first, second)
    assert slips == edits(second, first)
    assert abs(len(first) - len(second)) <= slips <= max(len(first), len(second))
    assert (slips == 0) == (first == second)
