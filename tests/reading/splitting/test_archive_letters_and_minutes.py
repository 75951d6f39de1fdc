"""Letters whose headings are links, minutes with tasks and lists by person, and files that differ from the others."""

from __future__ import annotations

from pathlib import Path

import pytest
from archive_samples import write

from zunda_mcp.models import Episode
from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive


def _episodes(folder: Path, text: str, others: str = "") -> list[Episode]:
    """Five episodes of a text, and eight of another beside them."""
    for n in range(1, 6):
        write(folder, f"2031-01-0{n}.md", text.replace("{n}", str(n)))
    for n in range(1, 9 if others else 1):
        write(folder, f"2031-02-0{n}.md", others.replace("{n}", str(n)))
    episodes, _ = read_archive(ArchiveReader([folder]))
    return episodes


def _stories(episode: Episode) -> list[tuple[str, str | None]]:
    return [(story.title, story.url) for story in episode.stories]


LINKED = """## Read closely

### [Quinces {n}](https://quince.example/{n}) @ann

- told by: Ann

They grow again.

- They are yellow
- See [the list](https://list.example/{n})

### [Medlars {n}](https://medlar.example/{n})

- told by: Bo
- They are brown
- They are soft

"""


@pytest.mark.parametrize(
    "rest",
    [
        "## Links\n\n- [Pear {n}](https://pear.example/{n})\n- [Plum {n}](https://plum.example/{n})\n"
        "- [Pea {n}](https://pea.example/{n})\n- [Bean {n}](https://bean.example/{n})\n",
        "## Weather of {n}\n\nIt rained, and we dug.\n\n## Soil of {n}\n\nIt is wet, so that we wait.\n",
    ],
)
def test_headings_that_begin_with_a_link_over_a_text_are_stories_of_their_own(tmp_path: Path, rest: str) -> None:
    episode = _episodes(tmp_path, LINKED + rest)[1]
    stories = _stories(episode)
    assert stories[0][0].startswith("Quinces 2")
    assert [url for _, url in stories[:2]] == ["https://quince.example/2", "https://medlar.example/2"]
    assert "They are yellow" in episode.stories[0].summary
    assert "They are soft" in episode.stories[1].summary
    assert len(stories) == (6 if "Links" in rest else 4)
    assert stories[-1][0] in ("Bean 2", "Soil of 2")


def test_headings_that_are_links_over_lists_of_links_stay_sections(tmp_path: Path) -> None:
    text = "".join(
        f"### [{name}](https://{name}.example/)\n\n- [{name} {{n}}](https://a.example/{name}/{{n}})\n"
        f"- [more {name} {{n}}](https://b.example/{name}/{{n}})\n\n"
        for name in ("beans", "peas")
    )
    assert [url for _, url in _stories(_episodes(tmp_path, text)[0])] == [
        "https://a.example/beans/1",
        "https://b.example/beans/1",
        "https://a.example/peas/1",
        "https://b.example/peas/1",
    ]


def test_a_file_with_one_heading_of_the_usual_level_over_all_others_is_split_below_it(tmp_path: Path) -> None:
    others = "# Quinces {n}\n\nThey grow.\n\n# Medlars {n}\n\nThey rot.\n"
    episodes = _episodes(
        tmp_path, "# Council {n}\n\n## Soil\n\nIt is wet, in bed {n}.\n\n## Water\n\nIt is cold, in bed {n}.\n", others
    )
    assert [(one.title, [title for title, _ in _stories(one)]) for one in episodes[:2]] == [
        ("Council 1", ["Soil", "Water"]),
        ("Council 2", ["Soil", "Water"]),
    ]
    assert [title for title, _ in _stories(episodes[-1])] == ["Quinces 8", "Medlars 8"]


def test_the_box_of_a_task_is_no_part_of_its_title(tmp_path: Path) -> None:
    text = "## Tasks of day {n}\n\n- [x] Dig, see [the plan](https://plan.example/{n})\n- [ ] [Sow](https://sow.example/{n})\n"
    episode = _episodes(tmp_path, text)[0]
    assert _stories(episode) == [("Dig, see the plan", "https://plan.example/1"), ("Sow", "https://sow.example/1")]
    assert "Dig" not in episode.prose


def test_what_a_person_says_in_a_list_of_minutes_stands_under_the_name(tmp_path: Path) -> None:
    text = (
        "# Council\n\n## Agenda\n\nWhat is said below.\n\n## Notes\n\n- Status\n"
        "  - ann:\n    - digs the bed of week {n}\n    - waters it\n  - bo\n"
        "    - sows {n} beans\n- Should fence {n} be mended?\n  - It should, by {n} of us\n"
    )
    episode = _episodes(tmp_path, text)[0]
    assert [title for title, _ in _stories(episode)] == ["ann:", "bo", "Should fence 1 be mended?"]
    assert "waters it" in episode.stories[0].summary
    assert "sows 1 beans" in episode.stories[1].summary


def test_paragraphs_of_one_link_each_under_a_heading_are_a_story_each(tmp_path: Path) -> None:
    text = "# Diary\n\n## Learnt today\n\n[Digging {n}](https://dig.example/{n})\n\n"
    others = f"{text}Words on digging, which are a few.\n"
    episodes = _episodes(tmp_path, f"{text}[Sowing {{n}}](https://sow.example/{{n}})\n\nWords.\n", others)
    assert _stories(episodes[0]) == [("Digging 1", "https://dig.example/1"), ("Sowing 1", "https://sow.example/1")]
    assert episodes[0].stories[1].summary == "Words."
    assert _stories(episodes[-1]) == [("Digging 8", "https://dig.example/8")]
