"""Show notes and letters as keepers write them: times a paragraph each, lists that go on below text, footers, links."""

from __future__ import annotations

from pathlib import Path

from archive_samples import write

from zunda_mcp.models import Episode, Story
from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive


def read(folder: Path, body: str, *, name: str = "2031-01-0{n}-{n}.md", count: int = 4) -> list[Episode]:
    """Read that many files with this body."""
    for n in range(1, count + 1):
        write(folder, name.format(n=n), f"---\ntitle: Letter {n}\n---\n\n{body.replace('{n}', str(n))}")
    episodes, problems = read_archive(ArchiveReader([folder]))
    assert problems == []
    assert len(episodes) == count
    return episodes


def shown(stories: tuple[Story, ...] | list[Story]) -> list[tuple[str, str | None, str]]:
    return [(story.title, story.url, story.summary) for story in stories]


def test_times_in_a_paragraph_each_begin_topics(tmp_path: Path) -> None:
    body = (
        "We talk of beans.\n\n00:00 — Hello\n\n04:44 — Beans, and how they grow\n\n01:05:25 — Soup {n}\n\nGuest: Ann\n"
    )
    for episode in read(tmp_path, body):
        assert [(story.title, story.start) for story in episode.stories] == [
            ("Hello", 0.0),
            ("Beans, and how they grow", 284.0),
            (f"Soup {episode.number}", 3925.0),
        ]
        assert episode.prose == "We talk of beans.\n\nGuest: Ann"


def test_a_numbered_list_goes_on_below_the_text_of_its_items(tmp_path: Path) -> None:
    body = """## Beans

1. [Pot](https://a.example/{n})

It cooks them, as [Ann](https://ann.example/{n}) says.

2. [Pan](https://b.example/{n})

It fries them.

Twice.

## Peas

1. [Hat](https://c.example/{n})
2. [Cap](https://d.example/{n})

We wear both.
"""
    for episode, n in zip(read(tmp_path, body), (1, 2, 3, 4), strict=True):
        assert shown(episode.stories) == [
            ("Pot", f"https://a.example/{n}", f"It cooks them, as [Ann](https://ann.example/{n}) says."),
            ("Pan", f"https://b.example/{n}", "It fries them.\n\nTwice."),
            ("Hat", f"https://c.example/{n}", ""),
            ("Cap", f"https://d.example/{n}", ""),
        ]
        assert "We wear both." in episode.prose


def test_numbered_links_on_lines_of_one_paragraph_are_a_story_each(tmp_path: Path) -> None:
    body = "## 豆\n\n1、[鍋](https://a.example/{n})\n2、[皿](https://b.example/{n})\n3、[箸](https://c.example/{n})\n"
    for episode in read(tmp_path, body):
        assert [story.title for story in episode.stories] == ["鍋", "皿", "箸"]


def test_the_number_before_a_story_is_no_note(tmp_path: Path) -> None:
    item = "{}、[豆の{}](https://a.example/{}-{{n}})\n\n煮る。\n\n"
    items = "".join(item.format(at, name, at) for at, name in enumerate("鍋皿箸", 1))
    for episode in read(tmp_path, f"## 道具\n\n{items}## 本\n\n1、[豆の書](https://b.example/{{n}})\n\n読む。\n"):
        assert [story.title for story in episode.stories] == ["豆の鍋", "豆の皿", "豆の箸", "豆の書"]
        assert "豆の" not in episode.prose


def test_what_stands_below_the_last_rule_is_the_footer_of_the_page(tmp_path: Path) -> None:
    body = (
        "## [Pot](https://a.example/{n})\n\nIt cooks.\n\n---\n\n## [Pan](https://b.example/{n})\n\nIt fries.\n\n---\n\n"
        "Until next week! [Write to us](https://us.example).\n"
    )
    for episode in read(tmp_path, body):
        assert [story.summary for story in episode.stories] == ["It cooks.", "It fries."]
        assert episode.prose.endswith("Until next week! [Write to us](https://us.example).")


def test_a_link_on_a_line_of_its_own_is_that_of_the_story_above_it(tmp_path: Path) -> None:
    body = (
        "## The pot is out\n\nIt was made by [Beans Inc.](https://beans.example) last year, and it cooks.\n\n"
        "[Read more](https://news.example/{n}), [source](https://code.example/{n})\n\n"
        "## The pan is not\n\nSee <https://pan.example/{n}> for more.\n"
    )
    for episode, n in zip(read(tmp_path, body), (1, 2, 3, 4), strict=True):
        assert [story.url for story in episode.stories] == [f"https://news.example/{n}", f"https://pan.example/{n}"]


def test_an_address_with_escaped_signs_is_read_without_them(tmp_path: Path) -> None:
    body = "- [Pot](https://a.example/Pot_\\(cook\\)?n={n})\n- [Pan](https://b.example/{n})\n"
    assert read(tmp_path, body)[0].stories[0].url == "https://a.example/Pot_(cook)?n=1"


def test_headings_of_sections_with_signs_and_one_link_are_no_stories(tmp_path: Path) -> None:
    head = "## 🫘[{}](https://shop.example)\n\n1、[{}](https://a.example/{{n}})\n\n煮る。\n\n"
    body = "".join(head.format(section, title) for section, title in (("道具", "鍋"), ("料理", "汁"), ("本", "豆の書")))
    for episode in read(tmp_path, body):
        assert [(story.title, story.summary) for story in episode.stories] == [
            (one, "煮る。") for one in ("鍋", "汁", "豆の書")
        ]


def test_a_page_that_only_leads_on_is_no_episode(tmp_path: Path) -> None:
    moved = (
        '<meta http-equiv="refresh" content="0; url=/archive/#{n}"><p>This talk has <a href="/archive/">moved</a>.</p>'
    )
    for n in range(1, 6):
        write(tmp_path, f"2031/01/0{n}/talk-{n}.html", moved.replace("{n}", str(n)))
    [episode] = read(tmp_path, "A talk on beans.\n", count=1)
    assert (episode.title, episode.stories) == ("Letter 1", ())


def test_who_presents_a_show_is_a_person_and_no_story(tmp_path: Path) -> None:
    body = (
        "Links:\n\n- [Pot](https://a.example/{n})\n- [Pan](https://b.example/{n})\n\n"
        "### Podcast présenté par :\n\n- Ann Reed [@ann](https://twitter.com/ann)\n- Bob <https://b.example>\n"
    )
    for episode in read(tmp_path, body):
        assert episode.hosts == ("Ann Reed", "Bob")
        assert [story.title for story in episode.stories] == ["Pot", "Pan"]


def test_times_below_the_line_that_announces_them_are_topics(tmp_path: Path) -> None:
    for episode in read(tmp_path, "Chapters:\n00:00 Hello\n04:44 Beans\n01:05:25 Soup {n}\n"):
        assert [story.start for story in episode.stories] == [0.0, 284.0, 3925.0]


def test_a_season_is_no_number(tmp_path: Path) -> None:
    write(tmp_path, "2031-01-01.md", "---\ntitle: 豆的周刊第 1 季（1~30）\n---\n\n豆。\n")
    [episode], _ = read_archive(ArchiveReader([tmp_path]))
    assert episode.number is None
