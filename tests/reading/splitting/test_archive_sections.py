"""Letters whose headings are sections: what stands in these are the stories. And days that stand in the text."""

from __future__ import annotations

from pathlib import Path

import pytest
from archive_samples import write

from zunda_mcp.models import Episode, Story
from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive

NUMBERED = """## 道具

1、[豆の莢むき](https://pod.example/{n})

手で開く道具。（[@anna](https://github.com/anna) 投稿）

![](https://pictures.example/{n}.png)

2、[豆の秤](https://scale.example/{n})

重さを量る。

## 今週の話題：豆の未来{n}

豆はまだ増える。

## 言葉

1、

豆は豆である。

-- [豆の書](https://words.example/{n})
"""

PROSE = """### News

[Anna Bean](https://twitter.com/annabean) released [Podder {n}.0](https://pod.example/{n}), which shells faster.

[Scale {n}](https://scale.example/{n}): weighs beans.

- [ABC-{n}](https://bugs.example/{n}) [Sheller] It crashes on peas

### Finally

[Wow!](https://x.com/beans/status/{n}) That is all.
"""


def _letters(folder: Path, text: str) -> list[Episode]:
    for n in range(1, 6):
        write(folder, f"2030-01-0{n}-letter-{n}.md", f"---\ntitle: Letter {n}\n---\n\nHello.\n\n{text.format(n=n)}")
    episodes, problems = read_archive(ArchiveReader([folder]))
    assert problems == []
    assert len(episodes) == 5
    return episodes


def _told(stories: tuple[Story, ...]) -> list[tuple[str, str | None]]:
    return [(story.title, story.url) for story in stories]


def test_numbered_paragraphs_of_a_section_are_stories_with_what_follows_them(tmp_path: Path) -> None:
    episode = _letters(tmp_path, NUMBERED)[1]
    assert _told(episode.stories)[:3] == [
        ("豆の莢むき", "https://pod.example/2"),
        ("豆の秤", "https://scale.example/2"),
        ("今週の話題：豆の未来2", None),
    ]
    assert "手で開く道具" in episode.stories[0].summary
    assert "秤" not in episode.stories[0].summary
    assert any("豆は豆である" in story.summary for story in episode.stories)


def test_paragraphs_with_links_are_stories_that_lead_to_the_thing_and_not_to_the_person(tmp_path: Path) -> None:
    episode = _letters(tmp_path, PROSE)[2]
    assert _told(episode.stories) == [
        ("Anna Bean released Podder 3.0, which shells faster.", "https://pod.example/3"),
        ("Scale 3", "https://scale.example/3"),
        ("ABC-3", "https://bugs.example/3"),
        ("Finally", "https://x.com/beans/status/3"),
    ]
    assert "released [Podder 3.0]" in episode.stories[0].summary
    assert episode.prose == "Hello.\n\n### News\n\n### Finally"


def test_headings_of_one_file_alone_stay_stories(tmp_path: Path) -> None:
    bean = "## Bean {n}\n\nSee [one](https://a.example/{n}).\n\nAnd [two](https://b.example/{n}).\n\n"
    text = bean + "## Pea {n}\n\nWords.\n"
    episode = _letters(tmp_path, text)[0]
    assert _told(episode.stories) == [("Bean 1", "https://a.example/1"), ("Pea 1", None)]


@pytest.mark.parametrize(
    "head",
    [
        "# Beans 7\n\n* Air Date: 2030-05-07\n* Duration: 44 mins\n",
        "# Beans 7\n\n**Published:** May 7, 2030\n",
        "# Beans 7\n\n公開日：2030年5月7日（火）\n出演：アンナ、ボブ\n",
        "# Beans 7\n\n> Date: 2030/05/07\n",
        "# Beans 7\n\n| Date | 2030-05-07 |\n",
        "# Beans 7\n\n*7 May 2030*\n",
        "# Beans 7 (2030-05-07)\n",
        "# 豆の話 2030年5月7日号\n",
    ],
)
def test_a_day_in_the_first_lines_is_the_episodes(tmp_path: Path, head: str) -> None:
    for n in range(1, 5):
        write(
            tmp_path, f"show-{n}.md", f"{head.replace('7', str(n))}\n## Links\n\n* [Bean](https://bean.example/{n})\n"
        )
    episodes, problems = read_archive(ArchiveReader([tmp_path]))
    assert problems == []
    assert [str(episode.date) for episode in episodes] == [f"2030-05-0{n}" for n in range(1, 5)]
    assert _told(episodes[0].stories) == [("Bean", "https://bean.example/1")]
    assert not any("Duration" in story.title for story in episodes[0].stories)
    if "アンナ" in head:
        assert episodes[0].hosts == ("アンナ", "ボブ")


@pytest.mark.parametrize("text", ["Time: 2030\n", "Date: soon\n", "We met on 2030-05-07 and talked.\n", "- 20300507\n"])
def test_other_first_lines_stay_text(tmp_path: Path, text: str) -> None:
    write(tmp_path, "show-1.md", f"---\ntitle: T\nnumber: 1\n---\n\n{text}")
    episodes, _ = read_archive(ArchiveReader([tmp_path]))
    assert episodes[0].date is None
    assert text.strip().lstrip("- ") in episodes[0].prose


def test_a_link_written_in_html_is_a_link(tmp_path: Path) -> None:
    write(tmp_path, "2030-01-01-1.md", '---\ntitle: T\n---\n\n* <a href="https://bean.example/">Bean</a> grows\n')
    write(tmp_path, "2030-01-02-2.md", "---\ntitle: T\n---\n\n* [A](https://a.example/)\n* [B](https://b.example/)\n")
    write(tmp_path, "2030-01-03-3.md", "---\ntitle: T\n---\n\n* [A](https://a.example/3)\n* [B](https://b.example/3)\n")
    episodes, _ = read_archive(ArchiveReader([tmp_path]))
    assert _told(episodes[0].stories) == [("Bean", "https://bean.example/")]


def test_headings_that_share_one_link_are_sections(tmp_path: Path) -> None:
    body = (
        "## [🦄文章](https://club.example)\n\n1、[豆を煮る](https://a.example/{n})\n\n一晩おく。\n\n"
        "2、[餅をつく](https://b.example/{n})\n\n臼は重い。\n\n"
        "## [🐿️項目](https://club.example)\n\n1、[鍋](https://c.example/{n})：蓋つき\n\n2、[釜](https://d.example/{n})\n\n"
        "## [🐱入会](https://club.example)\n\n月に一度の集まり。\n"
    )
    for n in range(1, 5):
        write(tmp_path, f"2031-01-0{n}-{n}.md", f"---\ntitle: '豆の周刊#{n}：煮る'\n---\n\n{body.format(n=n)}")
    for n, episode in enumerate(read_archive(ArchiveReader([tmp_path]))[0], start=1):
        assert episode.number == n
        assert [story.url for story in episode.stories][:4] == [f"https://{site}.example/{n}" for site in "abcd"]
        assert [story.title for story in episode.stories][:2] == ["豆を煮る", "餅をつく"]
