"""An amount is the same in whatever way it is written, and not any other number."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import Post, examples
from zunda_mcp.library import Library
from zunda_mcp.text.quantities import writings


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("$20", "20ドル"),
        ("20 dollars", "$20"),
        ("50%", "50パーセント"),
        ("1500円", "1,500円"),
        ("1,500円", "1500円"),
        ("¥20000", "2万円"),
        ("2万円", "20,000円"),
        ("1.58bit", "1.58ビット"),
        ("16ビット", "16-bit"),
        ("$1.5", "1.5ドル"),
    ],
)
def test_an_amount_is_written_in_several_ways(text: str, other: str) -> None:
    assert other in writings(text)
    assert text in writings(text)


@pytest.mark.parametrize("text", ["20", "gpt-4", "7b", "%", "$", "ドル", "20 stories", "$20円", "2.5.1%", "v1%", ""])
def test_what_is_no_amount_has_no_other_writing(text: str) -> None:
    assert writings(text) == ()


@settings(max_examples=examples(30))
@given(st.text(alphabet="$¥0123456789,.万円%bit -", max_size=12))
def test_no_text_is_an_error_and_an_amount_is_among_its_writings(text: str) -> None:
    assert not writings(text) or text in writings(text)


def test_an_amount_is_looked_for_in_every_way_and_no_other_number_is(show: Library, post: Post) -> None:
    texts = [
        "月に20ドルかかる。",
        "20回試した。$5 だった。",
        "It costs $20 a month.",
        "会費は1,500円。",
        "1,500人が来た。500円。",
        "精度が50%上がる。",
        "50台を並べた。",
        "重みは 1.58-bit で持つ。",
        "1.58ビットのモデル。",
        "2万円を払う。",
    ]
    for number, text in enumerate(texts, 1):
        post(f"2024-01-{number:02}-{number}", (f"話題 {number}", f"https://example.com/{number}", text))
    show.refresh()

    def numbers(query: str) -> list[int]:
        hits = show.search(query, limit=20).hits
        return sorted(int(hit.episode_id.rpartition("-")[2]) for hit in hits if not hit.near)

    assert numbers("$20") == numbers("20ドル") == [1, 3]
    assert numbers("1500円") == numbers("1,500円") == [4]
    assert numbers("50%") == [6]
    assert numbers("1.58bit") == numbers("1.58ビット") == [8, 9]
    assert numbers("¥20000") == numbers("2万円") == [10]
