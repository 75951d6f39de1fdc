"""Speech that is written out on a page: each match has its speaker and the second of its line, and opens there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import library_over
from zunda_mcp.library import Library
from zunda_mcp.reading.transcripts.written_turns import written_turns
from zunda_mcp.rendering.matches_text import matches as text_matches
from zunda_mcp.rendering.quote_text import quote as text_of
from zunda_mcp.rendering.search_text import search as text_of_search

VIDEO = "https://youtube.com/watch?v=abcdefghijk"


def line(second: int, words: str, speaker: str = "") -> str:
    """A paragraph as published transcripts have it: a name at the beginning of a turn, and a linked time."""
    stamp = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    return f"{speaker and speaker + ' '}[({stamp})]({VIDEO}&t={second}) {words}\n\n"


PAGE = (
    "---\ntitle: The orchard talk\ndate: 2031-05-01\n---\n\nA talk, written out by hand.\n\n"
    "## Winter work\n\n"
    + line(79, "Welcome back. We wanted to talk about pruning.", "Ann Lee")
    + line(449, "Never prune a quince tree in the frost, said my teacher.", "Ben Low")
    + line(505, "A medlar forgives more.")
    + "## Old trees\n\n"
    + line(5640, "And the old walnut, does it remember?", "Ann Lee")
    + line(5700, "When the rings and the records disagree, the rings are usually right.", "Ben Low")
)


@pytest.fixture(name="library", scope="module")
def library_with_a_page_of_speech(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder: Path = tmp_path_factory.mktemp("show")
    (folder / "2031-05-01-orchard.md").write_text(PAGE, encoding="utf-8")
    with library_over(folder, tmp_path_factory.mktemp("state") / "index") as library:
        yield library


@pytest.mark.parametrize(
    ("pattern", "speaker", "second"),
    [
        ("quince", "Ben Low", 449),
        ("medlar", "Ben Low", 505),
        ("walnut", "Ann Lee", 5640),
        ("rings and", "Ben Low", 5700),
    ],
)
def test_a_match_has_its_speaker_and_time_and_its_link_opens_there(
    library: Library, pattern: str, speaker: str, second: int
) -> None:
    found = library.find_text(pattern)
    (hit,) = found.hits
    (match,) = hit.matches
    assert (match.speaker, match.start) == (speaker, second)
    assert f"&t={second}s" in f"{hit.url} {hit.listen_url}"
    (shown,) = (one for one in text_matches(found).splitlines() if one.startswith("- "))
    assert f"{speaker}: " in shown
    assert shown.endswith(f"&t={second}s")
    assert "(0" not in shown  # the time is not said twice


def test_a_quote_has_its_speaker_and_time_and_its_link_opens_there(library: Library) -> None:
    answer = library.check_quote("the rings and the records disagree, the rings are usually right")
    (place,) = answer.places
    assert (place.speaker, place.start) == ("Ben Low", 5700)
    assert "&t=5700s" in text_of(answer)
    assert "&t=5640" not in text_of(answer)


def test_a_search_quotes_the_moment_and_opens_it(library: Library) -> None:
    answer = library.search("quince frost teacher")
    (hit,) = answer.hits
    assert hit.start == 449
    text = text_of_search(answer)
    assert "(spoken from 7:29 by Ben Low)" in text
    assert "&t=449s" in text
    assert "(00:0" not in text


def test_a_list_is_no_speech_and_a_time_within_a_line_no_moment() -> None:
    assert not written_turns("The doors open at (10:30) and\nclose (11:15) sharp.", [])
    assert not written_turns("Pros: cheap\nCons: loud\nNothing else.", [])
    assert not written_turns("(3:16) is a verse\nand (2:10) another.", [])


def test_names_that_return_before_colons_are_speakers_in_their_own_lines() -> None:
    text = "Ann: Why quinces?\nBen: They remember.\nAnn: All of it?\nNobody says this."
    turns = written_turns(text, [])
    assert [(turn.speaker, turn.second, text[turn.start : turn.end]) for turn in turns] == [
        ("Ann", None, "Why quinces?"),
        ("Ann", None, "All of it?"),
    ]
    assert [turn.speaker for turn in written_turns(text, ["Ben"])] == ["Ann", "Ben", "Ann"]
