"""Pages that say their day, their title or their name in another way than most, and pages that look like others."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from archive_samples import episode_of, read_all, write

from zunda_mcp.reading.metadata.fields import Fields, stem
from zunda_mcp.reading.metadata.front_matter import FrontMatter
from zunda_mcp.text.calendar_days import read_day

ITEMS = "- [Green beans {n}](https://bean.example/{n})\n- [White beans {n}](https://white.example/{n})\n"
SECTIONED = "## Harvest\n\n{items}\n## Kitchen\n\nWe cooked for [{n}](https://kitchen.example/{n}) people.\n"


def sectioned(n: int) -> str:
    return SECTIONED.format(n=n, items=ITEMS.format(n=n))


@pytest.mark.parametrize(
    "key", ["pubDatetime", "publishDate", "date_published", "Published on", "airedAt", "air-date", "meetingDateTime"]
)
def test_a_key_of_the_day_is_known_by_its_words(tmp_path: Path, key: str) -> None:
    assert episode_of(tmp_path, f"---\ntitle: Beans\n{key}: 2030-05-07\n---\n", "beans.md").date == dt.date(2030, 5, 7)


@pytest.mark.parametrize("key", ["created_by", "start", "release", "season", "updated_by", "issue"])
def test_words_that_name_no_day_are_no_key_of_it(tmp_path: Path, key: str) -> None:
    assert episode_of(tmp_path, f"---\ntitle: Beans\nhost: Ann\n{key}: 2030-05-07\n---\n", "beans.md").date is None


@pytest.mark.parametrize("key", ["speaker", "Speakers", "guestNames", "guest", "co-host", "authors"])
def test_people_are_found_under_one_or_many(tmp_path: Path, key: str) -> None:
    assert episode_of(tmp_path, f"---\ntitle: Beans\n{key}: [Ann]\n---\n").hosts == ("Ann",)


def test_a_list_of_chapters_is_found_by_another_form_of_its_name(tmp_path: Path) -> None:
    text = '---\ntitle: Beans\nchapter:\n  - {time: "0:10", title: Sowing}\n  - {time: "2:00", title: Pods}\n---\n'
    stories = episode_of(tmp_path, text).stories
    assert [(story.title, story.start) for story in stories] == [("Sowing", 10.0), ("Pods", 120.0)]


def test_a_key_that_is_the_name_goes_before_one_of_the_same_words() -> None:
    fields = Fields(FrontMatter({"published": "true", "publishDate": "2030-05-07", "guest": "Bob", "guests": "Ann"}))
    assert stem("published") == stem("publishDate")
    assert fields.texts("published_at") == [("published", "true"), ("publishdate", "2030-05-07")]
    assert fields.text("guests") == "Ann"


@pytest.mark.parametrize(
    "head",
    [
        "# Call 7\n### Meeting Date/Time: Tuesday, May 7, 2030, 14:00 UTC\n### Duration: 1 hour\n",
        "# Call 7\n\n## Info\n\nDate: May 7, 2030\n",
        "# Call 7\n\n## Time: 5/7/2030 2:00 PM UTC\n",
        "# Call 7\n\n### May 7, 2030, 14:00 UTC\n",
    ],
)
def test_a_day_in_a_headed_block_below_the_title_is_the_episodes(tmp_path: Path, head: str) -> None:
    write(tmp_path, "other.md", "# Call 8\n\n### Date: 5/17/2030\n\nBeans again.\n")
    write(tmp_path, "call.md", f"{head}\n## Notes\n\nBeans.\n")
    found, _ = read_all(tmp_path)
    assert (found["call"].date, found["call"].title) == (dt.date(2030, 5, 7), "Call 7")


def test_a_year_of_two_digits_counts_between_slashes_alone() -> None:
    found = read_day("12/15/17")
    assert found is not None
    assert found.day == dt.date(2017, 12, 15)
    assert read_day("12-15-17") is None
    assert read_day("3/4/17") is None


def test_a_page_without_a_day_is_kept_beside_dated_ones_with_its_headings(tmp_path: Path) -> None:
    for n in range(10, 16):
        write(tmp_path, f"{n}-beans.md", f"---\ndate: 2030/05/{n}\n---\n\n{sectioned(n)}")
    write(tmp_path, "09-peas.md", sectioned(9))
    write(tmp_path, "rules.md", "# Rules\n\n## Who may write\n\nAnybody.\n")
    found, problems = read_all(tmp_path)
    assert (found["09-peas"].date, found["09-peas"].number) == (None, 9)
    assert ("https://bean.example/9") in [story.url for story in found["09-peas"].stories]
    assert [one.path for one in problems if one.skipped] == [f"{tmp_path.name}/rules.md"]


@pytest.mark.parametrize("code", ["```\ndate: 2030-05-07\n2030-05-08\n# 2030-05-09\n```", "`2030-05-07`"])
def test_a_day_in_code_is_not_that_of_its_page(tmp_path: Path, code: str) -> None:
    write(tmp_path, "ep1.md", f"# Sowing\n\nIt prints:\n\n{code}\n\nAnd no more.\n")
    for n in (2, 3, 4):
        write(tmp_path, f"ep{n}.md", f"# Mowing {n}\n\n- [Beans](https://bean.example/{n})\n")
    found, _ = read_all(tmp_path)
    assert {id: one.date for id, one in found.items()} == dict.fromkeys(("ep1", "ep2", "ep3", "ep4"))


def test_the_readme_of_a_folder_with_a_day_is_its_page(tmp_path: Path) -> None:
    write(tmp_path, "README.md", "# A log\n")
    write(tmp_path, "2030/20300507-sowing/README.md", "# Sowing beans\n\nBeans.\n")
    write(tmp_path, "2030/20300507-sowing/steps.md", "# Steps\n\nMore.\n")
    write(tmp_path, "2031/05-07-mowing/README.md", "# Mowing\n\nBeans.\n")
    write(tmp_path, "2031/05/07/README.md", "# All of a day\n")
    write(tmp_path, "tool/README.md", "# A tool\n")
    found, _ = read_all(tmp_path)
    sown = found["20300507-sowing"]
    assert (sown.date, sown.title) == (dt.date(2030, 5, 7), "Sowing beans")
    mown = found["2031-05-07-mowing"]
    assert (mown.date, mown.title) == (dt.date(2031, 5, 7), "Mowing")
    assert len(found) <= len({"sowing", "steps", "mowing"})
    assert not any("tool" in id or "README" in id for id in found)


def test_the_heading_of_a_section_is_no_title_where_the_name_says_one(tmp_path: Path) -> None:
    for n, word in enumerate(["alder", "birch", "cedar", "damson"], start=1):
        write(tmp_path, f"{n}. The {word}.md", f"# 1 Introduction\n\nTrees.\n\n# 2 The wood {n}\n\nIt is hard.\n")
    found, _ = read_all(tmp_path)
    assert [one.title for one in found.values()] == ["The alder", "The birch", "The cedar", "The damson"]
    assert all("1 Introduction" in one.prose for one in found.values())


def test_numbers_that_go_on_through_the_sections_begin_stories_in_each(tmp_path: Path) -> None:
    for n in range(1, 5):
        text = f"# 豆報 第 {n} 期\n\n## 莢\n\n1、[莢{n}](https://pod.example/{n})：緑\n\n## 葉\n\n2、[葉{n}](https://leaf.example/{n})：細い\n"
        write(tmp_path, f"beans{n}.md", text)
    found, _ = read_all(tmp_path)
    assert [(story.title, story.url) for story in found["beans2"].stories] == [
        ("莢2", "https://pod.example/2"),
        ("葉2", "https://leaf.example/2"),
    ]
    assert found["beans2"].number == 2


def test_an_item_that_begins_with_a_heading_has_it_as_its_title(tmp_path: Path) -> None:
    for n in range(1, 4):
        items = f"- ## Sowing {n}\n    - Of beans\n- ## Harvest {n}\n    - Of pods\n"
        write(
            tmp_path, f"page{n}.md", f"{items}- [Leaf](https://leaf.example/{n})\n- [Stem](https://stem.example/{n})\n"
        )
    found, _ = read_all(tmp_path)
    assert [story.title for story in found["page1"].stories] == ["Sowing 1", "Harvest 1", "Leaf", "Stem"]


def test_header_lines_may_be_comments_of_restructured_text(tmp_path: Path) -> None:
    episode = episode_of(tmp_path, ".. title: Beans 2.0\n.. date: 2030-05-07 10:00:00 UTC\n\nText.\n", "beans.md")
    assert (episode.title, episode.date) == ("Beans 2.0", dt.date(2030, 5, 7))


def test_a_diary_and_the_posts_of_its_day_are_one_episode(tmp_path: Path) -> None:
    write(tmp_path, "diary/2030-05-07.md", "# A day of beans\n\nWe sowed.\n")
    row = ("2027960832928501907", "https://x.com/ann/status/2027960832928501907", "2030-05-07 10:00:00", "A post", "1")
    write(tmp_path, "ann-300601.csv", ",".join(f'"{value}"' for value in row) + "\n")
    found, problems = read_all(tmp_path)
    day = found["2030-05-07"]
    assert (day.title, [story.summary for story in day.stories]) == ("A day of beans", ["A post"])
    assert "We sowed." in day.prose
    assert not any(one.skipped for one in problems)
