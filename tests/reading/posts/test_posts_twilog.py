"""Twilog's export as it is found: its layouts, its encodings, and what is broken in it."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import examples
from zunda_mcp.config.settings import ReaderSettings
from zunda_mcp.reading.archive_reader import ArchiveReader
from zunda_mcp.reading.draft import Draft
from zunda_mcp.reading.file_reader import FileReading
from zunda_mcp.reading.posts.post import JAPAN, time_of, unescaped
from zunda_mcp.reading.posts.twilog import rows

OWN = "https://x.com/zunda_example/status/"
FIRST, SECOND, THIRD = 2027960832928501907, 2027976032928501907, 2000000000000000000


def row(
    number: int, text: str, log: str = "1", *, user: str = "zunda_example", time: str = "2026-03-01 13:15:14"
) -> str:
    """A row as Twilog writes it."""
    quoted = text.replace('"', '""')
    return f'"{number}","https://x.com/{user}/status/{number}","{time}","{quoted}","{log}"\n'


def read(
    folder: Path, content: str | bytes, name: str = "zunda_example-261101.csv", zone: str | None = None
) -> FileReading:
    """Read one export through the archive, as an index does."""
    data = content if isinstance(content, bytes) else content.encode()
    (folder / name).write_bytes(data)
    reader = ArchiveReader([folder], ReaderSettings(timezone=zone))
    (file,) = reader.scan().files
    return reader.read(file)


def texts(draft: Draft) -> list[str]:
    return [entry.summary for entry in draft.entries]


def test_a_day_is_an_episode_and_a_post_a_story(tmp_path: Path) -> None:
    newest_first = row(SECOND, "二つ目", time="2026-03-01 14:15:38") + row(FIRST, '一つ目\n2行目 "引用" 😀 #豆')
    reading = read(tmp_path, newest_first + row(THIRD, "前の年", time="2025-12-14 09:28:52"))
    assert [(draft.id, draft.title) for draft in reading.drafts] == [
        ("2025-12-14", "2025-12-14 の投稿"),
        ("2026-03-01", "2026-03-01 の投稿"),
    ]
    day = reading.drafts[1]
    assert (day.date, day.hosts) == (dt.date(2026, 3, 1), ("zunda_example",))
    assert texts(day) == ['一つ目\n2行目 "引用" 😀 #豆', "二つ目"]
    assert [entry.url for entry in day.entries] == [f"{OWN}{FIRST}", f"{OWN}{SECOND}"]
    assert [story.id for story in day.episode(frozenset()).stories] == ["2026-03-01#1", "2026-03-01#2"]
    assert reading.problems == ()


def test_kinds_are_told_by_log_type_and_user(tmp_path: Path) -> None:
    content = (
        row(FIRST, "自分の")
        + row(FIRST + 1, "人の", user="someone")
        + row(FIRST + 2, "いいね", "2", user="other")
        + row(FIRST + 3, "しおり", "3", user="other")
        + row(FIRST + 4, "RT @x: 昔の形")
    )
    (day,) = read(tmp_path, content).drafts
    assert [(entry.kind, entry.summary) for entry in day.entries] == [
        ("post", "自分の"),
        ("repost", "人の"),
        ("repost", "RT @x: 昔の形"),
        ("like", "いいね"),
        ("bookmark", "しおり"),
    ]


def test_an_own_post_keeps_its_place_when_a_like_or_a_newer_post_comes(tmp_path: Path) -> None:
    before = read(tmp_path, row(SECOND, "二", time="2026-03-01 14:15:38") + row(FIRST, "一")).drafts[0]
    later = row(SECOND + 9, "三", time="2026-03-01 20:00:00") + row(SECOND, "二", time="2026-03-01 14:15:38")
    late_like = row(FIRST - 10**12, "早い時刻のいいね", "2", user="other", time="2026-03-01 00:00:01")
    after = read(tmp_path, later + row(FIRST, "一") + late_like).drafts[0]
    assert texts(before) == ["一", "二"]
    assert texts(after) == ["一", "二", "三", "早い時刻のいいね"]


@pytest.mark.parametrize(
    "content",
    [
        '"ID","URL","日時","本文"\n' + row(FIRST, "豆").replace(',"1"\n', "\n"),
        row(FIRST, "豆", time="2026/03/01 13:15:14"),
        row(FIRST, "豆", time="2026/3/1 13:15"),
        row(FIRST, "豆").replace("\n", "\r\n"),
        row(FIRST, "豆").replace('"', ""),
        "\ufeff" + row(FIRST, "豆"),
        "\n\n" + row(FIRST, "豆") + "\n",
        row(FIRST, "豆").replace(f'"{FIRST}"', '"2.02796E+18"', 1),
        row(FIRST, "豆").replace("x.com", "twitter.com"),
    ],
)
def test_layouts_seen_elsewhere_are_read(tmp_path: Path, content: str) -> None:
    reading = read(tmp_path, content)
    assert reading.problems == ()
    assert [(entry.url, entry.summary) for entry in reading.drafts[0].entries] == [(f"{OWN}{FIRST}", "豆")]
    assert reading.drafts[0].date == dt.date(2026, 3, 1)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932", "utf-16"])
def test_encodings_of_exports_are_told_apart(tmp_path: Path, encoding: str) -> None:
    content = row(FIRST, "ずんだ餅の表示①〜") + row(SECOND, "能力と構造、ソース")
    reading = read(tmp_path, content.replace("〜", "～").encode(encoding))
    assert texts(reading.drafts[0]) == ["ずんだ餅の表示①～", "能力と構造、ソース"]
    assert reading.problems == ()


def test_one_line_that_is_no_utf8_costs_nothing_else(tmp_path: Path) -> None:
    content = row(FIRST, "豆の話").encode() + row(SECOND, "壊れ").encode().replace("れ".encode(), b"\xe3\x82") + b""
    reading = read(tmp_path, content)
    assert texts(reading.drafts[0]) == ["豆の話", "壊\ufffd"]
    assert [problem.line for problem in reading.problems] == [2]
    assert "utf-8" in reading.problems[0].cause


def test_text_is_unescaped_once_and_links_stay_whole(tmp_path: Path) -> None:
    text = "R&amp;D &lt;b&gt; &amp;lt; https://example.com/?a=1&copy=2&lt=3 AT&T"
    (day,) = read(tmp_path, row(FIRST, text)).drafts
    assert texts(day) == ["R&D <b> &lt; https://example.com/?a=1&copy=2&lt=3 AT&T"]
    assert unescaped("&amp;amp;") == "&amp;"


def test_broken_rows_are_problems_with_lines_and_the_others_are_kept(tmp_path: Path) -> None:
    content = (
        row(FIRST, "一つ目\n続き")  # lines 1 and 2
        + f'"{FIRST + 1}","{OWN}{FIRST + 1}","2026-03-01 13:15:15","引用符が閉じない,1\n'  # line 3, and never closed
        + row(FIRST + 2, "次")  # line 4
        + f'"{FIRST + 3}","{OWN}{FIRST + 3}","2026-03-01 13:15:15"\n'  # line 5: no text
        + "まるで行でない\n"  # line 6
        + row(FIRST + 4, "時刻なし", time="いつか")  # line 7
        + row(FIRST + 5, "ヌル\0文字")  # line 8
        + row(FIRST + 6, "知らない種類", "9")  # line 9
        + f'"{FIRST + 7}","{OWN}{FIRST + 7}","2026-03-01 13:15:15","途中で切れ'  # line 10
    )
    reading = read(tmp_path, content)
    assert texts(reading.drafts[0]) == ["一つ目\n続き", "次", "時刻なし", "ヌル文字", "知らない種類"]
    causes = {problem.line: problem.cause for problem in reading.problems}
    assert sorted(line for line in causes if line) == [3, 5, 6, 7, 8, 9, 10]
    assert "fields" in causes[5]
    assert "NUL" in causes[8]
    assert not any(problem.skipped for problem in reading.problems)


def test_a_forgotten_quote_does_not_swallow_what_follows(tmp_path: Path) -> None:
    broken = f'"{FIRST}","{OWN}{FIRST}","2026-03-01 13:15:14","開いたまま\nの行\n'
    reading = read(tmp_path, broken + row(FIRST + 1, "無事") + row(FIRST + 2, "これも"))
    assert texts(reading.drafts[0]) == ["無事", "これも"]
    assert [(problem.line, "quotes" in problem.cause) for problem in reading.problems] == [(1, True)]


def test_an_unquoted_row_may_hold_a_lone_quote(tmp_path: Path) -> None:
    plain = (
        f'{FIRST},{OWN}{FIRST},2026-03-01 13:15:14,5" の円盤,1\n{FIRST + 1},{OWN}{FIRST + 1},2026-03-01 13:15:15,豆\n'
    )
    reading = read(tmp_path, plain)
    assert texts(reading.drafts[0]) == ['5" の円盤', "豆"]
    assert reading.problems == ()


def test_a_number_no_post_has_is_a_broken_row(tmp_path: Path) -> None:
    reading = read(tmp_path, row(FIRST, "豆") + row(10**23, "大きすぎる"))
    assert texts(reading.drafts[0]) == ["豆"]
    assert [problem.line for problem in reading.problems] == [2]


def test_thousands_of_remarks_are_counted_and_not_listed(tmp_path: Path) -> None:
    reading = read(tmp_path, row(FIRST, "豆") + "junk\n" * 5000)
    assert len(reading.problems) == 51
    assert "4950 more" in reading.problems[-1].cause


def test_a_csv_of_anything_else_is_one_problem(tmp_path: Path) -> None:
    reading = read(tmp_path, "name,price\n" + "豆,100\n" * 2000, "beans.csv")
    assert reading.drafts == ()
    assert [(problem.skipped, "Twilog" in problem.cause) for problem in reading.problems] == [(True, True)]


def test_times_are_japan_time_and_days_those_of_the_archive(tmp_path: Path) -> None:
    assert time_of(FIRST) == dt.datetime(2026, 3, 1, 4, 15, 14, tzinfo=dt.UTC)
    content = row(FIRST, "豆", time="2026-03-01 01:15:14")
    assert read(tmp_path, content).drafts[0].id == "2026-03-01"
    (day,) = read(tmp_path, content, zone="America/New_York").drafts
    assert day.id == "2026-02-28"
    assert day.entries[0].at == dt.datetime(2026, 3, 1, 1, 15, 14, tzinfo=JAPAN)


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("busy-261101.csv", "busy"),
        ("rare-261101 (1).csv", "rare"),
        ("absent-261101.csv", "busy"),
        ("posts.csv", "busy"),
    ],
)
def test_the_owner_is_whom_the_file_is_named_for_else_who_wrote_most(tmp_path: Path, name: str, owner: str) -> None:
    content = (
        row(1 << 62, "a", user="busy") + row((1 << 62) + 1, "b", user="Busy".lower()) + row(5 << 60, "c", user="rare")
    )
    reading = read(tmp_path, content, name)
    assert {host for draft in reading.drafts for host in draft.hosts} == {owner}


def test_english_posts_have_english_days(tmp_path: Path) -> None:
    assert read(tmp_path, row(FIRST, "beans")).drafts[0].title == "Posts of 2026-03-01"


def test_a_file_larger_than_show_notes_is_read(tmp_path: Path) -> None:
    content = "".join(row(FIRST + number, "豆" * 300) for number in range(5000))
    reading = read(tmp_path, content)
    assert len(content.encode()) > 4 * 1024 * 1024
    assert len(reading.drafts[0].entries) == 5000


def test_a_file_that_is_gone_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a-261101.csv").write_text(row(FIRST, "豆"), encoding="utf-8")
    reader = ArchiveReader([tmp_path])
    (file,) = reader.scan().files
    os.remove(file.path)  # noqa: PTH107
    reading = reader.read(file)
    assert (reading.drafts, reading.digest) == ((), "")
    assert reading.problems[0].skipped


def test_the_same_post_twice_is_one_story(tmp_path: Path) -> None:
    (day,) = read(tmp_path, row(FIRST, "豆") + row(FIRST, "豆")).drafts
    assert texts(day) == ["豆"]


SHARP = st.sampled_from(
    ['"', '""', ",", "\n", "\r\n", "\0", "豆", f'"{FIRST}","{OWN}{FIRST}"', row(FIRST, "x"), "=", "\x85"]
)


@settings(max_examples=examples(25))
@given(st.lists(SHARP, max_size=30).map("".join))
def test_whatever_stands_there_rows_keep_their_lines(content: str) -> None:
    lines = content.splitlines(keepends=True)
    cut = list(rows(lines))
    assert [one.line for one in cut] == sorted({one.line for one in cut})
    assert all(1 <= one.line <= len(lines) for one in cut)
