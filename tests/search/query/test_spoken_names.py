"""In minutes of talk two words meet by chance: a name of several words is spoken where they stand side by side."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import library_over
from zunda_mcp.library import Library

_FILLER = "and so we went on to talk of the weather and of many other things that nobody remembers today. " * 4


@pytest.fixture
def show(tmp_path: Path) -> Iterator[Library]:
    """Six transcripts: two speak of Neural Magic, two of Llama 2, and two have the words apart."""
    said = [
        "We spoke with the people of Neural Magic.",
        "Neural Magic makes models smaller.",
        "The neural network felt like magic.",
        "Llama 2 came out.",
        "I ran Llama 2 at home.",
        "A llama ate 2 apples and 7 pears.",
    ]
    folder = tmp_path / "talks"
    folder.mkdir()
    for number, text in enumerate(said, 1):
        turns = f"**Ann Lee:** {_FILLER}\n\n**Bob Ray:** {text}\n\n**Ann Lee:** {_FILLER}\n"
        (folder / f"2024-01-0{number}-talk-{number}.md").write_text(turns * 3, encoding="utf-8")
    with library_over(folder, tmp_path / "index") as library:
        yield library


@pytest.mark.parametrize(
    ("query", "numbers"), [("Neural Magic", [1, 2]), ("Llama 2", [4, 5]), ("Llama 7", []), ("neural network", [3])]
)
def test_a_spoken_name_is_held_side_by_side(show: Library, query: str, numbers: list[int]) -> None:
    answer = show.search(query, limit=20)
    assert sorted(int((hit.date or "")[-2:]) for hit in answer.hits if not hit.near) == numbers


def test_words_that_are_no_name_may_be_spoken_apart(show: Library) -> None:
    assert {hit.date for hit in show.search("llama pears").hits if not hit.near} == {"2024-01-06"}
