"""What front matter says, by whatever name and however written; and the dates in it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from archive_samples import IRREGULAR, episode_of, read_all, read_one, write

from zunda_mcp.reading.archive_reader import ArchiveReader
from zunda_mcp.reading.metadata.front_matter import read_page
from zunda_mcp.text.calendar_days import read_day

TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    ("written", "day", "moment"),
    [
        ("2024-05-29 07:00:00 +0900", "2024-05-29", "2024-05-29T07:00:00+09:00"),
        ("2024-05-29 23:00:00 +0000", "2024-05-30", "2024-05-30T08:00:00+09:00"),
        ("2024-05-29 07:00 +0900", "2024-05-29", "2024-05-29T07:00:00+09:00"),
        ("2024-05-29 07:00:00 JST", "2024-05-29", "2024-05-29T07:00:00+09:00"),
        ("2024-05-29 20:00:00 UTC", "2024-05-30", "2024-05-30T05:00:00+09:00"),
        ("2024-05-28T22:00:00Z", "2024-05-29", "2024-05-29T07:00:00+09:00"),
        ("2024-05-29T07:00:00.123456+09:00", "2024-05-29", "2024-05-29T07:00:00.123456+09:00"),
        ("2024-05-29 07:00", "2024-05-29", "2024-05-29T07:00:00+09:00"),
        ("2024-05-29", "2024-05-29", None),
        ("2024/5/9", "2024-05-09", None),
        ("2024.05.29 07:00", "2024-05-29", "2024-05-29T07:00:00+09:00"),
        ("2024年6月28日（金）", "2024-06-28", None),
        ("Wed, 29 May 2024 07:00:00 +0900", "2024-05-29", "2024-05-29T07:00:00+09:00"),
    ],
)
def test_a_date_is_read_in_the_zone_of_the_archive(tmp_path: Path, written: str, day: str, moment: str | None) -> None:
    episode = episode_of(tmp_path, f"---\ntitle: 題\ndate: {written}\n---\n", name="episode.md")
    assert str(episode.date) == day
    assert (episode.published.isoformat() if episode.published else None) == moment


@pytest.mark.parametrize(
    "written", ["あさって", "2024-13-01", "May", "20241329", "2024-W22", "07:00", "1/2/3", "月年日", ""]
)
def test_what_is_no_date_is_none(written: str) -> None:
    assert read_day(written) is None


def test_dates_of_other_formats_are_taken_as_they_are() -> None:
    moment = dt.datetime(2024, 5, 29, 7, tzinfo=dt.UTC)
    assert read_day(moment) == (moment.date(), moment)
    assert read_day(dt.date(2024, 5, 29)) == (dt.date(2024, 5, 29), None)
    assert read_day(20240529) is None


@pytest.mark.parametrize("written", ["0001-01-01 00:00:00 +2359", "9999-12-31 23:59:59 -1200"])
def test_the_ends_of_the_calendar_do_not_overflow(tmp_path: Path, written: str) -> None:
    assert episode_of(tmp_path, f"---\ntitle: 題\ndate: {written}\n---\n").published is None


def test_the_front_matter_wins_over_the_file_name_and_says_so() -> None:
    episodes, problems = read_all(IRREGULAR)
    assert episodes["2030-01-25-15"].date == dt.date(2030, 1, 26)
    (problem,) = [problem for problem in problems if "2030-01-25-15" in problem.path]
    assert (problem.line, problem.skipped) == (6, False)
    assert "the front matter was used" in problem.cause


def test_without_a_known_zone_the_day_is_the_one_written(tmp_path: Path) -> None:
    write(tmp_path, "2031-01-01-1.md", "---\ntitle: 題\ndate: 2031-01-01 05:00:00 +0900\n---\n")
    reader = ArchiveReader([tmp_path])
    (file,) = reader.scan().files
    reading = reader.read(file)
    assert reading.draft is not None
    assert (reading.draft.date, reading.problems) == (dt.date(2031, 1, 1), ())
    assert reader.timezone.key == "UTC"


@pytest.mark.parametrize(
    ("name", "number", "slug_date"),
    [
        ("2031-01-01-12", 12, True),
        ("2031-01-01-007", 7, True),
        ("2031-1-1-5", 5, True),
        ("2031-01-01-bean-12", 77, True),
        ("2031-01-01", 77, True),
        ("bean-12", 77, False),
        ("2031-01-01-１２", 77, True),
        ("2031-01-01-99999999999999999999", 77, True),
    ],
)
def test_the_number_is_the_end_of_the_name_else_the_front_matters(
    tmp_path: Path, name: str, number: int, slug_date: bool
) -> None:
    date = "" if slug_date else "date: 2031-01-01\n"
    episode = episode_of(tmp_path, f"---\ntitle: 題\nepisode: 77\n{date}---\n", name=f"{name}.md")
    assert (episode.id, episode.number, episode.date) == (name, number, dt.date(2031, 1, 1))


def test_plain_values_stay_the_text_they_are(tmp_path: Path) -> None:
    episode = episode_of(
        tmp_path, "---\ntitle: 12:30\ndescription: no\nhost: 010\nepisode: five\n---\n", "2031-01-01.md"
    )
    assert (episode.title, episode.description, episode.hosts, episode.number) == ("12:30", "no", ("010",), None)


@pytest.mark.parametrize(
    ("written", "hosts"),
    [
        ("actor_ids:\n  - えだまめ\n  - そらまめ", ("えだまめ", "そらまめ")),
        ("host: えだまめ", ("えだまめ",)),
        ("Hosts: [えだまめ, えだまめ]", ("えだまめ",)),
        ("author: えだまめ、そらまめ", ("えだまめ", "そらまめ")),
        ("hosts:\n  - name: えだまめ\n    url: https://a.example", ("えだまめ",)),
        ("actor_ids:\nhost: えだまめ", ("えだまめ",)),
        ("hosts: ~", ()),
    ],
)
def test_hosts_are_found_under_their_many_names(tmp_path: Path, written: str, hosts: tuple[str, ...]) -> None:
    assert episode_of(tmp_path, f"---\ntitle: 題\n{written}\n---\n").hosts == hosts


def test_entities_are_unescaped_and_folded_lines_joined(tmp_path: Path) -> None:
    text = "---\ntitle: 豆 &amp; 塩\ndescription: 'はじめに  \n- &quot;一&quot;\n- 二'\n---\n"
    episode = episode_of(tmp_path, text)
    assert (episode.title, episode.description) == ("豆 & 塩", 'はじめに - "一" - 二')


def test_a_tab_inside_a_quoted_value_is_no_problem(tmp_path: Path) -> None:
    reading = read_one(tmp_path, "---\ntitle: 'タブ\tのある題'\ndate: 2031-01-01\n---\n")
    assert reading.draft is not None
    assert (reading.draft.title, reading.problems) == ("タブ\tのある題", ())


def test_three_dashes_inside_a_value_or_the_body_do_not_end_anything(tmp_path: Path) -> None:
    text = "---\ntitle: a --- b\ndescription: |\n  一\n  ---\n  二\n---\n\n前\n\n---\n\n後\n"
    episode = episode_of(tmp_path, text)
    assert (episode.title, episode.description, episode.prose) == ("a --- b", "一\n---\n二", "前\n\n---\n\n後")


@pytest.mark.parametrize("text", ["---\na: 1\n---\nbody\n", "---\na: 1\n...\nbody\n", "---  \na: 1\n---\t\nbody\n"])
def test_the_body_begins_where_the_front_matter_ends(text: str) -> None:
    page = read_page(text)
    assert (page.body, page.start) == ("body\n", 3)
    assert page.matter is not None
    assert page.matter.values == {"a": "1"}


@pytest.mark.parametrize("block", ["", "\n", "# 注\n"])
def test_an_empty_block_is_a_block(block: str) -> None:
    page = read_page(f"---\n{block}---\nbody")
    assert page.matter is not None
    assert (page.matter.values, page.body, page.remarks) == ({}, "body", ())


@pytest.mark.parametrize(
    "block", ["a: \x01", "a: \ud83c\udf31".encode("utf-16", "surrogatepass").decode("utf-16"), "? [x]\n: 1"]
)
def test_odd_blocks_never_raise(block: str) -> None:
    assert read_page(f"---\n{block}\n---\n").body == ""


def test_the_lines_of_front_matter_are_counted_as_an_editor_counts_them() -> None:
    page = read_page("---\ndescription: 'a\x85b\u2028c\u2029d'\ntitle: 一\ntitle: 二\n---\n")
    assert [line for line, _ in page.remarks] == [4]
    assert page.matter is not None
    assert page.matter.values["description"] == "a b c d"


def test_a_lone_carriage_return_in_markdown_is_the_end_of_a_line() -> None:
    from zunda_mcp.reading.markdown.blocks import Document
    from zunda_mcp.reading.splitting.stories import story_heads

    assert [head.url for head in story_heads(Document("a\r- [b](https://b.example)\r\rc"))] == ["https://b.example"]


def test_front_matter_below_blank_lines_counts_with_the_lines_of_the_file() -> None:
    page = read_page("\n \n---\ntitle: 一\ntitle: 二\n---\nBody.\n")
    assert page.matter is not None
    assert (page.matter.values, page.matter.lines, page.body, page.start) == (
        {"title": "二"},
        {"title": 5},
        "Body.\n",
        6,
    )
    assert [line for line, _ in page.remarks] == [5]
    assert read_page("\n\nA rule:\n\n---\n").matter is None
