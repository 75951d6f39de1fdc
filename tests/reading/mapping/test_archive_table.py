"""The table ``[archive]``: it decides instead of guessing, and what in it cannot be used is a problem with its line."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path

import pytest
from archive_samples import read_all, write

from zunda_mcp.models import Episode, Problem
from zunda_mcp.reading.mapping.archive_table import ArchiveMapping, Rule, matches, read_mapping

PAGE = """---
title: 12. Quinces
date: 2031-01-02
recorded: 1 February 2030
names: [Ann, "Bob, the gardener"]
guest: Cy
---

# A heading of episode 7

Hosted by: Dee and Eve

- [Soil](https://soil.example/1)
- [Water](https://water.example/1)
"""


def read(folder: Path, table: str, page: str = PAGE, name: str = "ep-0034.md") -> tuple[Episode, list[Problem]]:
    """The one episode of a page under a table, and the problems of the table."""
    write(folder, name, page)
    write(folder, "zunda-mcp.toml", f"[archive]\n{table}\n")
    episodes, problems = read_all(folder)
    (episode,) = episodes.values()
    return episode, [problem for problem in problems if problem.path.endswith("zunda-mcp.toml")]


@pytest.mark.parametrize(
    ("table", "field", "value"),
    [
        ('date = "recorded"', "date", dt.date(2030, 2, 1)),
        ('date = ["aired", "recorded", "date"]', "date", dt.date(2030, 2, 1)),
        ('date = ["aired", { value = "2029-05-06" }]', "date", dt.date(2029, 5, 6)),
        ("date = []", "date", None),
        ("date = { title = true }", "date", None),
        ("title = { heading = true }", "title", "A heading of episode 7"),
        ("title = { heading = 'of (?P<title>.+)' }", "title", "episode 7"),
        ("title = { path = true }", "title", "ep 0034"),
        ("title = []", "title", "ep-0034"),
        ("number = { title = '^\\d+' }", "number", 12),
        ("number = { heading = 'episode (?P<number>\\d+)' }", "number", 7),
        ("number = { heading = true }", "number", 7),
        ("number = { path = 'ep-(?P<number>\\d+)' }", "number", 34),
        ("number = []", "number", None),
        ('people = "names"', "hosts", ("Ann", "Bob, the gardener", "Cy")),
        ("people = { text = '^Hosted by: (?P<people>\\w+)' }", "hosts", ("Dee", "Cy")),
        ("people = { text = '[A-Z]\\w+(?: and \\w+)?$' }", "hosts", ("Dee", "Eve", "Cy")),
        ('people = { value = ["Flo", "Gus"] }\nguests = []', "hosts", ("Flo", "Gus")),
        ('guests = "names"', "hosts", ("Ann", "Bob, the gardener")),
    ],
)
def test_a_field_is_read_by_its_rules_and_by_nothing_else(
    table: str, field: str, value: object, tmp_path: Path
) -> None:
    episode, problems = read(tmp_path, table)
    assert problems == []
    assert getattr(episode, field) == value


@pytest.mark.parametrize(
    ("name", "pattern", "day"),
    [
        ("2024/CG-01-16.md", "(?P<year>\\d{4})/CG-(?P<month>\\d\\d)-(?P<day>\\d\\d)", dt.date(2024, 1, 16)),
        ("y99/16-mar.md", "y(?P<year>\\d\\d)/(?P<day>\\d+)-(?P<month>\\w+)", dt.date(1999, 3, 16)),
        ("s2/two days of 2024-05-06 and 2024-07-08.md", "(?P<date>2024-07-\\d+)", dt.date(2024, 7, 8)),
        ("2024/CG-13-16.md", "(?P<year>\\d{4})/CG-(?P<month>\\d\\d)-(?P<day>\\d\\d)", None),
    ],
)
def test_a_day_stands_in_the_groups_of_a_pattern(name: str, pattern: str, day: dt.date | None, tmp_path: Path) -> None:
    page = "---\ntitle: Beans\nauthor: Ann\n---\n\nText.\n"
    episode, _ = read(tmp_path, f"date = {{ path = '{pattern}' }}", page, name)
    assert episode.date == day


def test_a_day_may_stand_in_several_places_together(tmp_path: Path) -> None:
    page = "# Council\n\n## 13 March\n\n## 14 March\n\nText.\n"
    table = "date = { path = '^(?P<year>\\d{4})', heading = '(?P<day>\\d+) (?P<month>\\w+)' }"
    assert read(tmp_path, table, page, "2031/a.md")[0].date == dt.date(2031, 3, 13)


def test_a_month_or_a_week_counts_where_no_rule_gives_a_day(tmp_path: Path) -> None:
    table = "date = [{ path = '(?P<year>\\d{4})/(?P<month>\\d\\d)' }, \"recorded\"]"
    assert read(tmp_path, table, name="2031/04/a.md")[0].date == dt.date(2030, 2, 1)
    page = PAGE.replace("recorded", "noted")
    assert read(tmp_path, table, page, name="2031/04/a.md")[0].date == dt.date(2031, 4, 1)
    table = "date = { path = '(?P<year>\\d{4})/\\D*(?P<week>\\d+)' }"
    assert read(tmp_path / "weeks", table, page, name="2031/part-14.md")[0].date == dt.date(2031, 3, 31)


@pytest.mark.parametrize(
    ("table", "language"),
    [
        ('language = "tongue"', "fr"),
        ("language = { path = '^(?P<language>[a-z]+)/' }", "pt"),
        ('language = ["spoken", { value = "pt_BR" }]', "pt-BR"),
        ('language = { value = "Klingon, of course" }', None),
        ("language = []", None),
    ],
)
def test_the_language_of_an_episode_is_declared(table: str, language: str | None, tmp_path: Path) -> None:
    page = PAGE.replace("guest: Cy", "tongue: fr\nlang: de")
    assert read(tmp_path, "", page, "pt/a.md")[0].language == "de"
    assert read(tmp_path, table, page, "pt/a.md")[0].language == language


@pytest.mark.parametrize(("order", "day"), [("dmy", dt.date(2031, 4, 3)), ("mdy", dt.date(2031, 3, 4))])
def test_the_order_of_days_in_numbers_is_declared(order: str, day: dt.date, tmp_path: Path) -> None:
    page = PAGE.replace("2031-01-02", "03/04/2031")
    assert read(tmp_path, f'date_order = "{order}"', page)[0].date == day


@pytest.mark.parametrize(
    ("stories", "titles"),
    [
        ('"whole"', []),
        ('"list-items"', ["Soil", "Water"]),
        ("1", ["A heading of episode 7"]),
        ('"headings"', ["A heading of episode 7"]),
    ],
)
def test_how_stories_are_split_is_declared(stories: str, titles: list[str], tmp_path: Path) -> None:
    episode, _ = read(tmp_path, f"stories = {stories}")
    assert [story.title for story in episode.stories] == titles


def test_headings_of_two_levels_may_begin_stories(tmp_path: Path) -> None:
    page = "## Ropes\n\nThey hold.\n\n## Nets\n\n### Old nets\n\nThey tear.\n\n### New nets\n\nThey do not.\n"
    episode, problems = read(tmp_path, "stories = [2, 3]", page, "2031-05-04.md")
    assert problems == []
    shown = [(story.title, story.section) for story in episode.stories]
    assert shown == [("Ropes", ""), ("Old nets", "Nets"), ("New nets", "Nets")]


SHOWS = "name: Sea\nshows:\n- {aired: 4/5/2031, topic: Ropes, by: Ann, page: https://a.example/1}\n"
SHOWS += "- {aired: 5/5/2031, topic: Nets, by: Bo, page: https://a.example/2, text: 'They tear.'}\n"


@pytest.mark.parametrize(
    ("name", "text", "key"),
    [
        ("shows.yml", SHOWS, "shows"),
        ("shows.yaml", SHOWS.partition("shows:\n")[2], "*"),
        (
            "shows.json",
            '{"shows": [{"aired": "4/5/2031", "topic": "Ropes", "by": "Ann"}, '
            '{"aired": "5/5/2031", "topic": "Nets", "by": "Bo"}]}',
            "shows",
        ),
    ],
)
def test_the_records_of_a_list_are_the_episodes(tmp_path: Path, name: str, text: str, key: str) -> None:
    write(tmp_path, name, text)
    table = f'episode = "{key}"\ndate = "aired"\ndate_order = "dmy"\ntitle = "topic"\npeople = "by"\n'
    write(tmp_path, "zunda-mcp.toml", f"[archive]\n{table}")
    episodes, problems = read_all(tmp_path)
    assert problems == []
    shown = [(str(one.date), one.title, one.hosts) for one in episodes.values()]
    assert shown == [("2031-05-04", "Ropes", ("Ann",)), ("2031-05-05", "Nets", ("Bo",))]


def test_a_list_of_dated_records_under_a_key_opens_as_it_lies(tmp_path: Path) -> None:
    rows = "".join(f"  - date: 2031-05-0{n}\n    title: Show {n}\n    audio: {n}.mp3\n" for n in range(1, 4))
    write(tmp_path, "data.yml", f"title: Sea\nepisodes:\n{rows}")
    write(tmp_path, "menu.yml", "items:\n  - title: Home\n    url: /\n")
    assert [one.title for one in read_all(tmp_path)[0].values()] == ["Show 1", "Show 2", "Show 3"]


def test_globs_say_what_is_read_and_what_is_not(tmp_path: Path) -> None:
    for name in ("posts/a/README.md", "posts/b.md", "posts/old/c.md", "d.md", "posts/b.draft.md"):
        write(tmp_path, name, PAGE)
    write(tmp_path, "zunda-mcp.toml", '[archive]\ninclude = ["posts/**"]\nexclude = ["old", "*.draft.md"]\n')
    assert sorted(one.path.partition("/")[2] for one in read_all(tmp_path)[0].values()) == [
        "posts/a/README.md",
        "posts/b.md",
    ]


def test_what_is_left_out_by_a_glob_is_no_problem_either(tmp_path: Path) -> None:
    write(tmp_path, "posts/a.md", PAGE)
    write(tmp_path, "meta/b.md", "No front matter, no day.\n")
    assert [problem.path for problem in read_all(tmp_path)[1]] == [f"{tmp_path.name}/meta/b.md"]
    write(tmp_path, "zunda-mcp.toml", '[archive]\nexclude = ["meta"]\n')
    assert read_all(tmp_path)[1] == []


@pytest.mark.parametrize(
    ("glob", "named", "others"),
    [
        ("posts", ["posts/a.md", "x/posts/b/c.md"], ["posts.md", "myposts/a.md"]),
        ("posts/", ["posts/a.md"], ["posts.md"]),
        ("posts/*.md", ["posts/a.md"], ["posts/b/a.md", "x/posts/a.md"]),
        ("posts/**", ["posts/a.md", "posts/b/a.md"], ["x/posts/a.md"]),
        ("**/a?.md", ["a1.md", "x/y/ab.md"], ["a.md", "x/a12.md"]),
        ("*.md", ["a.md", "x/y/a.md"], ["a.mdx"]),
        ("notes (1).md", ["notes (1).md"], ["notes 1.md"]),
    ],
)
def test_a_glob_names_files_and_folders(glob: str, named: list[str], others: list[str]) -> None:
    assert all(matches(path, [glob]) for path in named)
    assert not any(matches(path, [glob]) for path in others)


def test_a_part_has_what_differs_there_and_the_first_that_takes_a_file_counts(tmp_path: Path) -> None:
    for name in ("a/1.md", "b/2.md", "c/3.md"):
        write(tmp_path, name, PAGE)
    table = """
[archive]
title = { heading = true }
stories = "list-items"

[[archive.part]]
include = ["a"]
stories = "whole"

[[archive.part]]
include = ["a", "b"]
title = "title"
"""
    write(tmp_path, "zunda-mcp.toml", table)
    episodes = {one.path[-4]: one for one in read_all(tmp_path)[0].values()}
    shown = {name: (one.title, len(one.stories)) for name, one in episodes.items()}
    heading = "A heading of episode 7"
    assert shown == {"1": (heading, 0), "2": ("12. Quinces", 2), "3": (heading, 2)}


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ('dat = "x"', "3: `dat` is not a key of [archive]; did you mean date?"),
        ("quux = 1", "3: `quux` is not a key of [archive]; there are include, exclude, date,"),
        ("date = 3", '3: `date` has a wrong value. Write date = "aired"'),
        ("date = { path = '(' }", "3: `date` has no regular expression of RE2 (missing )"),
        ("date = { path = '(?P<yeer>..)' }", "3: `date` has the unknown group yeer; there are year, month, week, day"),
        ('date = { file = "x" }', "3: `date` has file, which is not a place; there are key, path, title, heading"),
        ("date = { text = true }", "3: `date` has no pattern for text."),
        ("people = { path = true }", "3: `people` has no pattern for path."),
        ('stories = "articles"', "3: `stories` has a wrong value. Write stories = 2"),
        ('date_order = "ydm"', "3: `date_order` has a wrong value."),
        ("include = [3]", "3: `include` has a wrong value."),
        ("episode = true", "3: `episode` has a wrong value. Write episode = { heading ="),
        ("episode = { path = 'x' }", "3: `episode` has no heading."),
        ('part = "x"', "3: `part` has a wrong value. Write [[archive.part]]"),
        ('[[archive.part]]\nstories = "whole"', "3: `include` is missing."),
        ('[[archive.part]]\ninclude = "a"\ndat = 1', "5: `dat` is not a key of [archive.part 1]; did you mean date?"),
        (f"title = {{ text = '{'x' * 600}' }}", "3: `title` has a wrong value for text."),
    ],
)
def test_what_cannot_be_used_is_a_problem_with_its_line_and_the_rest_counts(
    table: str, words: str, tmp_path: Path
) -> None:
    episode, problems = read(tmp_path, f'number = {{ value = "5" }}\n{table}')
    assert [f"{problem.line}: {problem.cause}" for problem in problems] == [f"{problems[0].line}: {problems[0].cause}"]
    assert f"{problems[0].line}: {problems[0].cause}".startswith(words)
    assert problems[0].path == f"{tmp_path.name}/zunda-mcp.toml"
    assert episode.number == 5


YEAR = """# 2031

What this year was like.

## March 5: Beans

- [Soil](https://soil.example/1)
- [Water](https://water.example/1)

### Not a day

## March 6 (no. 8)

Text of the sixth.

# 2032

## January 1: Peas

Text of the first.
"""


def test_each_heading_that_a_pattern_fits_begins_an_episode_and_no_text_is_lost(tmp_path: Path) -> None:
    table = (
        "episode = { heading = '^(?P<year>\\d{4})$|^(?P<month>[A-Z]\\w+) (?P<day>\\d+)(?:: (?P<title>.+)| \\(no. "
        "(?P<number>\\d+)\\))?' }"
    )
    write(tmp_path, "log.md", YEAR)
    write(tmp_path, "zunda-mcp.toml", f"[archive]\n{table}\n")
    episodes, problems = read_all(tmp_path)
    assert problems == []
    shown = {one.id: (one.title, one.number, len(one.stories)) for one in episodes.values()}
    assert shown == {
        "2031-03-05-log": ("Beans", None, 2),
        "2031-03-06-log": ("March 6 (no. 8)", 8, 0),
        "2032-01-01-log": ("Peas", None, 0),
    }
    assert "What this year was like." in episodes["2031-03-05-log"].prose
    assert "Not a day" in episodes["2031-03-05-log"].prose
    assert episodes["2031-03-06-log"].prose.startswith("Text of the sixth.")


def test_a_heading_of_an_episode_may_have_its_year_from_the_path_and_its_line_from_the_file(tmp_path: Path) -> None:
    table = "episode = { path = '(?P<year>\\d{4})', heading = '(?P<day>\\d+)/(?P<month>\\d+)' }\ndate = []"
    page = "---\nhosts: [Ann]\n---\n\n## 5/3\n\n[Soil](https://soil.example/1)\n\n## 6/3\n\nText.\n"
    write(tmp_path, "2031.md", page)
    write(tmp_path, "zunda-mcp.toml", f"[archive]\n{table}\n")
    episodes, _ = read_all(tmp_path)
    assert {one.id: (one.date, one.hosts) for one in episodes.values()} == {
        "2031-03-05-2031": (None, ("Ann",)),  # of each the days are declared to stand nowhere
        "2031-03-06-2031": (None, ("Ann",)),
    }
    write(tmp_path, "zunda-mcp.toml", f"[archive]\n{table.partition(chr(10))[0]}\n")
    episodes, _ = read_all(tmp_path)
    assert [str(one.date) for one in episodes.values()] == ["2031-03-05", "2031-03-06"]
    assert [one.title for one in episodes.values()] == ["5/3", "6/3"]


def test_a_table_that_is_none_is_a_problem(tmp_path: Path) -> None:
    write(tmp_path, "a.md", PAGE)
    write(tmp_path, "zunda-mcp.toml", "archive = 3\n")
    episodes, problems = read_all(tmp_path)
    assert len(episodes) == 1
    assert "`archive` is not a table. Write [archive]" in problems[0].cause


def test_a_file_whose_day_no_rule_gives_says_so(tmp_path: Path) -> None:
    write(tmp_path, "a.md", PAGE)
    write(tmp_path, "b.md", PAGE.replace("recorded", "noted"))
    write(tmp_path, "zunda-mcp.toml", '[archive]\ndate = "recorded"\n')
    episodes, problems = read_all(tmp_path)
    assert [one.date for one in episodes.values()] == [None, dt.date(2030, 2, 1)]
    (cause,) = [problem.cause for problem in problems if problem.path.endswith("b.md")]
    assert cause == "No rule for the date in zunda-mcp.toml gives a day here; it was kept without one."


def test_a_hostile_pattern_takes_no_time(tmp_path: Path) -> None:
    page = PAGE + "a" * 50_000
    episode, problems = read(tmp_path, "number = { text = '(?:a*)*b(?P<number>\\d)' }", page)
    assert (episode.number, problems) == (None, [])


def test_a_table_is_written_as_it_is_read() -> None:
    mapping = ArchiveMapping(
        include=('a "b"', "c\\d"),
        rules={
            "date": (Rule.key("the day"), Rule.at("path"), Rule((("path", "(?P<year>\\d+)'s"), ("heading", '"\\d"')))),
            "title": (),
            "language": (Rule((("value", "日本語\u202e"),)),),
        },
        order="dmy",
        stories="headings",
        levels=(3,),
        parts=(ArchiveMapping(include=("x",), stories="whole"),),
    )
    again, problems = read_mapping(tomllib.loads(mapping.as_toml())["archive"], mapping.as_toml(), "file")
    assert (again, problems) == (mapping, [])


@pytest.mark.parametrize(
    "day", ["99999999999-01-02", f"{'1' * 5000}-01-02", f"2024-{'1' * 5000}-02", f"2024-02-{'1' * 5000}", "2024-99-02"]
)
def test_digits_without_end_are_no_day(day: str, tmp_path: Path) -> None:
    pattern = "^D: (?P<year>\\d+)-(?P<month>\\d+)-(?P<day>\\d+)"
    table = f"date = [{{ text = '{pattern}' }}, {{ value = '2030-01-01' }}]"
    episode, problems = read(tmp_path, table, f"---\ntitle: One\n---\n\nD: {day}\n")
    assert (episode.date, problems) == (dt.date(2030, 1, 1), [])


def test_a_year_of_two_digits_is_one_of_this_time(tmp_path: Path) -> None:
    table = "date = { text = '^D: (?P<day>\\d+)/(?P<month>\\d+)/(?P<year>\\d+)' }\ninclude = ['*.md']"
    episode, _ = read(tmp_path, table, "# A\n\nD: 3/2/00\n")
    assert episode.date == dt.date(2000, 2, 3)


@pytest.mark.timeout(60)
def test_lines_of_many_matches_are_counted_once(tmp_path: Path) -> None:
    table = "date = { value = '2024-02-03' }\npeople = { text = 'a' }\ninclude = ['*.md']"
    episode, _ = read(tmp_path, table, "# One\n\n" + "a\n" * 30_000)
    assert episode.hosts == ("a",)


def test_a_text_that_is_named_with_its_ending_is_an_episode_whatever_it_is_called(tmp_path: Path) -> None:
    write(tmp_path, "1981-03-21_Kites/transcript_en.txt", "21 March 1981\nKites\n\nThey flew.\n")
    write(tmp_path, "1981-03-21_Kites/kites.srt", "1\n00:00:01,000 --> 00:00:02,000\nThey flew.\n")
    write(tmp_path, "zunda-mcp.toml", '[archive]\ninclude = ["*/transcript_en.txt"]\n')
    assert [str(one.date) for one in read_all(tmp_path)[0].values()] == ["1981-03-21"]
    write(tmp_path, "zunda-mcp.toml", '[archive]\ninclude = ["1981*/**"]\n')
    assert "1981-03-21_Kites-transcript_en" not in read_all(tmp_path)[0]
