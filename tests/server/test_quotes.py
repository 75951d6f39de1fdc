"""``check_quote`` as clients see it: its text, its structured content, its refusals."""

from __future__ import annotations

import json

import pytest
from server_fakes import FakeLibrary, ask, quoted, stands, text_of

from zunda_mcp.rendering import quote_text
from zunda_mcp.rendering.answer_lines import QUOTED


def test_a_quote_that_stands_there_is_shown_with_its_citation() -> None:
    lines = quote_text.quote(quoted()).splitlines()
    assert lines == [
        "In the archive, word for word: 1 place. Understood: a quote of 12 letters",
        QUOTED,
        "1. 小さな言語モデルの話 1 — https://example.com/1 "
        "(ためしの放送局 7月8日, 2025-07-08, https://example.org/episode/279)",
        "   id 2025-07-08-279#1 · summary",
        "   **手元で動く生成AIの作り方**を、順を追って説明した。",
        "Quote it with its date, title and URL.",
        "Archive up to 2025-07-08.",
    ]


def test_a_similar_wording_is_shown_with_what_differs() -> None:
    text = quote_text.quote(quoted(verdict="similar"))
    assert text.startswith("NOT in the archive as quoted; something similar is: 1 place.")
    assert "similarity 0.90" in text
    assert "Differs: quoted 「作れません」, in the archive 「作れます」; the archive also has 「とても」" in text


def test_an_absent_quote_is_said_first_and_plainly() -> None:
    text = quote_text.quote(quoted(0))
    assert text.startswith("NOT in the archive, nor anything similar. It was searched up to 2025-07-08.")
    assert QUOTED not in text
    assert "Do not quote it." in text


def test_a_place_of_another_verdict_says_so() -> None:
    both = quoted(2).model_copy(update={"places": [stands(1), stands(2, verdict="same words")]})
    assert quote_text.quote(both).count("same words") == 1


@pytest.mark.parametrize("size", [500, 700, 1000, 3000])
def test_places_that_do_not_fit_are_left_out_and_counted(size: int) -> None:
    text = quote_text.quote(quoted(5), size)
    assert len(text) <= size
    assert text.startswith("In the archive, word for word: 5 places")
    assert ("shown" in text) is (size < 3000)
    assert text.endswith("Archive up to 2025-07-08.")


def test_archive_text_is_cleaned_in_text_and_data() -> None:
    bad = quoted().model_copy(update={"places": [stands(title="\x1b[31m赤\u202e", passage="**a**\x07\nb")]})
    result = ask(FakeLibrary(check_quote=bad), "check_quote", {"quote": "手元で動く"})
    data = json.dumps(result.structured_content, ensure_ascii=False)
    for shown in (text_of(result), data):
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert "\\u001b" not in shown
    assert "   **a** b" in text_of(result).splitlines()


def test_the_library_is_asked_for_the_quote_as_given() -> None:
    library = FakeLibrary()
    ask(library, "check_quote", {"quote": " 手元で\n動く ", "id": 20250708, "max_chars": "２０００"})
    assert library.asked == [("check_quote", ("手元で 動く",), {"id": "20250708", "max_chars": 2000})]


def test_a_call_without_a_quote_is_answered_with_one_that_works() -> None:
    result = ask(FakeLibrary(), "check_quote", {"id": "latest"})
    assert result.is_error
    assert text_of(result).startswith("check_quote needs quote. Call check_quote(quote=")
