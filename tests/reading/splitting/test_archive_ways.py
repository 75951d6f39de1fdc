"""How an archive is split: what most files of a folder speak for, and what single files have of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from archive_samples import write

from zunda_mcp.models import Episode
from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive


def listed(place: Path, name: str) -> None:
    items = "".join(f"- [Bean {n} of {name}](https://a.ex/{name}/{n}) is good\n" for n in (1, 2, 3))
    write(place, f"{name}.md", f"---\ntitle: {name}\n---\n\n{items}")


def headed(place: Path, name: str) -> None:
    parts = "".join(
        f"## Pod {n} of {name}\n\nThe pod is green this time, and Ann [saw](https://b.ex/{name}/{n}) it.\n\n"
        for n in (1, 2, 3)
    )
    write(place, f"{name}.md", f"---\ntitle: {name}\n---\n\n{parts}")


def headed_links(place: Path, name: str) -> None:
    parts = "".join(f"### {n}. Pods, [once more](https://c.ex/{name}/{n})\n\nGreen, and long.\n\n" for n in range(1, 5))
    write(place, f"{name}.md", f"---\ntitle: {name}\n---\n\n{parts}")


def link_heads(place: Path, name: str) -> None:
    parts = "".join(f"- [Leaf {n}](https://d.ex/{name}/{n})\n\n  It fell.\n\n" for n in (1, 2))
    write(place, f"{name}.md", f"---\ntitle: {name}\n---\n\n{parts}")


def stories(folder: Path) -> dict[str, list[tuple[str, str | None]]]:
    episodes: list[Episode]
    episodes, _ = read_archive(ArchiveReader([folder]))
    return {one.title: [(story.title, story.url) for story in one.stories] for one in episodes}


def test_a_folder_whose_files_agree_is_split_in_their_way_from_the_root_as_from_the_folder(tmp_path: Path) -> None:
    for day in range(10, 30):
        listed(tmp_path / "new", f"2031-01-{day}")
    for day in range(10, 18):
        headed(tmp_path / "old", f"2030-01-{day}")
    reader = ArchiveReader([tmp_path])
    assert reader.strategy.name == "list-items"
    whole, part = stories(tmp_path), stories(tmp_path / "old")
    assert part["2030-01-10"][0] == ("Pod 1 of 2030-01-10", "https://b.ex/2030-01-10/1")
    assert {title: whole[title] for title in part} == part


def test_where_files_do_not_agree_each_is_split_in_its_own_way(tmp_path: Path) -> None:
    for day in range(10, 15):
        listed(tmp_path, f"2031-01-{day}")
        headed(tmp_path, f"2031-02-{day}")
    write(
        tmp_path, "2031-03-01.md", "---\ntitle: Plain\n---\n\n- Beans were sown by all of us.\n- Pods were shelled.\n"
    )
    found = stories(tmp_path)
    assert not ArchiveReader([tmp_path]).conventions.settled
    assert [title for title, _ in found["Plain"]] == ["Beans were sown by all of us.", "Pods were shelled."]
    assert [len(found["2031-01-12"]), len(found["2031-02-12"])] == [3, 3]
    assert found["2031-02-12"][2][0] == "Pod 3 of 2031-02-12"


def test_a_file_whose_stories_the_usual_way_misses_is_split_in_its_own(tmp_path: Path) -> None:
    for day in range(10, 20):
        link_heads(tmp_path, f"2031-01-{day}")
    headed_links(tmp_path, "2031-01-20")
    write(tmp_path, "2031-01-21.md", "---\ntitle: Essay\n---\n\n## A\n\nText.\n\n## B\n\nText.\n")
    found = stories(tmp_path)
    assert ArchiveReader([tmp_path]).conventions.settled
    assert found["2031-01-20"] == [(f"{n}. Pods, once more", f"https://c.ex/2031-01-20/{n}") for n in range(1, 5)]
    assert found["Essay"] == []


def test_the_items_of_an_agenda_are_the_stories_of_minutes_with_what_was_said(tmp_path: Path) -> None:
    for day in (10, 11, 12):
        said = "".join(
            f"### Rope {n} of day {day}\n\nAB: Forty feet.\n\nCD: Too short.\n\nAB: Agreed.\n\n" for n in (1, 2)
        )
        write(
            tmp_path,
            f"2031-01-{day}.md",
            f"# Rope council {day}\n\n## Present\n\n- AB\n- CD\n\n## Discussion\n\n{said}",
        )
    (first, *_), _ = read_archive(ArchiveReader([tmp_path]))
    assert [story.title for story in first.stories if "Rope" in story.title] == ["Rope 1 of day 10", "Rope 2 of day 10"]
    assert "CD: Too short." in next(story for story in first.stories if "Rope 1" in story.title).summary


def test_links_in_the_notes_of_a_meeting_do_not_make_its_list_items_stories(tmp_path: Path) -> None:
    for day in range(10, 15):
        items = "- [issue 1](https://a.ex/1)\n  - Ann: done\n  - Ben: see [there](https://a.ex/2)\n- Later\n- Agreed\n"
        write(tmp_path, f"2031-01-{day}.md", f"# Meeting {day}\n\n## Ropes {day}\n\n{items}\n## Knots {day}\n\n{items}")
    (first, *_), _ = read_archive(ArchiveReader([tmp_path]))
    assert [story.title for story in first.stories] == ["Ropes 10", "Knots 10"]


def test_lines_that_are_a_link_each_are_a_list_of_stories(tmp_path: Path) -> None:
    for day in range(10, 14):
        lines = "".join(f"[Bean {n} of {day}](https://a.ex/{day}/{n})  \n" for n in (1, 2))
        dots = f"• Soil [is wet](https://b.ex/{day})\n\n• Peas [are green](https://c.ex/{day})\n"
        write(tmp_path, f"2031-01-{day}.md", f"---\ntitle: Day {day}\n---\n\n## Garden\n\n{lines}\n## Field\n\n{dots}")
    titles = [title for title, _ in stories(tmp_path)["Day 11"]]
    assert titles == ["Bean 1 of 11", "Bean 2 of 11", "Soil is wet", "Peas are green"]


def test_a_link_without_a_time_is_a_story_beside_links_with_their_times_behind_them(tmp_path: Path) -> None:
    for day in range(10, 14):
        rows = [f"- [Row {n} of {day}](https://a.ex/{day}/{n}) - *00:0{n}:10*.\n" for n in (1, 2)]
        write(
            tmp_path, f"2031-01-{day}.md", f"---\ntitle: Day {day}\n---\n{''.join(rows)}- [Bare](https://b.ex/{day})\n"
        )
    assert [title for title, _ in stories(tmp_path)["Day 12"]] == ["Row 1 of 12", "Row 2 of 12", "Bare"]


def test_a_first_heading_above_the_level_of_stories_is_the_title(tmp_path: Path) -> None:
    for day in range(10, 14):
        items = "".join(f"### Rope {n}\n\nForty feet are enough for day {day}, all agree.\n\n" for n in (1, 2, 3))
        write(tmp_path, f"2031-01-{day}.md", f"![logo](logo.png)\n\n## Call of day {day}\n\n{items}")
    assert list(stories(tmp_path)) == [f"Call of day {day}" for day in range(10, 14)]


def test_a_section_with_one_story_gives_it_its_name_and_with_several_each_has_its_own(tmp_path: Path) -> None:
    for day in range(10, 14):
        text = (
            f"## Tools\n\nAnn mended [the spade](https://a.ex/{day}) at last. It digs.\n\n"
            f"Ben found [a rake](https://b.ex/{day}).\n\n## Goodbye\n\nRead [this](https://c.ex/{day}) on the way.\n"
        )
        write(tmp_path, f"2031-01-{day}.md", f"---\ntitle: Day {day}\n---\n\n{text}")
    titles = [title for title, _ in stories(tmp_path)["Day 10"]]
    assert titles == ["Ann mended the spade at last.", "Ben found a rake.", "Goodbye"]


def test_the_title_of_a_link_may_hold_quotation_marks(tmp_path: Path) -> None:
    for day in range(10, 14):
        rows = "".join(f'- [Pod "{n}"](https://a.ex/{day}/{n} "Pod "{n}" of {day}") - long\n' for n in (1, 2))
        write(tmp_path, f"2031-01-{day}.md", f"---\ntitle: Day {day}\n---\n\n{rows}")
    assert stories(tmp_path)["Day 13"] == [('Pod "1"', "https://a.ex/13/1"), ('Pod "2"', "https://a.ex/13/2")]


def test_a_story_bears_the_headings_over_it_but_not_those_that_many_files_have(tmp_path: Path) -> None:
    for day in range(10, 16):
        text = (
            f"# Day {day}\n\n## News\n\n### Garden {day}\n\n- [Bean](https://a.ex/{day}) grew\n\n"
            f"## Pond {day}\n\n- [Carp](https://b.ex/{day}) swam\n"
        )
        write(tmp_path, f"2031-01-{day}.md", text)
    episodes, _ = read_archive(ArchiveReader([tmp_path]))
    assert [story.section for story in episodes[1].stories] == ["Garden 11", "Pond 11"]
    assert "### Garden 11" in episodes[1].prose


@pytest.mark.parametrize("line", ["**{name}** [0:{n}0]", "{name}  0:{n}0", "{name} (0:{n}0)"])
def test_a_line_of_name_and_time_begins_what_a_speaker_says(tmp_path: Path, line: str) -> None:
    for day in (10, 11, 12):
        turns = "".join(
            f"{line.format(name=name, n=n)}\nSpeech {n} of day {day}, about beans.\n\n"
            for n, name in enumerate(("Ann", "Ben", "Ann", "Ben"))
        )
        write(tmp_path, f"2031-01-{day}.md", f"---\ntitle: Day {day}\n---\n\n{turns}")
    (draft, *_) = ArchiveReader([tmp_path]).read(ArchiveReader([tmp_path]).scan().files[0]).drafts
    assert [(entry.kind, entry.start) for entry in draft.entries] == [("passage", 0.0)]
    assert draft.entries[0].spoken.startswith("Ann: Speech 0 of day 10")


def test_a_heading_is_the_title_without_its_images_and_tags(tmp_path: Path) -> None:
    write(
        tmp_path, "2024-11.md", '# 2024-11 <img src="https://a.ex/hits.svg"/> <b>News</b>\n\n- [Bean](https://b.ex/1)\n'
    )
    ((episode,), _) = read_archive(ArchiveReader([tmp_path]))
    assert (episode.title, episode.number) == ("2024-11  News", None)


def test_paragraphs_of_a_link_each_are_a_list_of_stories(tmp_path: Path) -> None:
    for day in range(10, 14):
        rows = "".join(f"[Bean {n} of {day}](https://a.ex/{day}/{n})\n\n" for n in (1, 2, 3))
        text = f"Hello.\n\n{rows}[Pod](https://b.ex/{day}) is green\n\n[]()\n"
        write(tmp_path, f"2031-01-{day}.md", f"---\ntitle: Day {day}\n---\n\n{text}")
    titles = [title for title, _ in stories(tmp_path)["Day 11"]]
    assert titles == ["Bean 1 of 11", "Bean 2 of 11", "Bean 3 of 11", "Pod"]


def test_links_of_one_name_below_headings_are_no_stories(tmp_path: Path) -> None:
    for day in range(10, 16):
        links = [f"- [proposal](https://a.ex/{day}/{n})\n\n  Forty feet are asked for.\n\n" for n in (1, 2, 3)]
        parts = "".join(f"## Rope {n} of {day}\n\n{link}" for n, link in enumerate(links, start=1))
        write(tmp_path, f"2031-01-{day}.md", f"---\ntitle: Day {day}\n---\n\n{parts}")
    assert [title for title, _ in stories(tmp_path)["Day 12"]] == [f"Rope {n} of 12" for n in (1, 2, 3)]


def test_the_title_of_what_is_spoken_has_the_words_of_a_link_whatever_its_address(tmp_path: Path) -> None:
    link = "[Bean's Law](https://a.ex/Bean(author)#Bean'slaw), which [holds](https://a.ex/open source)."
    write(
        tmp_path,
        "2031-01-01.md",
        f"---\ntitle: Day\n---\n\n**Ann:** {link}\n\n" + "**Bob:** Yes.\n\n**Ann:** No.\n\n" * 3,
    )
    assert stories(tmp_path)["Day"] == [("Ann: Bean's Law, which holds.", None)]
