"""A link that most episodes repeat is no story, whatever its host."""

from __future__ import annotations

from pathlib import Path

import pytest
from archive_samples import read_all, read_one, write

from zunda_mcp.reading.draft import boilerplate_links

FORM = "https://forms.example/x"


def test_a_link_of_more_than_half_of_the_episodes_with_links_is_boilerplate() -> None:
    assert boilerplate_links([[FORM, "a"], [FORM, "b"], [FORM, "c"], [], [], []]) == {FORM}
    assert boilerplate_links([[FORM], [FORM], [FORM], ["a"], ["b"], ["c"]]) == frozenset()


def test_a_link_of_an_eighth_of_many_episodes_is_boilerplate_too() -> None:
    changing = [["old" if place < 12 else "new", str(place)] for place in range(90)]
    assert boilerplate_links(changing) == {"old", "new"}
    assert boilerplate_links([["old" if place < 11 else f"n{place}"] for place in range(60)]) == frozenset()


def test_a_small_archive_has_no_boilerplate() -> None:
    assert boilerplate_links([[FORM, "a"], [FORM, "b"]]) == frozenset()
    assert boilerplate_links([]) == frozenset()


def test_a_link_counts_once_in_an_episode() -> None:
    assert boilerplate_links([[FORM, FORM, FORM], ["a"], ["b"], ["c"]]) == frozenset()


def test_a_boilerplate_entry_goes_to_the_notes_with_what_follows_it_and_the_rest_is_numbered_from_one(
    tmp_path: Path,
) -> None:
    body = f"- [形]({FORM})\n\n署名です。\n\n- [話](https://a.example/)\n\n要点。\n\n- [形]({FORM})\n\n署名です。\n"
    draft = read_one(tmp_path, f"---\ntitle: 題\ndate: 2031-01-01\n---\n\n{body}").draft
    assert draft is not None
    assert draft.links[:3] == (FORM, "https://a.example/", FORM)
    episode = draft.episode({FORM})
    assert [(story.id, story.title, story.summary) for story in episode.stories] == [("2031-01-01-1#1", "話", "要点。")]
    assert episode.prose == f"[形]({FORM})\n署名です。\n\n[形]({FORM})\n署名です。"
    assert len(draft.episode(frozenset()).stories) == 3


def test_lines_with_a_label_that_most_episodes_have_tell_of_the_episode_and_stand_in_its_notes(tmp_path: Path) -> None:
    for day in range(1, 7):
        write(
            tmp_path,
            f"2031-01-0{day}.md",
            f"# Letter {day}\n\n* Reader: Ann{day}, Bob\n\n## Talk\n\n1. [Pears {day}](https://a.example/{day})\n"
            f"2. [Peas {day}](https://b.example/{day})\n3. Tool of the week: [saw {day}](https://d.example/{day})\n"
            f"4. [Quinces](https://q.example/{day}) by Tom{day}\n\n"
            f"* Editor: Carl{day}\n* Archive: https://c.example/{day}\n",
        )
    episodes, _ = read_all(tmp_path)
    assert len(episodes) == 6
    for day, episode in enumerate(episodes.values(), start=1):
        assert [story.title for story in episode.stories] == [
            f"Pears {day}", f"Peas {day}", f"Tool of the week: saw {day}", "Quinces",
        ]  # fmt: skip
        for words in (f"Reader: Ann{day}, Bob", f"Editor: Carl{day}", f"[Archive](https://c.example/{day})"):
            assert words in episode.prose


def test_a_label_is_a_story_where_few_episodes_have_it_or_one_episode_has_it_twice(tmp_path: Path) -> None:
    for day in range(1, 7):
        rare = f"* Film: Kites {day}\n" if day < 4 else ""
        write(
            tmp_path,
            f"2031-01-0{day}.md",
            f"# Letter {day}\n\n{rare}* Ann: pears {day}\n* Ann: peas {day}\n* [Quinces {day}](https://q.example/{day})\n"
            f"* [Plums {day}](https://p.example/{day})\n",
        )
    episodes, _ = read_all(tmp_path)
    titles = {story.title for episode in episodes.values() for story in episode.stories}
    assert {"Film: Kites 1", "Ann: pears 6", "Ann: peas 6"} <= titles


@pytest.mark.parametrize("differs", [True, False])
def test_a_standing_item_is_a_story_where_another_text_stands_below_its_link_each_time(
    tmp_path: Path, *, differs: bool
) -> None:
    for day in range(1, 7):
        text = f"Now {day * 7} feet deep." if differs else "Send us yours."
        write(
            tmp_path,
            f"2031-01-0{day}.md",
            f"# Council {day}\n\n* [Standing well #4]({FORM})\n  * {text}\n"
            f"* [Pears {day}](https://a.example/{day})\n  * Seen {day} times.\n",
        )
    episodes, _ = read_all(tmp_path)
    titles = {story.title for episode in episodes.values() for story in episode.stories}
    assert ("Standing well #4" in titles) is differs
    assert "Pears 6" in titles
    for episode in episodes.values():
        assert text[:3] in "\n".join((episode.prose, *(story.summary for story in episode.stories)))
