"""The nearest wording and its changes, held against the textbook way to find them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from zunda_mcp.results.wording import changes, nearest, words_of


def distance(one: str, other: str) -> int:
    """The fewest letters to insert, delete or replace, cell by cell."""
    row = list(range(len(other) + 1))
    for i, mine in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, theirs in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (mine != theirs))
    return row[-1]


@given(st.text("abc", min_size=1, max_size=8), st.text("abcd", max_size=24))
def test_no_stretch_of_a_text_is_nearer_than_the_nearest(words: str, text: str) -> None:
    found = nearest(words, text)
    assert distance(words, text[found.start : found.end]) == found.distance
    if len(text) <= 3 * len(words):  # in longer texts only the likeliest part is looked at
        spans = [text[i:j] for i in range(len(text) + 1) for j in range(i, len(text) + 1)]
        assert found.distance == min(distance(words, span) for span in spans)


def test_a_stretch_is_found_in_a_long_text() -> None:
    text = "いろはにほへと" * 200 + "拡散モデルという新しい技術" + "ちりぬるを" * 200
    found = nearest("拡散モデルという古い技術", text)
    assert text[found.start : found.end] == "拡散モデルという新しい技術"
    assert found.distance == 2


def differing(quote: str, archive: str) -> list[tuple[str, str]]:
    text = words_of(archive)
    return changes(words_of(quote), text, 0, len(text.letters), 8)


def test_changes_are_shown_as_whole_phrases_in_both_spellings() -> None:
    assert differing("この機能は使えます。", "この機能は、使えません。") == [("使えます", "使えません")]
    assert differing("平均で2.5倍も速い", "平均で３.５倍も速い") == [("2.5", "３.５")]
    assert differing("モデルを公開した", "モデルを昨日公開した") == [("公開した", "昨日公開した")]
    assert differing("新しいモデルを公開した", "モデルを公開した") == [("新しい", "")]


def test_what_only_looks_different_is_no_change() -> None:
    assert differing("ＡＩ、使える", "「AI」使える。") == []
