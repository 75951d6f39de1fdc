"""One day in text, however it is written, and where it stands in a longer text."""

from __future__ import annotations

import datetime as dt

import pytest

from zunda_mcp.text.calendar_days import DayMatch, Order, day_in_year, find_day, find_days, order_of, read_day

THE_FIRST = [
    "2024-03-01", "2024/3/1", "2024.03.01", "2024_03_01", "2024. 3. 1.", "20240301", "2024-W09-5", "01.03.2024",
    "1. 3. 2024", "2024-03-01(金)", "2024/3/1 (金)", "[[2024-03-01]]", "[[2024-03-01|Friday]]", "<2024-03-01 Fri>",
    '"2024-03-01"', "２０２４年３月１日", "2024年3月1日", "2024年3月1日（金）", "2024年3月1日金曜日", "令和6年3月1日",
    "令和六年三月一日", "二〇二四年三月一日", "2024년 3월 1일", "2024년 3월 1일 금요일"[:12], "民國113年3月1日",
    "2024年3月1号", "March 1, 2024", "Mar. 1st, 2024", "Friday, March 1, 2024", "Fri Mar 1 2024", "1 March 2024",
    "1st of March, 2024", "the 1st of March 2024", "1. März 2024", "Freitag, den 1. März 2024", "1 mars 2024",
    "vendredi 1er mars 2024", "1 de marzo de 2024", "viernes, 1 de marzo de 2024", "1 de março de 2024",
    "1 marzo 2024", "1 maart 2024", "1 марта 2024", "1 марта 2024 г.", "1 березня 2024 року", "1 marca 2024",
    "March,1 2024", "March 1-3, 2024", "March 1–3, 2024", "01.03.24",
    "2024. március 1.", "1 Mart 2024", "01-Mar-2024", "2024/Mar/01", "2024 March 1", "Fri, 01 Mar 24",
]  # fmt: skip


@pytest.mark.parametrize("written", THE_FIRST)
def test_a_day_is_read_however_it_is_written(written: str) -> None:
    assert read_day(written) == (dt.date(2024, 3, 1), None)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2024/3/1 (金) 08:00", "2024-03-01T08:00:00"),
        ("2024-03-01(金) 8:00", "2024-03-01T08:00:00"),
        ("20240301T080000Z", "2024-03-01T08:00:00+00:00"),
        ("20240301T0800+0900", "2024-03-01T08:00:00+09:00"),
        ("2024-03-01T08", "2024-03-01T08:00:00"),
        ("2024-03-01T08:00:00,5+09", "2024-03-01T08:00:00.500000+09:00"),
        ("2024-03-01 08:00:00 +0900 JST", "2024-03-01T08:00:00+09:00"),
        ("March 1, 2024 8:05 PM", "2024-03-01T20:05:00"),
        ("1 March 2024 at 12 a.m.", "2024-03-01T00:00:00"),
        ("1. März 2024, 20:15 Uhr", "2024-03-01T20:15:00"),
        ("2024年3月1日 午後8時30分", "2024-03-01T20:30:00"),
        ("Fri Mar  1 08:00:00 2024", "2024-03-01T08:00:00"),
        ("Fri Mar 1 08:00:00 JST 2024", "2024-03-01T08:00:00+09:00"),
        ("<2024-03-01 Fri 08:00>", "2024-03-01T08:00:00"),
        ("Fri, 1 Mar 2024 08:00:00 GMT+0100 (CET)", "2024-03-01T08:00:00+01:00"),
        ("2024-03-01 10:00-11:30", "2024-03-01T10:00:00"),
        ("2024-03-01 10:00–11:30 UTC", "2024-03-01T10:00:00+00:00"),
        ("2024/3/1 (金) 10:00 〜 11:30", "2024-03-01T10:00:00"),
        ("March 1, 2024, 10:00 AM - 1:00 PM PT", "2024-03-01T10:00:00-08:00"),
        ("2024-03-01 10:00-05:00", "2024-03-01T10:00:00-05:00"),
        ("2024-03-01 04:00 -05:00", "2024-03-01T04:00:00-05:00"),
        ("2024-03-01T08:00-09:30", "2024-03-01T08:00:00-09:30"),
        ("2024-03-01 08:00:00-09:30", "2024-03-01T08:00:00-09:30"),
    ],
)
def test_a_time_is_read_with_its_day(written: str, moment: str) -> None:
    found = read_day(written)
    assert found is not None
    assert found.at == dt.datetime.fromisoformat(moment)


@pytest.mark.parametrize(
    "written",
    [
        *("2024", "2024-03", "March 2024", "2024-13-01", "30 February 2024", "Bean 28, 2024", "0001-01-01T00:00:00Z"),
        *("beans of 2024-03-01", "2024-03-01 beans", "1.2.3", "v2024.3", "12:30", "100", "令和99年99月1日", "x" * 500),
    ],
)
def test_what_is_more_or_less_than_a_day_is_none(written: str) -> None:
    assert read_day(written) is None


@pytest.mark.parametrize(("order", "day"), [("", None), ("dmy", dt.date(2024, 4, 3)), ("mdy", dt.date(2024, 3, 4))])
def test_a_day_that_can_be_two_is_read_in_the_order_of_its_archive(order: Order, day: dt.date | None) -> None:
    found = read_day("03/04/2024", order)
    assert (found.day if found else None) == day


@pytest.mark.parametrize(
    ("written", "order"), [("13/3/2024", "dmy"), ("3/13/2024", "mdy"), ("3/4/2024", ""), ("2024-03-13", "")]
)
def test_a_day_shows_its_order_where_only_one_is_possible(written: str, order: Order) -> None:
    assert order_of(written) == order


def test_a_day_is_found_in_a_text_with_its_place_and_its_weekday() -> None:
    assert find_day("豆の会（２０２４年３月１日（金））の記録") == DayMatch(dt.date(2024, 3, 1), 4, 16)
    assert find_day("8th April 2024 101st meeting") == DayMatch(dt.date(2024, 4, 8), 0, 14)
    text = "from 2024-03-01 to March 8th, 2024 (Friday)."
    assert [text[one.start : one.end] for one in find_days(text)] == ["2024-03-01", "March 8th, 2024 (Friday)"]


@pytest.mark.parametrize("text", ["12 beans 2024", "room 20249999", "1812-03-01", "10 May 24 people", "May 2024"])
def test_numbers_beside_words_are_no_day(text: str) -> None:
    assert find_day(text) is None


@pytest.mark.parametrize(
    ("text", "end"),
    [
        *(("March 6", 7), ("Friday 6 March: beans", 14), ("Fri, Mar 6th", 12), ("6. März", 7), ("6 de marzo", 10)),
        *(("3月6日（金）豆", 7), ("03-06 beans", 5), ("3/6", 3), ("3월 6일", 5)),
    ],
)
def test_a_day_whose_year_stands_elsewhere_is_read_at_the_beginning_of_a_text(text: str, end: int) -> None:
    assert day_in_year(text, 2031) == DayMatch(dt.date(2031, 3, 6), 0, end)


@pytest.mark.parametrize("text", ["Beans 6", "6 beans", "Version 3-6-1", "3/6/1", "13-45", "beans on March 6", "6"])
def test_other_words_and_numbers_are_no_day_of_a_year(text: str) -> None:
    assert day_in_year(text, 2031) is None
