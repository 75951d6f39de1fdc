"""The survey: what was understood, by which rule, from which line; and a table that gives the same episodes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import show_kinds
from archive_samples import BROKEN, IRREGULAR
from feed_samples import rss

from zunda_mcp.cli.entry import main
from zunda_mcp.config.load import load_settings
from zunda_mcp.library import Library
from zunda_mcp.models import Episode
from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive
from zunda_mcp.rendering import survey_text
from zunda_mcp.server.resources import MAX_CHARS, read_resource
from zunda_mcp.sources.archive_survey import ArchiveSurvey, survey_archives

Make = Callable[[Path], object]


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def survey_of(folder: Path) -> ArchiveSurvey:
    (survey,) = survey_archives(load_settings(episodes=[folder], environ={}))
    return survey


def episodes_of(folder: Path) -> list[Episode]:
    return read_archive(ArchiveReader([folder]))[0]


# --- the table


def fixture(source: Path) -> Make:
    """A copy of a folder of fixtures."""
    return lambda folder: shutil.copytree(source, folder, dirs_exist_ok=True)


def days_by_every_rule(folder: Path) -> None:
    """Days in keys, names, folders, titles, labels, headings and as months; numbers in as many places."""
    text = "- [Soil](https://soil.example/1)\n- [Water](https://water.example/2)\n"
    write(folder, "2031-01-01-7.md", f"---\ntitle: By name\n---\n{text}")
    write(folder, "2031/02/03/issue-8.md", f"---\ntitle: By folder\nhosts: [Ann]\n---\n{text}")
    write(folder, "2031/04/a-month.md", f"---\ntitle: By month\nauthor: Bob\nepisode: 9\n---\n{text}")
    write(folder, "e.md", f"---\nTitle: 'By key: odd'\npub_date: 5 May 2031\nguests: Cy\n---\n{text}")
    write(folder, "f.md", f"---\ntitle: 'Issue 10 of 2031-06-01'\nhost: Dee\nauthor: nobody\n---\n{text}")
    write(folder, "g.md", f"---\ntitle: Changed\nnumber: 11\nlastmod: 2031-07-01\n---\n{text}")
    write(folder, "h.md", f"# Labelled\n\n* Air Date: 2031-08-01\n* Hosts: Ann, Bob\n\n{text}")
    write(folder, "i-12.md", f"# 1 September, 2031 Notes\n\n{text}")
    write(folder, "about.md", "# About\n\nNobody is an episode.\n")


def kinds_beside_each_other(folder: Path) -> None:
    """Pages, a feed, a table, a list of links, HTML and mail, each with days of its own."""
    for number in range(1, 4):
        write(folder, f"pages/2031-01-0{number}.md", f"## One\n\nText {number}.\n\n## Two\n\nText.\n")
    items = (
        f"<item><title>Feed {n}</title><guid>{n}</guid><pubDate>Sat, 0{n} Feb 2031 05:00:00 GMT</pubDate>"
        f"<description>&lt;ul&gt;&lt;li&gt;&lt;a href='https://a.example/{n}'&gt;A&lt;/a&gt;&lt;/li&gt;"
        f"&lt;li&gt;&lt;a href='https://b.example/{n}'&gt;B&lt;/a&gt;&lt;/li&gt;&lt;/ul&gt;</description></item>"
        for n in range(1, 4)
    )
    write(folder, "feed.xml", rss("".join(items)))
    write(folder, "table.csv", "title,date,episode,host\nRow one,2031-03-01,1,Ann\nRow two,2031-03-02,2,Bob\n")
    links = [{"title": f"Link {n}", "url": f"https://c.example/{n}", "date": f"2031-04-0{n % 2 + 1}"} for n in range(4)]
    write(folder, "links.json", json.dumps({"list": links}))
    write(folder, "page.html", "<html><head><title>Page</title><meta name='date' content='2031-05-01'></head>"
          "<body><article><h1>Page</h1><p>Text.</p></article></body></html>")  # fmt: skip
    write(folder, "a.eml", "From: Ann <a@a.example>\nSubject: Letter\nDate: Sun, 1 Jun 2031 05:00:00 +0000\n\nText.\n")


def two_ways(folder: Path) -> None:
    """Show notes and transcripts by speaker, both in Markdown."""
    for number in range(1, 4):
        links = f"- [Soil](https://s.example/{number})\n- [Peas](https://p.example/{number})\n"
        write(folder, f"notes/2031-01-0{number}.md", f"---\ntitle: Notes {number}\n---\n\n{links}")
        words = f"We speak of beans at length, {number} times over, and of what grows beside them."
        turns = "".join(f"**{name}:** {words}\n\n" for name in ("Ann", "Bob") * 3)
        write(folder, f"transcripts/2031-02-0{number}.md", turns)


def two_ways_in_one_folder(folder: Path) -> None:
    for number in range(1, 10):
        links = f"- [Soil](https://s.example/{number})\n- [Peas](https://p.example/{number})\n"
        write(folder, f"2031-01-0{number}.md", f"---\ntitle: Notes {number}\n---\n\n{links}")
        words = f"We speak of beans at length, {number} times over, and of what grows beside them."
        turns = "".join(f"**{name}:** {words}\n\n" for name in ("Ann", "Bob") * 3)
        write(folder, f"2031-02-0{number}.md", turns)


def days_in_first_lines(folder: Path) -> None:
    """Texts that tell their day in a first line, and one that tells none."""
    for number in range(1, 5):
        write(
            folder, f"{number} Notes.txt", f"We met on {number} June 2031 by the sea.\n\nIn May 2030 it was colder.\n"
        )
    write(folder, "5 Notes.txt", f"{'We met by the sea, and nobody knows when. ' * 9}\n\nThen came 7 June 2031.\n" * 9)


def a_talk_among_short_texts(folder: Path) -> None:
    for number in range(1, 10):
        write(
            folder, f"2031-01-0{number}.md", f"---\ntitle: Day {number}\n---\n\n{'We speak of beans at length. ' * 9}\n"
        )
    write(folder, "2031-02-01.md", f"---\ntitle: Talk\n---\n\n{'we speak of beans at length ' * 500}\n")


def a_day_that_only_some_may_take(folder: Path) -> None:
    """A page whose date is wrong has none, though it says when it was changed; one without a date has that day."""
    write(folder, "a.md", "---\ntitle: A\nhost: Ann\nlastmod: 2031-01-01\n---\n\nText.\n")
    write(folder, "b.md", "---\ntitle: B\nhost: Ann\ndate: soon\nlastmod: 2031-01-02\n---\n\nText.\n")
    write(folder, "c.md", "---\ntitle: C\nhost: Ann\ndate: 2031-01-03\n---\n\nText.\n")


def a_diary(folder: Path) -> None:
    days = "".join(f"## 2031-01-0{n}: Day {n}\n\n- [Soil](https://s.example/{n})\n\n" for n in range(1, 5))
    write(folder, "diary.md", f"# Diary\n\n{days}")


def numbers_american(folder: Path) -> None:
    """Days of which only some show the order that all are written in."""
    for number in (3, 14, 25):
        write(folder, f"{number}.md", f"---\ntitle: Day {number}\ndate: 03/{number:02}/2031\n---\n\nText.\n")


SHAPES: list[Make] = [
    *(make for name, make in vars(show_kinds).items() if getattr(make, "__module__", "") == "show_kinds"),
    *(days_by_every_rule, kinds_beside_each_other, two_ways, two_ways_in_one_folder, a_diary, numbers_american),
    *(a_day_that_only_some_may_take, days_in_first_lines, a_talk_among_short_texts),
    *(fixture(IRREGULAR), fixture(BROKEN)),
]
NAMES = [getattr(make, "__name__", "").strip("<>") for make in SHAPES[:-2]] + ["irregular", "broken"]


@pytest.mark.parametrize("make", SHAPES, ids=NAMES)
def test_the_table_of_a_survey_gives_the_very_same_episodes(make: Make, tmp_path: Path) -> None:
    make(tmp_path)
    before = episodes_of(tmp_path)
    assert before
    survey = survey_of(tmp_path)
    write(tmp_path, "zunda-mcp.toml", survey.mapping)
    reader = ArchiveReader([tmp_path])
    assert read_archive(reader)[0] == before
    assert reader.problems == ()
    assert survey_of(tmp_path).mapping == survey.mapping  # what is declared stays as it is


def test_the_table_names_each_rule_that_gave_a_value_in_the_order_they_are_tried(tmp_path: Path) -> None:
    days_by_every_rule(tmp_path)
    assert survey_of(tmp_path).mapping.splitlines() == [
        "[archive]",
        'date = ["date", "pub_date", { path = true }, { title = true }, "lastmod"]',
        'title = "title"',
        'number = [{ path = true }, "episode", "number", { title = true }]',
        'people = ["hosts", "host", "author"]',
        'guests = "guests"',
        'stories = "list-items"',
    ]


def test_a_day_in_a_first_line_is_said_to_stand_there(tmp_path: Path) -> None:
    days_in_first_lines(tmp_path)
    text = survey_text.survey([survey_of(tmp_path)])
    assert "key date, line 1: We met on " in text
    assert "date     name of the file" not in text


def test_files_that_are_split_in_several_ways_are_parts(tmp_path: Path) -> None:
    two_ways(tmp_path)
    assert survey_of(tmp_path).mapping.endswith(
        '[[archive.part]]\ninclude = ["notes/*.md"]\nstories = "list-items"\n\n'
        '[[archive.part]]\ninclude = ["transcripts/*.md"]\nstories = "turns"'
    )


def test_what_rules_cannot_say_of_all_files_stays_out_of_the_table(tmp_path: Path) -> None:
    a_day_that_only_some_may_take(tmp_path / "days")
    assert survey_of(tmp_path / "days").mapping.splitlines()[1:] == [
        'title = "title"',
        'people = "host"',
        'stories = "link-heads"',
    ]
    two_ways_in_one_folder(tmp_path / "ways")
    assert "stories" not in survey_of(tmp_path / "ways").mapping


# --- what it says


PAGE = "---\ntitle: Beans {0}\nair_date: 2031-01-0{0}\nhosts: [Ann]\n---\n\n- [Soil](https://s.example/{0})\n"


@pytest.fixture
def show(tmp_path: Path) -> Path:
    for number in range(1, 4):
        write(tmp_path, f"show/{number}.md", PAGE.format(number))
    write(tmp_path, "show/plan.md", "A plan, and no episode.\n")
    write(tmp_path, "show/odd.md", "---\ntitle: Odd\nair_date: soon\n---\n\nText.\n")
    return tmp_path / "show"


def test_kinds_rules_and_lines_are_those_of_the_files(show: Path) -> None:
    survey = survey_of(show)
    assert (survey.files, survey.read, survey.episodes, survey.undated) == (5, 5, 4, 1)
    assert [(kind.ending, kind.files, kind.understood) for kind in survey.kinds] == [(".md", 5, 4)]
    counts = {(one.field, one.rule): one.episodes for one in survey.rules}
    assert counts["date", "key air_date"] == counts["people", "key hosts"] == 3
    assert counts["title", "key title"] == 4
    (first, *_) = survey.examples
    shown = {one.field: (one.value, one.rule, one.line, one.text) for one in first.fields}
    assert first.path == "show/2.md"
    assert shown["date"] == ("2031-01-02", "key air_date", 3, "air_date: 2031-01-02")
    assert shown["title"] == ("Beans 2", "key title", 2, "title: Beans 2")
    assert shown["people"] == ("Ann", "key hosts", 4, "hosts: [Ann]")
    assert shown["link"] == ("none", "nothing", None, None)


def test_what_was_not_understood_is_counted_with_one_place(show: Path) -> None:
    write(show, "odder.md", "---\ntitle: Odder\nair_date: later\n---\n\nText.\n")
    causes = {one.cause: (one.times, one.example, one.skipped) for one in survey_of(show).not_understood}
    cause = "The date `soon` cannot be understood; nor has the file name a date, so it has none."
    assert causes[cause] == (2, "show/odd.md:3", False)
    (skipped,) = [where for cause, where in causes.items() if "so it was skipped" in cause]
    assert skipped == (1, "show/plan.md:1", True)


def test_the_command_prints_the_survey_and_the_place_of_the_table(
    show: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["survey", str(show)]) == 0
    shown = capsys.readouterr().out
    for words in (
        "show: 4 episodes in 5 files, 1 of them without a day.",
        "  .md: 4 of 5",
        "  date     key air_date 3",
        "    date     2031-01-02 ← key air_date, line 3: air_date: 2031-01-02",
        f'change it in {show / "zunda-mcp.toml"}:\n\n[archive]\ndate = "air_date"\ntitle = "title"',
    ):
        assert words in shown


def test_the_command_prints_json(show: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["survey", str(show), "--json"]) == 0
    (survey,) = json.loads(capsys.readouterr().out)["surveys"]
    assert (survey["episodes"], survey["file"], survey["advice"]) == (4, str(show / "zunda-mcp.toml"), None)
    assert ArchiveSurvey.model_validate(survey) == survey_of(show)


def test_where_too_little_is_understood_the_survey_says_so_and_the_exit_code_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, "chat/2031-01-01.json", '[{"user": "U1", "text": "hi", "ts": "1"}]')
    assert main(["survey", str(tmp_path / "chat")]) == 3
    shown = capsys.readouterr().out
    assert "No episode was understood" in shown
    assert "Seen: 1 .json." in shown
    assert f"make {tmp_path / 'chat' / 'zunda-mcp.toml'}" in shown


def test_index_and_add_lead_to_the_survey(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "my chat/2031-01-01.json", '[{"user": "U1", "text": "hi", "ts": "1"}]')
    folder = str(tmp_path / "my chat")
    assert main(["index", "--episodes", folder, "--index", str(tmp_path / "index"), "--embedder", "none"]) == 3
    assert f"Next: zunda-mcp survey '{folder}'" in capsys.readouterr().err
    assert main(["add", folder]) == 3
    assert f"Next: zunda-mcp survey '{folder}'" in capsys.readouterr().err


def test_a_table_of_another_kind_is_not_taken_for_a_broken_one(tmp_path: Path) -> None:
    write(tmp_path, "bank.csv", "Account;Amount\n1;2\n")
    (problem,) = survey_of(tmp_path).not_understood
    assert problem.cause.startswith("This CSV is of no kind that is read")


def test_several_archives_have_a_survey_each(show: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = show.parent / "other"
    shutil.copytree(show, other)
    assert main(["survey", "--archive", f"one={show}", "--archive", f"two={other}", "--json"]) == 0
    surveys = json.loads(capsys.readouterr().out)["surveys"]
    assert [(one["name"], one["episodes"]) for one in surveys] == [("one", 4), ("two", 4)]


def test_an_assistant_reads_the_survey_as_a_resource_before_there_is_an_index(show: Path, tmp_path: Path) -> None:
    settings = load_settings(episodes=[show], index=tmp_path / "index", environ={}, embedder="none")
    with Library.open(settings) as library:
        (content,) = read_resource(library, "archive://survey")["contents"]
    assert content["text"].startswith("show: 4 episodes in 5 files")
    assert "stories takes a level of headings" in content["text"]
    assert not (tmp_path / "index").exists()


def test_a_survey_of_many_files_reads_some_of_them_and_fits(tmp_path: Path) -> None:
    for number in range(40):
        text = f"---\n{'x' * 90}{number}: {number}\ntitle: {'T' * 400}\ndate: 2031-01-{number % 28 + 1:02}\n---\n"
        write(tmp_path, f"{'long ' * 30}{number}.md", text)
    (survey,) = survey_archives(load_settings(episodes=[tmp_path], environ={}), most=10)
    assert (survey.read, survey.files, survey.episodes) == (10, 40, 10)
    assert "in 10 of 40 files" in survey_text.survey([survey])
    assert len(survey_text.survey([survey], 2500)) <= 2500
    assert len(survey_text.survey([survey] * 60, MAX_CHARS)) <= MAX_CHARS


def test_text_of_an_archive_cannot_move_the_terminal(tmp_path: Path) -> None:
    write(tmp_path, "a.md", '---\ntitle: "red\u001b[31m"\ndate: 2031-01-01\n---\n\nText.\n')
    assert "\x1b" not in survey_text.survey([survey_of(tmp_path)])
