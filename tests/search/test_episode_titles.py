"""Episodes are found by their titles: in any spelling, with their notes, and beside stories of the same words."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Post
from zunda_mcp.library import Library


def write(folder: Path, day: str, title: str, text: str, description: str = "") -> None:
    page = f"---\ntitle: {title}\ndate: {day}\ndescription: '{description}'\n---\n\n{text}\n"
    (folder / f"{day}.md").write_text(page, encoding="utf-8")


@pytest.fixture
def orchards(show: Library, archive: Path) -> Library:
    """Three episodes of one title among nine whose stories hold all of its words."""
    for n in range(1, 4):
        links = "\n".join(f"- [Link {n}{s}](https://ex.example/{n}{s}) of other matters" for s in "abc")
        write(archive, f"2024-10-0{n}", f"The ripe orchard with Ann Sorrel{n}", links)
    for n in range(1, 10):
        first = f"- [An orchard {n}](https://ex.example/p{n}) a ripe orchard, planted by Ann"
        links = f"{first}\n- [More](https://ex.example/q{n}) x"
        write(archive, f"2024-11-0{n}", f"Other {n}", links)
    show.refresh()
    return show


def test_episodes_of_a_title_come_before_the_stories_that_hold_its_words(orchards: Library) -> None:
    answer = orchards.search("The ripe orchard with Ann")
    assert answer.complete
    assert (answer.total_stories, answer.total_episodes, answer.own_text) == (9, 12, 3)
    assert {hit.id for hit in answer.hits[:3]} == {"2024-10-01", "2024-10-02", "2024-10-03"}


def test_a_title_that_half_of_all_episodes_bear_is_a_match_that_comes_last(orchards: Library) -> None:
    answer = orchards.search("other", limit=50)
    assert (answer.total_stories, answer.own_text, answer.total_episodes) == (9, 9, 12)
    assert [hit.kind for hit in answer.hits if not hit.near] == [None] * 9 + ["episode"] * 9


def test_words_may_stand_in_the_title_and_in_the_notes(show: Library, archive: Path) -> None:
    write(archive, "2030-01-01", "On quinces", "- [a](https://ex.example/1) b\n- [c](https://ex.example/2) d", "Frost")
    write(archive, "2030-01-02", "On plums", "- [a](https://ex.example/3) b\n- [c](https://ex.example/4) d", "Frost")
    show.refresh()
    answer = show.search("quinces frost")
    assert (answer.complete, [hit.id for hit in answer.hits if not hit.near]) == (True, ["2030-01-01"])
    assert [hit.counts for hit in show.find_text("on quinces").hits] == [{"title": 1}]


@pytest.mark.parametrize(
    ("title", "query"), [("コンピューターの話", "コンピュータ"), ("On Café life", "cafe"), ("Two quinces", "quince")]
)
def test_a_title_is_found_in_other_spellings(show: Library, archive: Path, title: str, query: str) -> None:
    write(archive, "2030-01-01", title, "- [a](https://ex.example/1) b\n- [c](https://ex.example/2) d")
    write(archive, "2030-01-02", "Something else", "- [a](https://ex.example/3) b\n- [c](https://ex.example/4) d")
    show.refresh()
    assert [hit.id for hit in show.search(query).hits] == ["2030-01-01"]


def test_an_episode_that_matches_by_a_story_is_no_match_by_its_title(show: Library, post: Post, archive: Path) -> None:
    post("2030-01-03-1", ("放送 20300103", "https://ex.example/1", "x"))
    show.refresh()
    answer = show.search("放送 20300103")
    assert (answer.total_stories, answer.own_text, answer.total_episodes) == (1, 0, 1)


def test_the_title_of_a_story_typed_word_for_word_has_no_operators_and_comes_first(
    show: Library, archive: Path
) -> None:
    titles = ("Sow early quinces -twice a year | Orchard Notes", "『Early Quinces』 sown - part 2｜Orchard Notes")
    for n, title in enumerate(titles, 1):
        write(
            archive,
            f"2030-01-0{n}",
            f"Week {n}",
            f"- [{title}](https://ex.example/{n}) of a tree\n- [More](https://ex.example/m) x",
        )
    for n in range(3, 9):
        fuller = f"- [Orchard notes {n}](https://ex.example/{n}) sow early quinces twice, orchard notes, part 2, notes"
        write(archive, f"2030-01-0{n}", f"Week {n}", f"{fuller}\n- [More](https://ex.example/m) x")
    show.refresh()
    for title in titles:
        assert show.search(title).hits[0].title == title


def test_short_words_stay_alternatives_where_a_title_has_them_side_by_side(show: Library, archive: Path) -> None:
    for n, title in enumerate(("Plum | Pear", "A plum", "A pear"), 1):
        write(
            archive,
            f"2030-01-0{n}",
            f"Week {n}",
            f"- [{title}](https://ex.example/{n}) of a tree\n- [More](https://ex.example/m) x",
        )
    show.refresh()
    assert show.search("Plum | Pear").total_stories == 3
