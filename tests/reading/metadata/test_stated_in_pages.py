"""What pages state in their text and others in front matter: who took part, when, facts; no story begins there."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from archive_samples import write

from zunda_mcp.models import Episode
from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive

TOPICS = (
    "## Topics {n}\n\n- [Ropes {n}](https://a.example/{n}): they hold.\n\n  All agree on number {n}.\n\n"
    "- [Nets {n}](https://b.example/{n}): they tear.\n\n  Nobody agrees on number {n}.\n"
)


def minutes(folder: Path, head: str, body: str = TOPICS, name: str = "2031-05-0{n}.md") -> list[Episode]:
    """Four minutes with a head that tells who was there, and topics below."""
    for n in range(1, 5):
        write(folder, name.format(n=n), f"# Rope council {n}\n\n{head}\n\n{body.format(n=n)}")
    episodes, _ = read_archive(ArchiveReader([folder]))
    return episodes


@pytest.mark.parametrize(
    "head",
    [
        "Present: Ann Reed, Bo Lind (Nets), @cy",
        "**Attendees:** Ann Reed, Bo Lind, Cy",
        "## Attendees\n\n- Ann Reed (Ropes)\n- Bo Lind, Nets & Co\n- [@cy](https://cy.example)",
        "### Attendance\n\nWrite your name here!\n\n* Ann Reed\n* Bo Lind - chair\n* cy",
        "**Members present:**  \nAnn Reed  \nBo Lind  \ncy",
        "- Attendees:\n  - Ann Reed\n  - Bo Lind\n  - cy",
        "| | |\n| --- | --- |\n| Attending | Ann Reed, Bo Lind, cy |\n| Note taker | |",
        "### Introduction of attendees\n\n1. Ann Reed\n2. Bo Lind\n3. Cy",
        "## Attendees\n\n| Name | From |\n|------|---|\n| Ann Reed | Ropes |\n| Bo Lind | |\n| cy | |",
        "## Present (sign in here)\n\n* Council: @all\n  * Ann Reed @ann\n  * Bo Lind: @bo\n  * cy\n* Nets: @sea/nets",
        "出席者：Ann Reed、Bo Lind、cy",
        "## Teilnehmer\n\n- Ann Reed\n- Bo Lind\n- Cy",
    ],
)
def test_who_took_part_are_people_and_no_stories(tmp_path: Path, head: str) -> None:
    for episode in minutes(tmp_path, head):
        assert [name.casefold() for name in episode.hosts] == ["ann reed", "bo lind", "cy"]
        assert [story.title[:4] for story in episode.stories] == ["Rope", "Nets"]
        assert "Ann Reed" in episode.prose


@pytest.mark.parametrize(
    "head",
    [
        "## Attendees\n\n- Ann: the ropes were cut on Monday, and nobody knows by whom\n- Bo: the nets hold",
        "## Attendance\n\nIn general, for any Council Meeting, all members should either:\n\na. come, or\nb. write.",
        "## Present and future\n\nRopes will be made of hemp again, as they were a hundred years ago.",
    ],
)
def test_what_attendees_say_is_no_list_of_people(tmp_path: Path, head: str) -> None:
    for episode in minutes(tmp_path, head):
        assert episode.hosts == ()


def test_headings_may_be_the_names_of_fields(tmp_path: Path) -> None:
    head = "## Date\n\n2031-03-0{n}\n\n## Guests\n\n- Ann Reed\n- Bo Lind"
    for n in range(1, 5):
        write(tmp_path, f"call-{n}.md", f"# Call {n}\n\n{head.format(n=n)}\n\n{TOPICS.format(n=n)}")
    episodes, problems = read_archive(ArchiveReader([tmp_path]))
    assert problems == []
    assert [episode.date for episode in episodes] == [dt.date(2031, 3, n) for n in range(1, 5)]
    assert {episode.hosts for episode in episodes} == {("Ann Reed", "Bo Lind")}
    assert {len(episode.stories) for episode in episodes} == {2}


@pytest.mark.parametrize(
    "facts",
    [
        "**Recording**: https://video.example/{n}\n\n**Slack**: https://chat.example/{n}",
        "- Recording: https://video.example/{n}\n- Slack: https://chat.example/{n}",
        "Recording: [video](https://video.example/{n})",
    ],
)
def test_an_address_with_a_label_that_most_files_have_is_no_story(tmp_path: Path, facts: str) -> None:
    body = f"## News\n\n{{topics}}\n\n## Logistics\n\n{facts}\n"
    topics = "".join(f"The council spoke of [topic {k} of {{n}}](https://a.example/{k}/{{n}}).\n\n" for k in range(3))
    for episode in minutes(tmp_path, "", body.replace("{topics}", topics)):
        assert [story.title[:19] for story in episode.stories] == ["The council spoke o"] * 3
        assert "video.example" in episode.prose


@pytest.mark.parametrize("name", ["2031/05-0{n}-minutes.md", "2031/council/05-0{n}-minutes.md"])
def test_a_name_that_most_files_share_is_no_title(tmp_path: Path, name: str) -> None:
    for n in range(1, 5):
        write(tmp_path, name.format(n=n), f"# Rope council\n\n### Topic {n}\n\nText {n}.\n\n### More {n}\n\nText.\n")
    episodes, _ = read_archive(ArchiveReader([tmp_path]))
    assert {episode.title for episode in episodes} == {"Rope council"}


def test_a_name_that_most_files_share_gives_way_to_the_day(tmp_path: Path) -> None:
    for n in range(1, 5):
        write(
            tmp_path,
            f"2031/05-0{n}-agenda.md",
            f"- [Rope {n}](https://a.example/{n})\n- [Net](https://b.example/{n})\n",
        )
    episodes, _ = read_archive(ArchiveReader([tmp_path]))
    assert [episode.title for episode in episodes] == [f"2031-05-0{n}" for n in range(1, 5)]


def test_a_heading_with_the_day_of_its_page_is_the_title_whatever_its_level(tmp_path: Path) -> None:
    for n in range(1, 5):
        text = (
            f"## Call of May {n}\n\n- **Where**: here\n\n## Agenda\n\n### Ropes {n}\n\nText.\n\n### Nets {n}\n\nText.\n"
        )
        write(tmp_path, f"2031/RC-05-0{n}.md", text)
    episodes, _ = read_archive(ArchiveReader([tmp_path]))
    assert [episode.title for episode in episodes] == [f"Call of May {n}" for n in range(1, 5)]
    assert [[story.title for story in one.stories] for one in episodes] == [
        [f"Ropes {n}", f"Nets {n}"] for n in range(1, 5)
    ]


def test_files_below_a_day_of_folders_are_of_that_day(tmp_path: Path) -> None:
    for n in range(1, 5):
        write(
            tmp_path,
            f"contents/2031/May/0{n}/3-plugins/{n}-rope.md",
            f"A rope for all. [Page](https://a.example/{n})\n",
        )
    episodes, _ = read_archive(ArchiveReader([tmp_path]))
    assert [episode.date for episode in episodes] == [dt.date(2031, 5, n) for n in range(1, 5)]


def test_an_address_without_its_scheme_is_one_of_the_web(tmp_path: Path) -> None:
    for episode in minutes(tmp_path, "", "- [Ropes](//a.example/{n})\n- [Nets](//b.example/{n})\n"):
        assert [story.url[:18] for story in episode.stories if story.url] == [
            "https://a.example/",
            "https://b.example/",
        ]


def test_a_person_with_their_page_is_no_story_and_does_not_name_one(tmp_path: Path) -> None:
    people = "- [@ann](https://git.example/ann) (Ann Reed)\n- [bo](https://github.com/bo)\n"
    links = (
        "- [@ann](https://git.example/ann) made a [rope {n}](https://a.example/{n}).\n- [Nets](https://b.example/{n})\n"
    )
    body = f"{links}\n## Thanks\n\n{people}"
    for n, episode in enumerate(minutes(tmp_path, "", body), start=1):
        titles = [(story.title, story.url) for story in episode.stories]
        assert titles == [(f"@ann made a rope {n}.", f"https://a.example/{n}"), ("Nets", f"https://b.example/{n}")]
        assert "Ann Reed" in episode.prose


def test_what_stands_under_a_heading_that_is_a_link_is_its_text(tmp_path: Path) -> None:
    talk = "Ann: they hold.\n\n[comment left](https://a.example/{n}#2)\n\nBo: see [this](https://c.example).\n\n"
    topic = "### [Ropes {n}](https://a.example/{n})\n\n" + talk
    body = f"## Session\n\n{topic}{topic.replace('Ropes', 'Nets')}## Closing\n\nWords.\n"
    for n, episode in enumerate(minutes(tmp_path, "", body), start=1):
        assert [story.title for story in episode.stories if story.url] == [f"Ropes {n}", f"Nets {n}"]


# --- days with two digits for the year


def days(folder: Path, names: list[str], body: str = "Words of that day.\n") -> list[str]:
    for name in names:
        write(folder, f"{name}.md", f"# Rope council\n\n{body}")
    episodes, _ = read_archive(ArchiveReader([folder]))
    return [str(episode.date) for episode in episodes]


@pytest.mark.parametrize(
    ("names", "right"),
    [
        (["22-03-14", "22-04-05", "22-11-30", "23-01-02"], ["2022-03-14", "2022-04-05", "2022-11-30", "2023-01-02"]),
        (["14.03.22", "05.04.22", "30.11.22", "02.01.23"], ["2022-03-14", "2022-04-05", "2022-11-30", "2023-01-02"]),
        (["call 3-14-22", "call 4-5-22", "call 11-30-22"], ["2022-03-14", "2022-04-05", "2022-11-30"]),
        (["2022/14.03.22", "2022/05.04.22"], ["2022-03-14", "2022-04-05"]),
        (["2011/11-03-14"], ["2011-03-14"]),
    ],
)
def test_the_order_of_short_days_is_that_of_all_names_or_of_the_folder(
    tmp_path: Path, names: list[str], right: list[str]
) -> None:
    assert sorted(days(tmp_path, names)) == right


@pytest.mark.parametrize("names", [["02-03-04", "03-04-05"], ["v1.02.14", "v1.03.14", "v1.04.14"]])
def test_short_days_that_may_be_several_are_none(tmp_path: Path, names: list[str]) -> None:
    write(tmp_path, "2031-01-01.md", "# Council\n\nWords.\n")
    assert [day for day in days(tmp_path, names) if day != "2031-01-01"] in ([], ["None"] * len(names))


def test_a_short_day_in_a_heading_follows_the_others(tmp_path: Path) -> None:
    for n, day in enumerate(("22-03-14", "22-04-05", "22-11-30"), start=1):
        write(tmp_path, f"call{n}.md", f"# {day} Rope council\n\nWords of that day.\n")
    episodes, _ = read_archive(ArchiveReader([tmp_path]))
    assert [str(episode.date) for episode in episodes] == ["2022-03-14", "2022-04-05", "2022-11-30"]


# --- times on lines of their own


@pytest.mark.parametrize(
    "body",
    [
        "00:01:30\n\n- [Ropes](https://a.example)\n\n00:12:30\n\n- [Nets](https://b.example)\n",
        "- [Ropes](https://a.example)\n\n00:01:30\n\n- [Nets](https://b.example)\n\n00:12:30\n",
        "00:01:30\n## [Ropes](https://a.example)\n\nThey hold.\n\n00:12:30\n## [Nets](https://b.example)\n\nThey do.\n",
        "[Ropes](https://a.example)\n(1:30)\n\n[Nets](https://b.example)\n(12:30)\n",
    ],
)
def test_a_time_on_a_line_of_its_own_is_the_start_of_the_item_beside_it(tmp_path: Path, body: str) -> None:
    for n in range(1, 5):
        write(tmp_path, f"2031-05-0{n}.md", f"---\ntitle: Call {n}\n---\n\n{body.replace('.example', f'.example/{n}')}")
    episodes, _ = read_archive(ArchiveReader([tmp_path]))
    for episode in episodes:
        assert [(story.title, story.start) for story in episode.stories] == [("Ropes", 90.0), ("Nets", 750.0)]


def test_lines_over_lists_are_titles_of_what_was_said(tmp_path: Path) -> None:
    said = " * [ann] It holds well enough for {n} years.\n * Bo thinks that winter will come before {n}.\n"
    topics = (
        "Charter of {n}",
        "[Issue {n}](https://a.example/issues/{n}): Ropes are long",
        "**Nets** and [lines](https://b.example/{n})",
    )
    body = "".join(f"{topic}\n\n{said}\n" for topic in topics)
    body = f"## Meeting notes\n\n{body}## Next call\n\nIn a month of {{n}} days.\n"
    for n, episode in enumerate(minutes(tmp_path, "", body), start=1):
        assert [(story.title, story.url) for story in episode.stories] == [
            (f"Charter of {n}", None),
            (f"Issue {n}: Ropes are long", f"https://a.example/issues/{n}"),
            ("Nets and lines", f"https://b.example/{n}"),
            ("Next call", None),
        ]
