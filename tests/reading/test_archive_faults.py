"""Faults that archives of all kinds have, each as a tiny archive with what is right about it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from archive_samples import write

from zunda_mcp.models import Episode, Problem
from zunda_mcp.reading.reader import ArchiveReader, read_archive


def read(folder: Path, files: Mapping[str, str | bytes]) -> tuple[dict[str, Episode], list[Problem]]:
    for name, content in files.items():
        if isinstance(content, bytes):
            (folder / name).write_bytes(content)
        else:
            write(folder, name, content)
    episodes, problems = read_archive(ArchiveReader([folder]))
    return {episode.id: episode for episode in episodes}, problems


def page(front: str, body: str = "Text.\n") -> str:
    return f"---\n{front}\n---\n\n{body}"


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("title: Episode 12: Beans", "Episode 12: Beans"),
        ("title: @beans", "@beans"),
        ("title: [Draft] beans", "[Draft] beans"),
        ("title: *Beans* for all", "*Beans* for all"),
        ("title: 'Bob's beans'", "Bob's beans"),
        (" title: Beans", "Beans"),
        ("title:\tBeans: all", "Beans: all"),
        ("title: Beans\n  and pods: all", "Beans and pods: all"),
    ],
)
def test_a_bad_line_of_front_matter_costs_that_line_alone(tmp_path: Path, line: str, title: str) -> None:
    episodes, problems = read(tmp_path, {"beans.md": page(f"date: 2031-01-01\n{line}\nhosts: [Ann, Bob]")})
    assert (episodes["beans"].title, episodes["beans"].hosts) == (title, ("Ann", "Bob"))
    assert str(episodes["beans"].date) == "2031-01-01"
    assert len(problems) <= 1


@pytest.mark.parametrize("line", ["draft: true", "published: false", "status: draft"])
def test_a_draft_is_left_out_and_named(tmp_path: Path, line: str) -> None:
    files = {"2031-01-01-1.md": page("title: Beans"), "2031-01-02-2.md": page(f"title: Pods\n{line}")}
    episodes, (problem,) = read(tmp_path, files)
    assert list(episodes) == ["2031-01-01-1"]
    assert (problem.skipped, line in problem.cause) == (True, True)


def test_a_folder_of_drafts_is_left_out_and_named(tmp_path: Path) -> None:
    files = {"_posts/2031-01-01-1.md": page("title: Beans"), "_drafts/2031-01-02-2.md": page("title: Pods")}
    episodes, (problem,) = read(tmp_path, files)
    assert list(episodes) == ["2031-01-01-1"]
    assert problem.path.endswith("/_drafts")


COPIES = [
    "2031-01-01-1 (Ann's conflicted copy 2031-01-02).md",
    "2031-01-01-1.sync-conflict-20310102-101010-ABCDEFG.md",
    "2031-01-01-1 (1).md",
    "2031-01-01-1 - Copy.md",
    "2031-01-01-1 - コピー.md",
]


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_of_a_sync_program_is_left_out_and_named(tmp_path: Path, name: str) -> None:
    files = {"2031-01-01-1.md": page("title: Beans"), name: page("title: Pods")}
    episodes, (problem,) = read(tmp_path, files)
    assert [episode.title for episode in episodes.values()] == ["Beans"]
    assert "copy of 2031-01-01-1.md" in problem.cause


def test_what_only_looks_like_a_copy_is_an_episode(tmp_path: Path) -> None:
    files = {"2031-01-01 (1).md": page("title: Beans"), "2031-01-02 (2).md": page("title: Pods")}
    assert len(read(tmp_path, files)[0]) == 2


def test_people_are_those_named_and_never_a_recording(tmp_path: Path) -> None:
    front = "title: Beans\ncast: B1.mp3\nparticipants:\n  - name: Ann\n  - name: Bob\nguests: [Cid]"
    episodes, _ = read(tmp_path, {"2031-01-01-1.md": page(front)})
    assert episodes["2031-01-01-1"].hosts == ("Ann", "Bob", "Cid")


def test_what_front_matter_says_of_an_episode_stands_in_its_notes(tmp_path: Path) -> None:
    front = "title: Beans\nsubtitle: Green ones\ndescription: All about beans\ntags: [pods, 園芸]\nseries: Spring"
    episodes, _ = read(tmp_path, {"2031-01-01-1.md": page(front)})
    assert episodes["2031-01-01-1"].description == "All about beans"
    for word in ("Green ones", "pods", "園芸", "Spring", "Text."):
        assert word in episodes["2031-01-01-1"].prose


def test_entities_are_the_characters_they_stand_for(tmp_path: Path) -> None:
    body = (
        "The P&amp;L, it&rsquo;s na&iuml;ve.\n\n- [R&amp;D of caf&eacute;s](https://a.ex/?x=1&amp;y=2)\n\n  &#x30AC;\n"
    )
    episodes, _ = read(tmp_path, {"2031-01-01-1.md": page('title: "Q&amp;A"', body)})
    episode = episodes["2031-01-01-1"]
    assert (episode.title, episode.prose) == ("Q&A", "P&L, it’s naïve.")
    assert [(story.title, story.url, story.summary) for story in episode.stories] == [
        ("R&D of cafés", "https://a.ex/?x=1&y=2", "ガ")
    ]


def test_a_time_behind_an_item_is_its_start(tmp_path: Path) -> None:
    body = "".join(f"- [Bean {n}](https://a.ex/{n}) - *00:0{n}:10*.\n" for n in range(1, 4)) + "- Pods\n"
    episodes, _ = read(tmp_path, {"2031-01-01-1.md": page("title: Beans", body)})
    starts = [(story.title, story.start) for story in episodes["2031-01-01-1"].stories]
    assert starts[:3] == [("Bean 1", 70.0), ("Bean 2", 130.0), ("Bean 3", 190.0)]


@pytest.mark.parametrize(
    "title", ["Town hall adds Sponsors", "How to find sponsors", "Why we have no sponsor", "The sponsor of the year"]
)
def test_a_story_about_sponsors_is_a_story(tmp_path: Path, title: str) -> None:
    body = f"- [{title}](https://a.ex/1)\n- [Pods](https://a.ex/2)\n- [Peas](https://a.ex/3)\n"
    episodes, _ = read(tmp_path, {"2031-01-01-1.md": page("title: Beans", body)})
    assert [story.title for story in episodes["2031-01-01-1"].stories] == [title, "Pods", "Peas"]
