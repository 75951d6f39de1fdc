"""What file names, folders, front matter in four languages, and times in topics say."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from archive_samples import episode_of, read_one, write

from zunda_mcp.config.settings import ReaderSettings
from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive
from zunda_mcp.reading.detection.conventions import Ignored
from zunda_mcp.reading.metadata.fields import title_number
from zunda_mcp.reading.metadata.file_names import read_name
from zunda_mcp.text.calendar_days import read_day
from zunda_mcp.text.timestamps import leading_time, over_the_hour, trailing_time


@pytest.mark.parametrize(
    ("path", "id", "date", "number", "title"),
    [
        ("2024-06-28-279", "2024-06-28-279", "2024-06-28", 279, ""),
        ("2024-6-8-pods-and-beans", "2024-6-8-pods-and-beans", "2024-06-08", None, "pods and beans"),
        ("20240628", "20240628", "2024-06-28", None, ""),
        ("20240628-beans", "20240628-beans", "2024-06-28", None, "beans"),
        ("beans-2024-06-28", "beans-2024-06-28", "2024-06-28", None, "beans"),
        ("beans_20240628", "beans_20240628", "2024-06-28", None, "beans"),
        ("2024/06/28", "2024-06-28", "2024-06-28", None, ""),
        ("2024/06/28-beans", "2024-06-28-beans", "2024-06-28", None, "beans"),
        ("2024/06-28-beans", "2024-06-28-beans", "2024-06-28", None, "beans"),
        ("2024-06/28", "2024-06-28", "2024-06-28", None, ""),
        ("2024/06/28/beans", "beans", "2024-06-28", None, "beans"),
        ("posts/2024-06-28-beans/index", "2024-06-28-beans", "2024-06-28", None, "beans"),
        ("posts/beans/index", "beans", None, None, "beans"),
        ("456 - 10 Browser Beans", "456 - 10 Browser Beans", None, 456, "10 Browser Beans"),
        ("012 -Why", "012 -Why", None, 12, "Why"),
        ("bean-news-11", "bean-news-11", None, 11, "bean news 11"),
        ("ep007", "ep007", None, 7, "ep007"),
        ("issue-12-pods", "issue-12-pods", None, 12, "issue 12 pods"),
        ("show/500", "show-500", None, 500, ""),
        ("500", "500", None, 500, ""),
        ("2015-in-review", "2015-in-review", None, None, "2015 in review"),
        ("beanconf-2015", "beanconf-2015", None, None, "beanconf 2015"),
        ("2024-13-45-x", "2024-13-45-x", None, None, "2024 13 45 x"),
        ("2024年6月28日", "2024年6月28日", "2024-06-28", None, ""),
        ("June 28th, 2024", "June 28th, 2024", "2024-06-28", None, ""),
        ("ep12-2024-06-28-beans", "ep12-2024-06-28-beans", "2024-06-28", 12, "ep12 beans"),
        ("2024/BN-06-28", "BN-06-28", "2024-06-28", None, "BN"),
        ("2024/Jun/28/beans", "beans", "2024-06-28", None, "beans"),
        ("2024/2024_07_jul", "2024_07_jul", None, None, "2024 07 jul"),
        ("2024/2024_07_beans", "2024_07_beans", None, None, "beans"),
        ("2024-06,07-beans", "2024-06,07-beans", None, None, "beans"),
        ("2024/06-June/28", "2024-06-28", "2024-06-28", None, ""),
        ("2024-06/june-28", "june-28", "2024-06-28", None, ""),
        ("june-28", "june-28", None, None, "june 28"),
        ("2024/12-beans", "12-beans", None, 12, "beans"),
        ("豆だより第34期", "豆だより第34期", None, 34, "豆だより第34期"),
        ("豆の話", "豆の話", None, None, "豆の話"),
        ("20240628143000-beans", "20240628143000-beans", "2024-06-28", None, "beans"),
        ("202406281430 beans", "202406281430 beans", "2024-06-28", None, "beans"),
        ("20240628T143000--beans__pods", "20240628T143000--beans__pods", "2024-06-28", None, "beans pods"),
        ("20240628996100-beans", "20240628996100-beans", None, None, "20240628996100 beans"),
        ("2024062814300099", "2024062814300099", None, None, "2024062814300099"),
        ("20240628-20240704", "20240628-20240704", "2024-06-28", None, ""),
        ("2024-06-28 – 2024-07-04", "2024-06-28 – 2024-07-04", "2024-06-28", None, ""),
    ],
)
def test_a_name_says_its_day_number_and_title(
    path: str,
    id: str,
    date: str | None,
    number: int | None,
    title: str,
) -> None:
    *folders, stem = path.split("/")
    name = read_name(stem, tuple(folders))
    found = name.number if name.number is not None else name.guess
    assert (name.id, name.date and name.date.isoformat(), found, name.title) == (id, date, number, title)


def test_a_file_named_by_its_month_in_figures_and_letters_holds_the_days_of_its_headings(tmp_path: Path) -> None:
    for month, name in ((6, "Jun"), (7, "Jul")):
        days = "\n\n".join(f"# {name} {day}, 2024\n\n## Beans\n\nPods." for day in (2, 9))
        write(tmp_path, f"2024/2024_0{month}_{name.lower()}.md", f"# Meeting: {name} 2024\n\n---\n\n{days}\n")
    episodes, _ = read_archive(ArchiveReader([tmp_path]))
    assert {str(one.date) for one in episodes} == {"2024-06-02", "2024-06-09", "2024-07-02", "2024-07-09"}


def test_a_file_named_by_its_first_and_last_day_holds_an_episode_for_each_day_that_its_headings_name(
    tmp_path: Path,
) -> None:
    days = "".join(
        f"## Beans of the day (2024-06-{day})\n\n1. Pods of {day} https://beans.example/{day}\n2. Peas {day}\n\n"
        for day in (28, 29, 30)
    )
    write(tmp_path, "20240628-20240630.md", days)
    write(tmp_path, "2024-07-05.md", days.replace("2024-06", "2024-07"))
    episodes, _ = read_archive(ArchiveReader([tmp_path]))
    days_in_june = [dt.date(2024, 6, day) for day in (28, 29, 30)]
    assert [one.date for one in episodes] == [*days_in_june, dt.date(2024, 7, 5)]
    for episode, day in zip(episodes, (28, 29, 30), strict=False):
        text = "\n".join((episode.prose, *(f"{story.title} {story.summary}" for story in episode.stories)))
        assert [f"Peas {one}" in text for one in (28, 29, 30)] == [one == day for one in (28, 29, 30)]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("1719532800", "2024-06-28"),
        ("1719532800123", "2024-06-28"),
        ("20240628", "2024-06-28"),
        ("June 28, 2024", "2024-06-28"),
        ("Fri, Jun 28th 2024", "2024-06-28"),
        ("28 June 2024", "2024-06-28"),
        ("Sept. 3, 2024", "2024-09-03"),
        ("2024/06/28", "2024-06-28"),
        ("2024年6月28日（金）", "2024-06-28"),
        ("2024-06-28T05:00:00+0900", "2024-06-28"),
        ("2024-06-28 05:00:00 +0000 UTC", "2024-06-28"),
        ("Fri, 28 Jun 2024 05:00:00 GMT", "2024-06-28"),
    ],
)
def test_days_are_read_however_written(written: str, day: str) -> None:
    moment = read_day(written)
    assert moment is not None
    assert moment.day.isoformat() == day


def test_milliseconds_keep_their_moment() -> None:
    moment = read_day("1652270400911")
    assert moment is not None
    assert moment.at == dt.datetime(2022, 5, 11, 12, 0, 0, 911_000, tzinfo=dt.UTC)


@pytest.mark.parametrize("written", ["123", "12345678901", "99999999", "Bean 28, 2024", "30 February 2024", "1e9"])
def test_numbers_and_words_that_are_no_days_are_none(written: str) -> None:
    assert read_day(written) is None


KEYS = [
    "pub_date",
    "createdOn",
    "Date Published",
    "datetime",
    "issue_date",
    "broadcast",
    "recorded",
    "publishedAt",
    "公開日",
]


@pytest.mark.parametrize("key", KEYS)
def test_a_day_is_read_under_whatever_key_it_stands(tmp_path: Path, key: str) -> None:
    assert episode_of(tmp_path, f"---\ntitle: Pods\n{key}: 2030/1/2 (水)\n---\n").date == dt.date(2030, 1, 2)


@pytest.mark.parametrize(
    ("other", "day"), [("13/1/2030", "2030-04-03"), ("1/13/2030", "2030-03-04"), ("2030-01-13", "None")]
)
def test_a_day_that_can_be_two_follows_the_other_days_of_its_archive(tmp_path: Path, other: str, day: str) -> None:
    write(tmp_path, "beans.md", f"---\ntitle: Beans\nnumber: 1\ndate: {other}\n---\n")
    write(tmp_path, "pods.md", "---\ntitle: Pods\nnumber: 2\ndate: 03/04/2030\n---\n")
    episodes, problems = read_archive(ArchiveReader([tmp_path]))
    assert {episode.id: str(episode.date) for episode in episodes}["pods"] == day
    said = [problem.cause for problem in problems if "2030-04-03 or 2030-03-04" in problem.cause]
    assert len(said) == (day == "None")


@pytest.mark.parametrize(
    ("path", "content", "day"),
    [
        ("2029/01/02/pods.md", "---\ntitle: Pods\ndate: 2030-01-02\n---\n", "2030-01-02"),
        ("2029-01-02.md", "---\ntitle: Pods\nrecorded: 2. Januar 2030\n---\n", "2030-01-02"),
        ("pods.md", "# 2nd January 2030, 101st meeting\n\nText.\n", "2030-01-02"),
        ("2029-11/pods.md", "# 2 January, 2030 Meeting Notes\n\nText.\n", "2030-01-02"),
        ("pods.md", "---\ntitle: Meeting of 2 January 2030\nauthor: Ann\n---\nText.\n", "2030-01-02"),
        ("2030-01.md", "---\ntitle: Pods\n---\nText.\n", "2030-01-01"),
    ],
)
def test_what_a_file_declares_goes_before_its_place(tmp_path: Path, path: str, content: str, day: str) -> None:
    assert str(episode_of(tmp_path, content, name=path).date) == day


FRONT = [
    "---\nTitle: Pods\nPublishDate: 2030-01-02\nEpisode: '7'\nguests: [Ann]\nAudio-URL: https://a.example/7.mp3\n---\nText.\n",
    '+++\ntitle = "Pods"\nDate = 2030-01-02T03:58:51-06:00\nepisode = "7"\nguests = ["Ann", ""] # slugs\n'
    'podcast_file = "https://a.example/7.mp3"\n+++\nText.\n',
    '+++\ntitle = "Pods"\ndate = 2030-01-02\nnumber = 7\naudio = "https://a.example/7.mp3"\n'
    '[[people]]\nname = "Ann"\nrole = "guest"\n+++\nText.\n',
    '{\n "title": "Pods",\n "pubDate": 1893542400000,\n "episode_number": 7,\n "hosts": [{"name": "Ann"}],\n'
    ' "enclosure": {"url": "https://a.example/7.mp3", "length": 1}\n}\n\nText.\n',
    "Title: Pods\nDate: 2030-01-02 10:00\nNumber: 7\nAuthors: Ann\nMp3: https://a.example/7.mp3\n\nText.\n",
    "---\ntitle: Pods\ndate: 1893542400\nnumber: 7\nauthor: Ann\nurl: https://a.example/7.mp3?source=feed\n---\nText.\n",
]


@pytest.mark.parametrize("content", FRONT, ids=["yaml", "toml", "toml-tables", "json", "pelican", "epoch"])
def test_front_matter_is_read_in_every_language_and_under_every_usual_name(tmp_path: Path, content: str) -> None:
    reading = read_one(tmp_path, content, name="pods.md")
    assert reading.problems == ()
    (draft,) = reading.drafts
    assert (draft.title, draft.number, draft.hosts, draft.prose) == ("Pods", 7, ("Ann",), "Text.")
    assert draft.date == dt.date(2030, 1, 2)
    assert (draft.audio_url or "").startswith("https://a.example/7.mp3")


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ('+++\ntitle = "Pods\n+++\n\nText.\n', None, "TOML says"),
        ('+++\ntitle = "Pods"\n\nText.\n', 1, "never closed"),
        ("+++\na = " + "[" * 40 + "]" * 40 + "\n+++\n", None, "nested"),
        ('{"a": ' + "[" * 40 + "]" * 40 + "}\n\nText.\n", None, "nested"),
        ('{"title": "cut off\n\nText.\n', 1, "no front matter"),
        ("+++\na = '" + "x" * 530_000 + "'\n+++\n", 1, "longer than 512 KB"),
    ],
)
def test_front_matter_that_cannot_be_read_is_said_with_its_cause(
    tmp_path: Path, content: str, line: int | None, words: str
) -> None:
    reading = read_one(tmp_path, content)
    (problem,) = reading.problems
    assert (problem.line, words in problem.cause, problem.skipped) == (line, True, False)
    assert reading.drafts[0].date == dt.date(2031, 1, 1)


def test_a_web_address_in_front_matter_is_the_page_and_a_sound_file_is_not(tmp_path: Path) -> None:
    page = episode_of(tmp_path, "---\ntitle: A\nurl: https://show.example/豆\n---\n")
    assert (page.page_url, page.page_kind, page.audio_url) == ("https://show.example/%E8%B1%86", "page", None)
    sound = episode_of(tmp_path, "---\ntitle: A\nurl: https://show.example/1.mp3\n---\n")
    assert (sound.page_url, sound.audio_url) == (None, "https://show.example/1.mp3")


@pytest.mark.parametrize(
    "line",
    [
        "youtube: abcdefghijk",
        "youtube_url: https://youtu.be/abcdefghijk",
        "video: https://www.youtube.com/watch?v=abcdefghijk&t=2",
    ],
)
def test_a_video_in_front_matter_is_known_by_its_id(tmp_path: Path, line: str) -> None:
    assert episode_of(tmp_path, f"---\ntitle: A\n{line}\n---\n").youtube_id == "abcdefghijk"


@pytest.mark.parametrize(
    ("title", "number"),
    [
        *(("Issue #101", 101), ("第12回 豆", 12), ("Episode 7: Pods", 7), ("Ep. # 8", 8), ("show #3", 3)),
        *(("Pods 2024", None), ("10 Pods", None), ("C#7 is out", None)),
    ],
)
def test_a_number_in_a_title_counts_the_episode(title: str, number: int | None) -> None:
    assert title_number(title) == number


@pytest.mark.parametrize(
    ("text", "topic", "start"),
    [
        ("**[00:25](#t=00:25)** Pods", "Pods", 25),
        ("[@2:17] - Pods", "Pods", 137),
        ("3:52 HPC", "HPC", 232),
        ("(1:02:03) Pods", "Pods", 3723),
        (r"\[00:04:01.06\] Pods", "Pods", 241),
        ("[12:30](https://video.example/watch?t=750): Pods", "Pods", 750),
        ("00:25 – 01:10 Pods", "Pods", 25),
        ("**00:25 Pods**", "Pods", 25),
        ("87:12 豆", "豆", 5232),
    ],
)
def test_a_time_before_a_topic_is_its_start(text: str, topic: str, start: float) -> None:
    assert leading_time(text) == (topic, start)


@pytest.mark.parametrize(
    "text",
    ["5:00pm tea", "16:9 screens", "Pods", "2024-06-28", "1:2:3:4 x", "10:99 x", "18:00 <ada> hi", "18:00 < ada> hi"],
)
def test_other_numbers_are_no_times(text: str) -> None:
    assert leading_time(text) is None


def test_a_time_behind_a_topic_needs_brackets_in_lists() -> None:
    assert trailing_time("Pods (12:30)", bare=False) == ("Pods", 750)
    assert trailing_time("Meet at 12:30", bare=False) is None
    assert trailing_time("Pods 00:01:11", bare=True) == ("Pods", 71)


@pytest.mark.parametrize(
    "title",
    [
        "Sponsor: Pods Inc",
        "Pods Inc - Sponsor",
        "Sponsors",
        "Brought to you by Pods",
        "Today's Sponsor",
        "スポンサー",
        "提供：豆社",
        "Sentry   - Sponsor",
        "This week's sponsors",
    ],
)
def test_sponsors_are_ignored(title: str) -> None:
    assert Ignored().title(title)


@pytest.mark.parametrize(
    "title", ["Sponsoring pods on a page", "GitHub Sponsors is out", "How we found sponsors for beans", "広告の歴史"]
)
def test_stories_about_sponsors_are_not(title: str) -> None:
    assert not Ignored().title(title)


def test_letter_forms_are_known_by_their_services() -> None:
    assert Ignored().url("https://docs.google.com/forms/d/e/x/viewform")
    assert Ignored().url("https://forms.gle/x")
    assert not Ignored().url("https://docs.google.com/document/d/x")


def test_html_that_was_moved_from_a_blog_gives_its_list_items(tmp_path: Path) -> None:
    body = (
        "<h2>Links</h2>\n<ul>\n"
        '\t<li><a href="https://a.example/?x=1&amp;y=2" target="_blank"><em>Pods</em></a> - good</li>\n'
        "\t<li><a href='https://b.example/'>Beans</a></li>\n<li>Salt</li>\n</ul>\n<p>Bye.</p>\n\n```\n<li>code</li>\n```\n"
    )
    write(tmp_path, "2030-01-01-1.md", f"---\ntitle: A\n---\n{body}")
    (episode,), _ = read_archive(ArchiveReader([tmp_path], ReaderSettings(strategy="list-items")))
    assert [(story.title, story.url, story.summary) for story in episode.stories] == [
        ("Pods", "https://a.example/?x=1&y=2", "good"),
        ("Beans", "https://b.example/", ""),
        ("Salt", None, ""),
    ]
    assert episode.prose == "## Links\n\nBye.\n\n```\n<li>code</li>\n```"


def test_several_links_in_one_line_are_all_kept(tmp_path: Path) -> None:
    body = "- Ann: [Pods](https://p.example/) and [Beans](https://b.example/)\n- [Salt](https://s.example/)\n"
    write(tmp_path, "2030-01-01-1.md", f"---\ntitle: A\n---\n\n{body}")
    (episode,), _ = read_archive(ArchiveReader([tmp_path]))
    assert episode.stories[0].title == "Ann: Pods and Beans"
    assert "https://b.example/" in episode.stories[0].summary


def test_an_address_behind_a_topic_is_no_part_of_its_title(tmp_path: Path) -> None:
    body = "- FPM - https://fpm.example/\n- 豆の話：https://mame.example/\n- See https://see.example/\n"
    write(tmp_path, "2030-01-01-1.md", f"---\ntitle: A\n---\n\n{body}")
    (episode,), _ = read_archive(ArchiveReader([tmp_path], ReaderSettings(strategy="list-items")))
    assert [(story.title, story.url) for story in episode.stories] == [
        ("FPM", "https://fpm.example/"),
        ("豆の話", "https://mame.example/"),
        ("See https://see.example/", "https://see.example/"),
    ]


@pytest.mark.parametrize("name", ["2031-01-01-1 ", " 2031-01-01-1", "2031-01-01-1\u202e", "2031-01-01-1\ufeff"])
def test_an_id_has_nothing_that_no_answer_shows(tmp_path: Path, name: str) -> None:
    reading = read_one(tmp_path, "---\ntitle: 豆\n---\n", f"{name}.md")
    assert reading.draft is not None
    assert (reading.draft.id, reading.draft.number) == ("2031-01-01-1", 1)


def test_an_id_in_a_list_has_nothing_that_no_answer_shows_either(tmp_path: Path) -> None:
    links = '[{"title": "x", "url": "https://x.example"}]'
    rows = f'[{{"id": "豆\\u202e \\n1", "title": "豆", "date": "2031-01-01", "links": {links}}}]'
    reading = read_one(tmp_path, rows, "list.json")
    assert [draft.id for draft in reading.drafts] == ["豆 1"]


def test_times_of_topics_are_read_in_one_pass() -> None:
    compared = 0

    class Seconds(float):
        def __gt__(self, other: float) -> bool:
            nonlocal compared
            compared += 1
            return super().__gt__(other)

        def __lt__(self, other: float) -> bool:
            nonlocal compared
            compared += 1
            return super().__lt__(other)

    assert over_the_hour([1800.0, None, 3225.0, 402.0, 500.0]) == [1800.0, None, 3225.0, 4002.0, 4100.0]
    assert over_the_hour([3225.0, 402.0, 3300.0]) == [3225.0, 402.0, 3300.0]
    over_the_hour([Seconds(n) for n in range(1000)])
    assert 0 < compared < 10_000
