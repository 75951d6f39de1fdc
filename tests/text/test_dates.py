"""Dates in words: every form of the vocabulary, seen from Tuesday 2025-07-15."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zunda_mcp.text.dates import Span, parse_span

TODAY = date(2025, 7, 15)

DAYS = {
    "2025-07-08": "2025-07-08",
    "2025/7/8": "2025-07-08",
    "2025.07.08": "2025-07-08",
    "20250708": "2025-07-08",
    "2025年7月8日": "2025-07-08",
    "2025年07月08日": "2025-07-08",
    "2025年7月8日(火)": "2025-07-08",
    "2025年7月8日（火曜日）": "2025-07-08",
    "2025年7月8日火曜日": "2025-07-08",
    "2025-07-08 (火)": "2025-07-08",
    "２０２５年７月８日": "2025-07-08",
    "２０２５－０７－０８": "2025-07-08",
    "二〇二五年七月八日": "2025-07-08",
    "  2025 年 7 月 8 日 ": "2025-07-08",
    "　2025-07-08　": "2025-07-08",
    "7月8日": "2025-07-08",
    "7月15日": "2025-07-15",
    "7月16日": "2024-07-16",
    "12月31日": "2024-12-31",
    "2月29日": "2024-02-29",
    "July 8, 2025": "2025-07-08",
    "july 8 2019": "2019-07-08",
    "JUL 8TH, 2025": "2025-07-08",
    "8 July 2025": "2025-07-08",
    "8th of July 2025": "2025-07-08",
    "Tuesday, July 8, 2025": "2025-07-08",
    "8 July 2021": "2021-07-08",
    "Tue, 8 Jul 2025": "2025-07-08",
    "July 8": "2025-07-08",
    "30 Dec": "2024-12-30",
    "2025-W28-2": "2025-07-08",
    "2025-07-08T21:00:00+09:00": "2025-07-08",
    "2025-07-08T23:30:00Z": "2025-07-08",
    "2025-07-08 10:00:00 +0900": "2025-07-08",
    "2025-07-08T10:00:00.123456": "2025-07-08",
    "20250708T100000Z": "2025-07-08",
    "today": "2025-07-15",
    "今日": "2025-07-15",
    "本日": "2025-07-15",
    "Yesterday": "2025-07-14",
    "昨日": "2025-07-14",
    "きのう": "2025-07-14",
    "一昨日": "2025-07-13",
    "おととい": "2025-07-13",
    "the day before yesterday": "2025-07-13",
    "3 days ago": "2025-07-12",
    "3日前": "2025-07-12",
    "三日前": "2025-07-12",
    "３日前": "2025-07-12",
    "十日前": "2025-07-05",
    "二十三日前": "2025-06-22",
    "百日前": "2025-04-06",
    "monday": "2025-07-14",
    "月曜日": "2025-07-14",
    "Tuesday": "2025-07-15",
    "火曜": "2025-07-15",
    "水曜日": "2025-07-09",
    "last tuesday": "2025-07-08",
    "last friday": "2025-07-11",
    "this friday": "2025-07-18",
    "先週の金曜日": "2025-07-11",
    "先週の月曜": "2025-07-07",
    "先々週の日曜日": "2025-07-06",
    "先月の8日": "2025-06-08",
    "去年の7月8日": "2024-07-08",
}

SPANS = {
    "2025-07": "2025-07-01 2025-07-31",
    "2025/7": "2025-07-01 2025-07-31",
    "2025年7月": "2025-07-01 2025-07-31",
    "2024年2月": "2024-02-01 2024-02-29",
    "July 2025": "2025-07-01 2025-07-31",
    "Jul 2025": "2025-07-01 2025-07-31",
    "Sept. 2024": "2024-09-01 2024-09-30",
    "7月": "2025-07-01 2025-07-31",
    "8月": "2024-08-01 2024-08-31",
    "十二月": "2024-12-01 2024-12-31",
    "March": "2025-03-01 2025-03-31",
    "2025": "2025-01-01 2025-12-31",
    "2025年": "2025-01-01 2025-12-31",
    "9999": "9999-01-01 9999-12-31",
    "2025年夏": "2025-06-01 2025-08-31",
    "2025年の春": "2025-03-01 2025-05-31",
    "2024年冬": "2024-12-01 2025-02-28",
    "summer 2025": "2025-06-01 2025-08-31",
    "fall of 2024": "2024-09-01 2024-11-30",
    "2025-W28": "2025-07-07 2025-07-13",
    "2025w1": "2024-12-30 2025-01-05",
    "2025年第28週": "2025-07-07 2025-07-13",
    "2025Q3": "2025-07-01 2025-09-30",
    "2025-Q4": "2025-10-01 2025-12-31",
    "Q1 2025": "2025-01-01 2025-03-31",
    "2025年第3四半期": "2025-07-01 2025-09-30",
    "二〇二五年第三四半期": "2025-07-01 2025-09-30",
    "this week": "2025-07-14 2025-07-20",
    "今週": "2025-07-14 2025-07-20",
    "last week": "2025-07-07 2025-07-13",
    "先週": "2025-07-07 2025-07-13",
    "先々週": "2025-06-30 2025-07-06",
    "this month": "2025-07-01 2025-07-31",
    "今月": "2025-07-01 2025-07-31",
    "last month": "2025-06-01 2025-06-30",
    "先月": "2025-06-01 2025-06-30",
    "先々月": "2025-05-01 2025-05-31",
    "this year": "2025-01-01 2025-12-31",
    "今年": "2025-01-01 2025-12-31",
    "last year": "2024-01-01 2024-12-31",
    "去年": "2024-01-01 2024-12-31",
    "昨年": "2024-01-01 2024-12-31",
    "一昨年": "2023-01-01 2023-12-31",
    "おととし": "2023-01-01 2023-12-31",
    "去年の夏": "2024-06-01 2024-08-31",
    "今年の3月": "2025-03-01 2025-03-31",
    "2 weeks ago": "2025-06-30 2025-07-06",
    "a week ago": "2025-07-07 2025-07-13",
    "2週間前": "2025-06-30 2025-07-06",
    "一週間前": "2025-07-07 2025-07-13",
    "two months ago": "2025-05-01 2025-05-31",
    "2か月前": "2025-05-01 2025-05-31",
    "2ヶ月前": "2025-05-01 2025-05-31",
    "２カ月前": "2025-05-01 2025-05-31",
    "二箇月前": "2025-05-01 2025-05-31",
    "半年前": "2025-01-01 2025-01-31",
    "8 months ago": "2024-11-01 2024-11-30",
    "3年前": "2022-01-01 2022-12-31",
    "last 7 days": "2025-07-09 2025-07-15",
    "the last seven days": "2025-07-09 2025-07-15",
    "in the past 2 weeks": "2025-07-02 2025-07-15",
    "過去7日": "2025-07-09 2025-07-15",
    "直近7日間": "2025-07-09 2025-07-15",
    "この1週間": "2025-07-09 2025-07-15",
    "past week": "2025-07-09 2025-07-15",
    "last 3 months": "2025-04-16 2025-07-15",
    "過去半年": "2025-01-16 2025-07-15",
    "past year": "2024-07-16 2025-07-15",
}

NOTHING = [
    "",
    " ",
    "2025-13-45",
    "2025-02-29",
    "2025-00-10",
    "0000",
    "0000-01-01",
    "2025-07/08",
    "2025-W60",
    "2025Q5",
    "13月",
    "2月30日",
    "July 32, 2025",
    "MCP",
    "550",
    "279",
    "2025-07-08-279",
    "last 0 days",
    "9999 years ago",
    "99999 days ago",
    "2025-07-08T99:99",
    "soon",
    "前",
    "月",
    "2025年第3",
    "July 8, 2025" * 40,
]


@pytest.mark.parametrize(("text", "day"), DAYS.items())
def test_a_day_in_words_is_that_one_day(text: str, day: str) -> None:
    assert parse_span(text, TODAY) == Span(date.fromisoformat(day), date.fromisoformat(day))


@pytest.mark.parametrize(("text", "span"), SPANS.items())
def test_a_longer_time_in_words_runs_from_its_first_to_its_last_day(text: str, span: str) -> None:
    since, until = (date.fromisoformat(day) for day in span.split())
    assert parse_span(text, TODAY) == Span(since, until)


@pytest.mark.parametrize("text", NOTHING)
def test_what_is_no_date_is_not_understood(text: str) -> None:
    assert parse_span(text, TODAY) is None


def test_months_back_are_counted_from_the_last_day_where_the_month_is_shorter() -> None:
    assert parse_span("last 3 months", date(2025, 5, 31)) == Span(date(2025, 3, 1), date(2025, 5, 31))


def test_the_29th_of_february_is_found_across_a_century_without_a_leap_day() -> None:
    assert parse_span("2月29日", date(1903, 1, 1)) == Span(date(1896, 2, 29), date(1896, 2, 29))


def test_a_day_before_the_first_of_the_calendar_is_not_understood() -> None:
    assert parse_span("yesterday", date.min) is None
    assert parse_span("先週", date.min) is None


SIGNS = "0123456789年月日週間前第春夏秋冬火金三十百〇四半期先々今去昨一-/.:T Zw "
WORDS = "か月|過去|last |past |this |ago|days |weeks |months |years |July |May|monday|２|Q3|(火)|曜日|の|2025"
VOCABULARY = st.sampled_from([*SIGNS, *WORDS.split("|")])


@given(st.one_of(st.text(), st.lists(VOCABULARY, max_size=8).map("".join)), st.dates())
def test_any_text_on_any_day_gives_a_span_in_order_or_nothing(text: str, today: date) -> None:
    span = parse_span(text, today)
    assert span is None or span.since <= span.until


@given(st.dates(date(2, 1, 1)), st.dates())  # the first year stands for no time at all, as Go writes it
def test_an_iso_day_is_read_back_as_itself(day: date, today: date) -> None:
    assert parse_span(day.isoformat(), today) == Span(day, day)
    assert parse_span(f"{day.year:04}年{day.month}月{day.day}日", today) == Span(day, day)
